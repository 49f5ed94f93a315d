/**
 * A process that proves: `node run-prover.ts JOB` with a ProverJob in JSON; the outcome goes to standard output. Sheaf runs from dist/, as it is
 * published. Started by prove.ts.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { ProverJob, ProverOutcome, Sample } from './contest.ts';

interface Proof {
  readonly proof: object;
  readonly publicSignals: string[];
}

interface SheafOptions {
  readonly backend: string;
}

interface Groth16 {
  prove(zkey: unknown, wtns: string, logger?: undefined, options?: SheafOptions): Promise<Proof>;
  fullProve(
    inputs: object,
    wasm: unknown,
    zkey: unknown,
    logger?: undefined,
    witnessOptions?: object,
    options?: SheafOptions,
  ): Promise<Proof>;
  verify(key: object, publicSignals: string[], proof: object): Promise<boolean>;
}

interface Sheaf {
  readonly groth16: Groth16;
  loadProvingKey(zkey: string, options: SheafOptions): Promise<unknown>;
  loadWitnessGenerator(wasm: string): Promise<unknown>;
}

/** A prover, loaded. */
interface Calls {
  readonly groth16: Groth16;
  cold(): Promise<Proof>;
  warm(): Promise<() => Promise<Proof>>;
}

const require = createRequire(import.meta.url);

async function timed<T>(action: () => Promise<T>): Promise<[T, Sample]> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = await action();
  const { user, system } = process.cpuUsage(cpu);
  return [result, { ms: performance.now() - start, cpuMs: (user + system) / 1000 }];
}

/** snarkjs keeps nothing between calls but its threads. */
function snarkjsCalls({ zkey, wtns, wasm, inputs }: ProverJob): Calls {
  const { groth16 } = require('snarkjs') as { groth16: Groth16 };
  const call = (): Promise<Proof> =>
    wtns === undefined ? groth16.fullProve(inputs ?? {}, wasm, zkey) : groth16.prove(zkey, wtns);
  return { groth16, cold: call, warm: async () => call };
}

async function sheafCalls({ prover: backend, zkey, wtns, wasm, inputs }: ProverJob): Promise<Calls> {
  const options = { backend };
  const { groth16, loadProvingKey, loadWitnessGenerator } = (await import(
    new URL('../../../dist/index.js', import.meta.url).href
  )) as Sheaf;
  return {
    groth16,
    cold: () =>
      wtns === undefined
        ? groth16.fullProve(inputs ?? {}, wasm, zkey, undefined, {}, options)
        : groth16.prove(zkey, wtns, undefined, options),
    warm: async () => {
      const key = await loadProvingKey(zkey, options);
      if (wtns !== undefined) return () => groth16.prove(key, wtns);
      const generator = await loadWitnessGenerator(wasm as string);
      return () => groth16.fullProve(inputs ?? {}, generator, key);
    },
  };
}

async function main(job: ProverJob): Promise<ProverOutcome> {
  const [{ groth16, warm, first }, coldSample] = await timed(async () => {
    const calls = job.prover === 'snarkjs' ? snarkjsCalls(job) : await sheafCalls(job);
    return { ...calls, first: await calls.cold() };
  });
  const proofs = [first];
  const samples: Sample[] = [];
  if (job.warmRuns > 0) {
    const call = await warm();
    // Once untimed: code is compiled then.
    proofs.push(await call());
    for (let i = 0; i < job.warmRuns; i++) {
      const [proof, sample] = await timed(call);
      proofs.push(proof);
      samples.push(sample);
    }
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const key = JSON.parse(readFileSync(job.verificationKey, 'utf8')) as object;
  let valid = true;
  for (const { proof, publicSignals } of proofs) valid &&= await groth16.verify(key, publicSignals, proof);
  return { cold: coldSample, warm: samples, peakBytes, threads: availableParallelism(), valid };
}

const outcome = await main(JSON.parse(process.argv[2] as string) as ProverJob);
// snarkjs leaves worker threads behind, so the end has to be said.
process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
