/**
 * Suite `msm`: multi-scalar multiplication in G1 on every backend that runs here, beside ffjavascript, over doubling sizes. A
 * backend is measured up to the size at which a single call takes {@link LIMIT_MS}, and at most some calls longer than that at any
 * size, so that all of them are done within minutes. The GPU of `webgpu` is the machine's own, or with
 * SHEAF_GPU=software the software adapter of the tests.
 */

import type { Backend } from '../../src/backend/backend.ts';
import { AVAILABLE_BACKENDS, createBackend } from '../../src/backend/create-backend.ts';
import type { GpujsBackend } from '../../src/backend/gpujs/gpujs-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { nodeGpu } from '../../src/node/index.ts';
import { msmFigure, SOFTWARE_WEBGPU } from '../figures/msm.ts';
import { describeGpu } from '../lib/gpu-environment.ts';
import { type Case, STEADY, STEADY_NOTE } from '../lib/measure.ts';
import { measureOperations, type Operation } from '../lib/operation.ts';
import { randomMsm } from '../lib/random-points.ts';
import type { Adapter } from '../lib/report.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';
import { ffjavascriptCurve } from '../peers/ffjavascript.ts';
import { ffjavascriptMsm, ownMsm } from './cpu/msm.ts';

/** A size whose call takes longer than this is the last of its backend; once a size has been timed for as long, it has been timed enough. */
const LIMIT_MS = 5000;
const BUDGET_MS = 3000;
const WARM_UP_MS = 300;

/** 2^from, 2^(from + 1), … 2^to. */
function doubling(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));
}

/** Backends that start here, and what the others said. */
async function startBackends(): Promise<{ backends: Backend[]; notes: string[] }> {
  const backends: Backend[] = [];
  const notes: string[] = [];
  for (const name of AVAILABLE_BACKENDS) {
    try {
      backends.push(await createBackend(BN254, name));
    } catch (error) {
      notes.push(`${name} does not run here: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { backends, notes };
}

/** What a backend is called in rows: with what runs it where that is not what its name says. */
function labelOf(backend: Backend, adapter: Adapter | undefined): string {
  if (backend.name === 'webgpu' && adapter?.isSoftware) return SOFTWARE_WEBGPU;
  const { mode, isSoftware } = backend as Partial<GpujsBackend>;
  return isSoftware ? `${backend.name} (${mode})` : backend.name;
}

/** Remembers the longest call of a case's backend. Checks do not count: the first one compiles a GPU's kernels. */
function watched(item: Case, longest: Map<string, { ms: number; n: number }>): Case {
  return {
    ...item,
    run: async () => {
      const start = performance.now();
      const result = await item.run();
      const ms = performance.now() - start;
      if (ms > (longest.get(item.backend)?.ms ?? 0)) longest.set(item.backend, { ms, n: item.n });
      return result;
    },
  };
}

/** The GPU, where one of the backends is on it. */
async function adapterOf(backends: readonly Backend[]): Promise<Adapter | undefined> {
  if (!backends.some(({ name }) => name === 'webgpu')) return undefined;
  const adapter = await (await nodeGpu()).requestAdapter({ powerPreference: 'high-performance' });
  return adapter ? describeGpu(adapter.info) : undefined;
}

async function run({ quick, sizes, signal, onStep }: SuiteOptions): Promise<SuiteResult> {
  const { backends, notes } = await startBackends();
  const adapter = await adapterOf(backends);
  const peer = await ffjavascriptCurve('bn254', false);
  const longest = new Map<string, { ms: number; n: number }>();
  const operation: Operation = {
    name: 'msm-g1',
    sizes: [...(sizes ?? (quick ? doubling(8, 10) : doubling(8, 18)))].sort((a, b) => a - b),
    prepare: async (stop) => {
      const maker = backends.find(({ name }) => name === 'wasm') ?? (backends[0] as Backend);
      const input = await randomMsm(maker, 'g1', Math.max(...operation.sizes), stop);
      const ours = await Promise.all(
        backends.map((backend) =>
          ownMsm(backend, input, { backend: labelOf(backend, adapter), against: 'ffjavascript' }),
        ),
      );
      const theirs = await ffjavascriptMsm(peer, input);
      return {
        cases: (n) =>
          [...ours.map((msm) => msm.plain(n)), theirs(n)]
            .filter(({ backend }) => (longest.get(backend)?.ms ?? 0) <= LIMIT_MS)
            .map((item) => watched(item, longest)),
        release: () => {
          for (const msm of ours) msm.release();
        },
      };
    },
  };
  try {
    const { rows, interrupted } = await measureOperations([operation], {
      suite: 'msm',
      rounds: quick ? 2 : 5,
      budgetMs: quick ? 0 : BUDGET_MS,
      caseBudgetMs: LIMIT_MS,
      warmUpMs: quick ? 0 : WARM_UP_MS,
      ...(quick ? {} : STEADY),
      signal,
      onStep,
    });
    for (const [name, { ms, n }] of longest) {
      if (ms > LIMIT_MS)
        notes.push(
          `${name} was measured up to n = ${n}, where a call takes ${(ms / 1000).toFixed(1)} s: once or twice there.`,
        );
    }
    if (adapter?.isSoftware)
      notes.push(`${SOFTWARE_WEBGPU}: proves correctness, says nothing of GPUs' speed.`);
    if (!quick) notes.push(STEADY_NOTE);
    notes.push(
      'ratio: times as long as ours that ffjavascript takes, with as many threads (median over paired rounds).',
    );
    return { rows, notes, interrupted, adapter };
  } finally {
    await Promise.all([...backends.map((backend) => backend.dispose()), peer.terminate()]);
  }
}

/** Multi-scalar multiplication on every backend. */
export const msmSuite: Suite = {
  name: 'msm',
  description: 'multi-scalar multiplication in G1 on every backend, time against size',
  packages: ['@noble/curves', 'ffjavascript'],
  gpu: 'optional',
  figure: msmFigure,
  run,
};
