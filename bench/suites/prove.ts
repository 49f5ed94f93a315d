/**
 * Suite `prove`: Groth16 proofs beside snarkjs, each prover in processes of its own, which take turns. Cold is from the import of
 * the package to the first proof of a process, from files; warm are later calls, with the key loaded where the prover can keep it.
 * Sheaf verifies every proof within its time.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AbortedError, GpuUnavailableError, throwIfAborted } from '../../src/errors.ts';
import { nodeGpu } from '../../src/node/index.ts';
import { describeGpu } from '../lib/gpu-environment.ts';
import { median, pairedRatio, quartiles } from '../lib/quantiles.ts';
import type { Adapter, Row } from '../lib/report.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';
import { type CircuitFiles, SEMAPHORE_SIZE, semaphoreFiles, syntheticFiles } from './prove/circuits.ts';
import type { Prover, ProverJob, ProverOutcome, Sample } from './prove/contest.ts';

const RUN = fileURLToPath(new URL('prove/run-prover.ts', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const SIZES = [2 ** 14, 2 ** 16, 2 ** 18];
const GPU_SIZES = [2 ** 14, 2 ** 17, 2 ** 20];
const QUICK_SIZES = [2 ** 10];
const OPERATIONS = ['prove-dense', 'prove-sparse', 'semaphore-20'] as const;

type OperationName = (typeof OPERATIONS)[number];

/** Processes of each prover and warm proofs of a process: few where each takes long. */
function turnsOf(size: number, quick: boolean): { rounds: number; warmRuns: number } {
  if (quick) return { rounds: 1, warmRuns: 1 };
  if (size >= 2 ** 20) return { rounds: 1, warmRuns: 3 };
  if (size >= 2 ** 18) return { rounds: 2, warmRuns: 2 };
  return size >= 2 ** 16 ? { rounds: 3, warmRuns: 3 } : { rounds: 5, warmRuns: 5 };
}

/** The GPU that proves too: the machine's own, or a software adapter where SHEAF_GPU asks for it. */
async function findGpu(): Promise<Adapter | undefined> {
  try {
    const adapter = await (await nodeGpu()).requestAdapter();
    if (!adapter) return undefined;
    const found = describeGpu(adapter.info);
    return found.isSoftware && process.env.SHEAF_GPU !== 'software' ? undefined : found;
  } catch (error) {
    if (error instanceof GpuUnavailableError) return undefined;
    throw error;
  }
}

async function runProver(job: ProverJob, signal: AbortSignal): Promise<ProverOutcome> {
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, JSON.stringify(job)], {
    signal,
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout) as ProverOutcome;
}

/** Rows of one prover; `peer` is what the other one did. */
function rowsOf(
  op: OperationName,
  n: number,
  prover: Prover,
  own: readonly ProverOutcome[],
  peer: readonly ProverOutcome[] | undefined,
): Row[] {
  const ms = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.ms);
  const row = (warm: boolean, pick: (outcome: ProverOutcome) => readonly Sample[]): Row => {
    const samples = own.flatMap(pick);
    return {
      suite: 'prove',
      op,
      curve: 'bn254',
      n,
      backend: prover,
      threads: own[0]?.threads ?? 1,
      warm,
      ...quartiles(ms(samples)),
      ...(peer ? { ratio: pairedRatio(ms(peer.flatMap(pick)), ms(samples)) } : {}),
      cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
      peakBytes: median(own.map(({ peakBytes }) => peakBytes)),
      checked: true,
    };
  };
  return [row(false, ({ cold }) => [cold]), row(true, ({ warm }) => warm)];
}

async function contest(
  op: OperationName,
  n: number,
  files: CircuitFiles,
  provers: readonly Prover[],
  { quick, signal, onStep }: SuiteOptions,
): Promise<Row[]> {
  const { rounds, warmRuns } = turnsOf(n, quick);
  const outcomes: Record<Prover, ProverOutcome[]> = { wasm: [], webgpu: [], snarkjs: [] };
  for (let round = 0; round < rounds; round++) {
    for (const prover of provers) {
      throwIfAborted(signal);
      onStep(round, rounds, `${op} n=${n}: ${prover}`);
      const outcome = await runProver({ prover, ...files, warmRuns }, signal);
      if (!outcome.valid) throw new Error(`${prover} ${op} n=${n}: a proof does not verify; nothing counts.`);
      outcomes[prover].push(outcome);
    }
  }
  return provers.flatMap((prover) =>
    rowsOf(op, n, prover, outcomes[prover], prover === 'snarkjs' ? undefined : outcomes.snarkjs),
  );
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const { quick, only = OPERATIONS, sizes, signal, onStep } = options;
  const rows: Row[] = [];
  let adapter: Adapter | undefined;
  const notes = [
    'ratio: times as long as ours that snarkjs takes with its own threads (median over paired rounds).',
    'cold: from the import of the package to the first proof of a process, from files. warm: key loaded before, where the prover can. Ours are verified within the time.',
  ];
  try {
    onStep(0, 1, 'building the package');
    await promisify(execFile)('npm', ['run', 'build'], { cwd: REPOSITORY, signal });
    adapter = await findGpu();
    const provers: readonly Prover[] = adapter ? ['wasm', 'webgpu', 'snarkjs'] : ['wasm', 'snarkjs'];
    for (const kind of ['dense', 'sparse'] as const) {
      const op = `prove-${kind}` as const;
      if (!only.includes(op)) continue;
      for (const n of sizes ?? (quick ? QUICK_SIZES : adapter ? GPU_SIZES : SIZES)) {
        onStep(0, 1, `${op} n=${n}: making the circuit`);
        rows.push(...(await contest(op, n, await syntheticFiles(kind, n, signal), provers, options)));
      }
    }
    const semaphore = semaphoreFiles();
    if (only.includes('semaphore-20')) {
      if (semaphore)
        rows.push(...(await contest('semaphore-20', SEMAPHORE_SIZE, semaphore, provers, options)));
      else notes.push('semaphore-20: its files are missing (SEMAPHORE vectors); left out.');
    }
    return { rows, notes, adapter };
  } catch (error) {
    if (signal.aborted && (error instanceof AbortedError || (error as Error).name === 'AbortError')) {
      return { rows, notes, interrupted: true, adapter };
    }
    throw error;
  }
}

/** Groth16 proving. */
export const proveSuite: Suite = {
  name: 'prove',
  description: 'Groth16 proofs from key and witness, cold and warm, beside snarkjs: wall, CPU, memory',
  packages: ['snarkjs', 'ffjavascript'],
  operations: OPERATIONS,
  gpu: 'optional',
  run,
};
