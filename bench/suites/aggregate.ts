/**
 * Suite `aggregate`: folding n proofs under three keys and verifying the composite, whole and per stage, on all threads and on one,
 * beside the intake of the proofs, their batch verification and their one-by-one verification by snarkjs.
 */

import { snarkjs } from '../../examples/lib/snarkjs.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { throwIfAborted } from '../../src/errors.ts';
import { joinBytes } from '../../src/field/bytes.ts';
import { publicInputSum, readInputs } from '../../src/groth16/public-input-sums.ts';
import {
  aggregate,
  type Backend,
  type BatchMember,
  BN254,
  createBackend,
  createDevSrs,
  readBatch,
  type Srs,
  verify,
  verifyBatch,
} from '../../src/index.ts';
import { aggregateFigure } from '../figures/aggregate.ts';
import { type Case, measure, STEADY, STEADY_NOTE } from '../lib/measure.ts';
import { quartiles } from '../lib/quantiles.ts';
import { randomBatch } from '../lib/random-batch.ts';
import type { Row } from '../lib/report.ts';
import { stageTimer } from '../lib/stage-timer.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';
import { toSnarkjs } from '../lib/to-snarkjs.ts';

const KEYS = 3;
const INPUTS = 4;
const SNARKJS_SAMPLE = 8;
/** What each case has before it is timed, its check included: engines optimise what runs often. */
const WARM_UP_MS = 1000;
/** Folding more than this on the reference backend takes minutes. */
const REFERENCE_LIMIT = 128;

/** Weights of full size, as the powers of r are. */
function fullWeights(members: readonly BatchMember[]): bigint[] {
  return members.map((_, i) => BN254.order - BigInt(i) - 1n);
}

async function sumPublicInputs(backend: Backend, members: readonly BatchMember[]): Promise<void> {
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
    return {
      suite: 'aggregate',
      op: `${prefix}: ${stage}`,
      curve: BN254.name,
      n,
      backend: timer.backend.name,
      threads: timer.backend.threads,
      warm: true,
      ...quartiles(values),
      checked: true,
    };
  });
}

/** The cases of one backend and one batch. */
async function backendCases(
  backend: Backend,
  srs: Srs,
  members: readonly BatchMember[],
): Promise<{ cases: Case[]; bytes: Uint8Array }> {
  const n = members.length;
  const keys = members.map((member) => member.key);
  const { bytes, composite } = await aggregate(members, { srs, backend });
  const isValid = async (): Promise<boolean> => (await verify(bytes, { keys, srs, backend })) !== false;
  const common = { curve: BN254.name, n, backend: backend.name, threads: backend.threads };
  const cases: Case[] = [
    {
      ...common,
      op: 'fold',
      bytes: composite.proof.length,
      check: isValid,
      run: async () => {
        await aggregate(members, { srs, backend });
      },
    },
    {
      ...common,
      op: 'verify',
      check: isValid,
      run: async () => {
        await verify(bytes, { keys, srs, backend });
      },
    },
    {
      ...common,
      op: 'verify: public-input sums',
      check: isValid,
      run: async () => {
        await sumPublicInputs(backend, members);
      },
    },
    {
      ...common,
      op: 'verify-batch',
      check: () => verifyBatch(members, { backend }),
      run: async () => {
        await verifyBatch(members, { backend });
      },
    },
    {
      ...common,
      op: 'verify-batch, points checked',
      check: () => verifyWithChecks(backend, members),
      run: async () => {
        await verifyWithChecks(backend, members);
      },
    },
    intakeCase(backend, members),
  ];
  return { cases, bytes };
}

/** Batch verification of proofs whose points nobody has checked yet: curve and subgroup of each, then the batch. */
async function verifyWithChecks(backend: Backend, members: readonly BatchMember[]): Promise<boolean> {
  await backend.checkG1(joinBytes(members.flatMap(({ proof }) => [proof.a, proof.c])));
  await backend.checkG2(joinBytes(members.map(({ proof }) => proof.b)));
  return verifyBatch(members, { backend });
}

/** Reading the same proofs from one JSON file, as snarkjs writes them: parsing and the checks of points, not of proofs. */
function intakeCase(backend: Backend, members: readonly BatchMember[]): Case {
  const list = members.map((member) => {
    const { key, inputs, proof } = toSnarkjs(member);
    return { proof, public: inputs, verificationKey: key };
  });
  const file = { name: 'proofs.json', bytes: new TextEncoder().encode(JSON.stringify(list)) };
  const read = async (): Promise<number> =>
    (await readBatch([file], { trusted: true, backend: () => backend })).members.length;
  return {
    op: 'intake',
    curve: BN254.name,
    n: members.length,
    backend: backend.name,
    threads: backend.threads,
    check: async () => (await read()) === members.length,
    run: async () => {
      await read();
    },
  };
}

/** What concerns a machine with one core: everything but folding. */
function withoutFold(cases: readonly Case[]): Case[] {
  return cases.filter(({ op }) => op !== 'fold');
}

/** snarkjs on the same proofs, one by one; a sample of them, scaled. */
function snarkjsCase(members: readonly BatchMember[]): Case {
  const n = members.length;
  const sample = members.slice(0, SNARKJS_SAMPLE).map(toSnarkjs);
  return {
    curve: BN254.name,
    n,
    backend: 'snarkjs',
    threads: 1,
    op: 'verify one by one',
    check: async () => {
      for (const { key, inputs, proof } of sample) {
        if (!(await snarkjs.groth16.verify(key, inputs, proof))) return false;
      }
      return true;
    },
    run: async () => {
      const start = performance.now();
      for (const { key, inputs, proof } of sample) await snarkjs.groth16.verify(key, inputs, proof);
      return ((performance.now() - start) / sample.length) * n;
    },
  };
}

async function run({ quick, sizes: wanted, signal, onStep }: SuiteOptions): Promise<SuiteResult> {
  const sizes = wanted ?? (quick ? [4, 8] : [2, 8, 32, 64, 128, 1024]);
  const rounds = quick ? 2 : 5;
  const backends = await Promise.all(
    (['wasm', 'reference'] as const).map((name) => createBackend(BN254, name)),
  );
  const [fastest] = backends as [Backend];
  const single = await createWasmBackend(BN254, { threads: 1 });
  const srs = await createDevSrs(fastest, 2 ** Math.ceil(Math.log2(Math.max(...sizes))));
  const cases: Case[] = [];
  const stages: Row[] = [];
  for (const n of sizes) {
    throwIfAborted(signal);
    const members = randomBatch(BN254, { keys: Math.min(KEYS, n), inputs: INPUTS, proofs: n });
    const keys = members.map((member) => member.key);
    for (const backend of backends) {
      if (backend.name === 'reference' && n > REFERENCE_LIMIT) continue;
      const { cases: own, bytes } = await backendCases(backend, srs, members);
      cases.push(...own);
      const timer = stageTimer(backend);
      const timed = { srs, backend: timer.backend };
      const turns = quick || backend.name === 'reference' ? 1 : rounds;
      stages.push(
        ...(await stageRows('fold', n, turns, timer, () => aggregate(members, timed))),
        ...(await stageRows('verify', n, rounds, timer, () => verify(bytes, { ...timed, keys }))),
      );
    }
    cases.push(...withoutFold((await backendCases(single, srs, members)).cases));
    cases.push(snarkjsCase(members));
  }
  const rows = await measure(cases, {
    suite: 'aggregate',
    rounds,
    ...(quick ? {} : { ...STEADY, warmUpMs: WARM_UP_MS }),
    signal,
    onStep,
  });
  const notes = [
    ...(quick ? [] : [STEADY_NOTE]),
    `snarkjs verifies at most ${SNARKJS_SAMPLE} of the n proofs one by one; its row is scaled to n. It takes G2 points without a subgroup check.`,
    ...[...backends, single].flatMap(({ name, threads }) =>
      growth(
        rows.filter((row) => row.backend === name && row.threads === threads),
        `${name}, threads ${threads}`,
      ),
    ),
    ...sizes.flatMap((n) => ratios(rows.filter((row) => row.n === n))),
    `peak resident memory of the whole run: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
  ];
  await Promise.all([...backends, single].map((backend) => backend.dispose()));
  return { rows: [...rows, ...stages], notes };
}

/** What one proof costs beside one `groth16.verify` of snarkjs, in the same run. */
function ratios(rows: readonly Row[]): string[] {
  const peer = rows.find(({ op }) => op === 'verify one by one');
  if (!peer) return [];
  const { n } = peer;
  return rows
    .filter(({ backend }) => backend === 'wasm')
    .filter(({ op }) => ['fold', 'verify', 'verify-batch, points checked', 'intake'].includes(op))
    .map(({ op, threads, medianMs }) => {
      const each = `${(medianMs / n).toFixed(3)} ms a proof`;
      return `wasm, threads ${threads}, n = ${n}: ${op} ${each}, 1/${(peer.medianMs / medianMs).toFixed(1)} of snarkjs`;
    });
}

/** How the verifier's time outside public-input sums grows from each size to the next. */
function growth(rows: readonly Row[], backend: string): string[] {
  const outside = rows
    .filter((row) => row.op === 'verify')
    .map((row) => {
      const sums = rows.find((other) => other.op === 'verify: public-input sums' && other.n === row.n);
      return { n: row.n, ms: row.medianMs - (sums?.medianMs ?? 0) };
    })
    .sort((a, b) => a.n - b.n);
  const last = outside.at(-1);
  if (last && outside.length === 1) {
    return [`${backend}: verify outside public-input sums, n = ${last.n}: ${last.ms.toFixed(1)} ms`];
  }
  return outside.slice(1).map(({ n, ms }, i) => {
    const before = outside[i] as (typeof outside)[number];
    return `${backend}: verify outside public-input sums, n = ${before.n} → ${n}: ${before.ms.toFixed(1)} → ${ms.toFixed(1)} ms, ×${(ms / before.ms).toFixed(3)}`;
  });
}

/** Fold, verify, per stage, and peers. */
export const aggregateSuite: Suite = {
  name: 'aggregate',
  description: 'fold n proofs into a composite and verify it, whole and per stage',
  packages: ['@noble/curves', 'snarkjs'],
  figure: aggregateFigure,
  run,
};
