/** Proves fresh instances of the example circuits and writes the proofs where Sheaf can read them. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groth16 } from '../src/drop-in/groth16.ts';
import { loadProvingKey, type ProvingKey } from '../src/drop-in/proving-key.ts';
import { InternalError, OptionError, throwIfAborted } from '../src/errors.ts';
import { loadWitnessGenerator, type WitnessGenerator } from '../src/groth16/witness/witness-generator.ts';
import { compiledCircuit, DEFAULT_CACHE, demoKeys } from './lib/artefacts.ts';
import { type ExampleCircuit, oracleMedian, storageProof, vrf } from './lib/circuits.ts';
import { domainSize } from './lib/demo-setup.ts';
import type { Instance } from './lib/instance.ts';

/** How many proofs to make of each circuit; 0 leaves the circuit out. */
export interface ExampleCounts {
  storageProof: number;
  oracleMedian: number;
  vrf: number;
}

/** A step that has just ended. */
export interface ExampleProgress {
  circuit: ExampleCircuit['name'];
  step: 'compile' | 'setup' | 'prove';
  /** Steps of this kind done for this circuit, and how many there are. */
  done: number;
  total: number;
  /** Duration of the step. */
  elapsedMs: number;
}

export interface ProveExamplesOptions {
  /** Folder to write to; each circuit's folder in it is replaced. */
  outDir: string;
  /** Default: four of each. */
  counts?: Partial<ExampleCounts>;
  /** Folder for compiled circuits and keys; by default one under node_modules/.cache. */
  cacheDir?: string;
  onProgress?: (progress: ExampleProgress) => void;
  signal?: AbortSignal;
}

/** What was proven of one circuit, and what it took. */
export interface ExampleSet {
  circuit: ExampleCircuit['name'];
  statement: string;
  /** Holds verification_key.json and proof-000.json …; the proofs are `{ source, public, proof }`. */
  folder: string;
  /** Paths of the proofs, in order. */
  proofs: string[];
  /** Names of the public signals, in the order of `public`. */
  publicNames: string[];
  constraints: number;
  domainSize: number;
  compileMs: number;
  setupMs: number;
  /** Per proof, in order. */
  witnessMs: number[];
  proveMs: number[];
}

const DEFAULT_COUNTS: ExampleCounts = { storageProof: 4, oracleMedian: 4, vrf: 4 };
const CIRCUITS: Readonly<Record<keyof ExampleCounts, ExampleCircuit>> = { storageProof, oracleMedian, vrf };
const SOURCE = {
  project: 'sheaf',
  setup: 'single-party demo setup, not for production',
} as const;

/**
 * Compiles each circuit, makes demo keys, proves fresh random instances, which verifies each proof, and
 * writes `outDir/<circuit>/verification_key.json` and `outDir/<circuit>/proof-000.json` …. Compiled circuits
 * and keys are cached.
 *
 * Throws `OptionError` for a count that is not a whole number from 0 to 256, `AbortedError` when the signal
 * fires.
 */
export async function proveExamples(options: ProveExamplesOptions): Promise<ExampleSet[]> {
  const counts = { ...DEFAULT_COUNTS, ...options.counts };
  const sets: ExampleSet[] = [];
  for (const key of Object.keys(CIRCUITS) as (keyof ExampleCounts)[]) {
    const count = counts[key];
    if (!Number.isInteger(count) || count < 0 || count > 256) {
      throw new OptionError(`counts.${key}: expected a whole number from 0 to 256, got ${count}.`, {
        field: key,
      });
    }
    if (count > 0) sets.push(await proveCircuit(CIRCUITS[key], count, options));
  }
  return sets;
}

async function proveCircuit(
  circuit: ExampleCircuit,
  count: number,
  { outDir, cacheDir = DEFAULT_CACHE, onProgress, signal }: ProveExamplesOptions,
): Promise<ExampleSet> {
  const timed = async <T>(
    step: ExampleProgress['step'],
    index: number,
    total: number,
    action: () => Promise<T>,
  ): Promise<[T, number]> => {
    throwIfAborted(signal);
    const start = performance.now();
    const result = await action();
    const elapsedMs = performance.now() - start;
    onProgress?.({ circuit: circuit.name, step, done: index + 1, total, elapsedMs });
    return [result, elapsedMs];
  };

  const [compiled, compileMs] = await timed('compile', 0, 1, () =>
    compiledCircuit(circuit, cacheDir, signal),
  );
  const [keys, setupMs] = await timed('setup', 0, 1, () => demoKeys(circuit, compiled, cacheDir, signal));

  const folder = join(outDir, circuit.name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'verification_key.json'),
    `${JSON.stringify(keys.verificationKey, null, 1)}\n`,
  );

  const instances = circuit.instances(count);
  const generator = await loadWitnessGenerator(compiled.wasm, { signal });
  const provingKey = await loadProvingKey(keys.zkey, { signal });
  const set: ExampleSet = {
    circuit: circuit.name,
    statement: circuit.statement,
    folder,
    proofs: [],
    publicNames: Object.keys(instances[0]?.publicSignals ?? {}),
    constraints: compiled.r1cs.constraints.length,
    domainSize: domainSize(compiled.r1cs),
    compileMs,
    setupMs,
    witnessMs: [],
    proveMs: [],
  };
  try {
    for (const [index, instance] of instances.entries()) {
      const [{ file, witnessMs, proveMs }] = await timed('prove', index, count, () =>
        proveInstance(circuit, instance, generator, provingKey, signal),
      );
      const path = join(folder, `proof-${String(index).padStart(3, '0')}.json`);
      await writeFile(path, `${JSON.stringify(file, null, 1)}\n`);
      set.proofs.push(path);
      set.witnessMs.push(witnessMs);
      set.proveMs.push(proveMs);
    }
  } finally {
    provingKey.dispose();
    await generator.dispose();
  }
  return set;
}

async function proveInstance(
  circuit: ExampleCircuit,
  { inputs, publicSignals: expected }: Instance,
  generator: WitnessGenerator,
  provingKey: ProvingKey,
  signal: AbortSignal | undefined,
): Promise<{ file: object; witnessMs: number; proveMs: number }> {
  const start = performance.now();
  let witnessed = start;
  // Verifies the proof before it returns it.
  const { proof, publicSignals } = await groth16.fullProve(
    inputs,
    generator,
    provingKey,
    undefined,
    undefined,
    {
      signal,
      onProgress: ({ phase }) => {
        if (phase === 'witness') witnessed = performance.now();
      },
    },
  );
  const proven = performance.now();

  const statement = Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, String(value)]),
  );
  if (Object.values(statement).join() !== publicSignals.join()) {
    throw new InternalError(
      `${circuit.name}: expected public signals ${JSON.stringify(statement)}, got ${publicSignals}.`,
    );
  }
  const source = { ...SOURCE, circuit: circuit.name, claim: circuit.statement, statement };
  return {
    file: { source, public: publicSignals, proof },
    witnessMs: witnessed - start,
    proveMs: proven - witnessed,
  };
}
