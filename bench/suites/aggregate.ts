/**
 * Suite `aggregate`: folding n proofs under three keys and verifying the composite, whole and per stage, beside batch
 * verification and one-by-one verification by snarkjs of the same proofs.
 */

import { snarkjs } from '../../examples/lib/snarkjs.ts';
import { publicInputSum, readInputs } from '../../src/groth16/public-input-sums.ts';
import {
  aggregate,
  type BatchMember,
  BN254,
  createBackend,
  createDevSrs,
  verify,
  verifyBatch,
} from '../../src/index.ts';
import { type Case, measure } from '../lib/measure.ts';
import { randomBatch } from '../lib/random-batch.ts';
import type { Row } from '../lib/report.ts';
import { stageTimer } from '../lib/stage-timer.ts';
import type { Suite, SuiteOptions } from '../lib/suite.ts';
import { toSnarkjs } from '../lib/to-snarkjs.ts';

const KEYS = 3;
const INPUTS = 4;
const SNARKJS_SAMPLE = 8;

/** Weights of full size, as the powers of r are. */
function fullWeights(members: readonly BatchMember[]): bigint[] {
  return members.map((_, i) => BN254.order - BigInt(i) - 1n);
}

async function sumPublicInputs(
  backend: Awaited<ReturnType<typeof createBackend>>,
  members: readonly BatchMember[],
): Promise<void> {
  for (const key of new Set(members.map((member) => member.key))) {
    const own = members.filter((member) => member.key === key);
    await publicInputSum(
      backend,
      key,
      own.map(({ inputs }) => readInputs(inputs)),
      fullWeights(own),
    );
  }
}

/** Per-stage rows: medians of each backend method's share, from runs of their own. */
async function stageRows(
  prefix: string,
  n: number,
  rounds: number,
  timer: ReturnType<typeof stageTimer>,
  run: () => Promise<unknown>,
): Promise<Row[]> {
  const samples = new Map<string, number[]>();
  timer.take();
  for (let i = 0; i < rounds; i++) {
    await run();
    for (const [stage, ms] of timer.take()) samples.set(stage, [...(samples.get(stage) ?? []), ms]);
  }
  return [...samples].map(([stage, values]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (q: number): number => sorted[Math.round((sorted.length - 1) * q)] ?? Number.NaN;
    return {
      suite: 'aggregate',
      op: `${prefix}: ${stage}`,
      curve: BN254.name,
      n,
      backend: timer.backend.name,
      threads: timer.backend.threads,
      warm: true,
      medianMs: at(0.5),
      p25Ms: at(0.25),
      p75Ms: at(0.75),
      checked: true,
    };
  });
}

async function run({
  quick,
  sizes: wanted,
  onStep,
}: SuiteOptions): Promise<{ rows: Row[]; notes: string[] }> {
  const sizes = wanted ?? (quick ? [4, 8] : [8, 64, 128]);
  const rounds = quick ? 2 : 5;
  const backend = await createBackend(BN254);
  const timer = stageTimer(backend);
  const srs = await createDevSrs(backend, 2 ** Math.ceil(Math.log2(Math.max(...sizes))));
  const cases: Case[] = [];
  const stages: Row[] = [];
  const common = { curve: BN254.name, backend: backend.name, threads: backend.threads };
  for (const n of sizes) {
    const members = randomBatch(BN254, { keys: Math.min(KEYS, n), inputs: INPUTS, proofs: n });
    const keys = members.map((member) => member.key);
    const { bytes, composite } = await aggregate(members, { srs, backend });
    const isValid = async (): Promise<boolean> => (await verify(bytes, { keys, srs, backend })) !== false;
    const sample = members.slice(0, SNARKJS_SAMPLE).map(toSnarkjs);
    cases.push(
      {
        ...common,
        op: 'fold',
        n,
        bytes: composite.proof.length,
        check: isValid,
        run: async () => {
          await aggregate(members, { srs, backend });
        },
      },
      {
        ...common,
        op: 'verify',
        n,
        check: isValid,
        run: async () => {
          await verify(bytes, { keys, srs, backend });
        },
      },
      {
        ...common,
        op: 'verify: public-input sums',
        n,
        check: async () => true,
        run: async () => {
          await sumPublicInputs(backend, members);
        },
      },
      {
        ...common,
        op: 'verify-batch',
        n,
        check: () => verifyBatch(members, { backend }),
        run: async () => {
          await verifyBatch(members, { backend });
        },
      },
      {
        ...common,
        op: 'verify one by one',
        n,
        backend: 'snarkjs',
        check: async () => {
          for (const { key, inputs, proof } of sample)
            if (!(await snarkjs.groth16.verify(key, inputs, proof))) return false;
          return true;
        },
        run: async () => {
          const start = performance.now();
          for (const { key, inputs, proof } of sample) await snarkjs.groth16.verify(key, inputs, proof);
          return ((performance.now() - start) / sample.length) * n;
        },
      },
    );
    stages.push(
      ...(await stageRows('fold', n, quick ? 1 : 3, timer, () =>
        aggregate(members, { srs, backend: timer.backend }),
      )),
      ...(await stageRows('verify', n, rounds, timer, () =>
        verify(bytes, { keys, srs, backend: timer.backend }),
      )),
    );
  }
  const rows = await measure(cases, { suite: 'aggregate', rounds, onStep });
  const notes = [
    `snarkjs verifies ${SNARKJS_SAMPLE} of the n proofs one by one; its row is scaled to n.`,
    ...growth(rows),
  ];
  return { rows: [...rows, ...stages], notes };
}

/** How the verifier's time outside public-input sums grows from each size to the next. */
function growth(rows: readonly Row[]): string[] {
  const outside = rows
    .filter((row) => row.op === 'verify')
    .map((row) => {
      const sums = rows.find((other) => other.op === 'verify: public-input sums' && other.n === row.n);
      return { n: row.n, ms: row.medianMs - (sums?.medianMs ?? 0) };
    })
    .sort((a, b) => a.n - b.n);
  return outside.slice(1).map(({ n, ms }, i) => {
    const before = outside[i] as (typeof outside)[number];
    return `verify outside public-input sums, n = ${before.n} → ${n}: ${before.ms.toFixed(1)} → ${ms.toFixed(1)} ms, ×${(ms / before.ms).toFixed(3)}`;
  });
}

/** Fold, verify, per stage, and peers. */
export const aggregateSuite: Suite = {
  name: 'aggregate',
  description: 'fold n proofs into a composite and verify it, whole and per stage',
  packages: ['@noble/curves', 'snarkjs'],
  run,
};
