/**
 * Suite `gpu`: the WebGPU backend on BN254, warm and cold, beside the CPU backend up to sizes that it does in a second or two. Every
 * result is checked against the CPU before it is timed. In Node the GPU comes from the package `webgpu`.
 */

import { gpuVerdicts } from '../gpu-targets.ts';
import { measureOperations, type Operation } from '../lib/operation.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';
import { fieldMulOperation } from './gpu/field-mul.ts';
import { foldOperation } from './gpu/fold.ts';
import { millerOperation } from './gpu/miller.ts';
import { msmOperation } from './gpu/msm.ts';
import { nttOperation } from './gpu/ntt.ts';
import { packedMsmOperation } from './gpu/packed-msm.ts';
import { pipelinesOperation } from './gpu/pipelines.ts';
import { Hall } from './gpu/stage.ts';

/** Time for the rounds of one operation at one size, and for those of one case. */
const BUDGET_MS = 2000;
const CASE_BUDGET_MS = 2000;
const WARM_UP_MS = 200;

/** 2^k for each k. */
const powersOfTwo = (...exponents: readonly number[]): number[] => exponents.map((k) => 2 ** k);

/** An operation of the suite and the sizes it is measured at, unless others are asked for. */
interface Entry {
  readonly sizes: readonly number[];
  /** Fit for software adapters. */
  readonly quick: readonly number[];
  create(sizes: readonly number[], hall: Hall): Operation;
}

/** Operations by name, in the order of the report. */
const OPERATIONS: Readonly<Record<string, Entry>> = {
  pipelines: { sizes: [], quick: [], create: (_, hall) => pipelinesOperation(hall) },
  'field-mul': { sizes: [2 ** 28], quick: [2 ** 12], create: fieldMulOperation },
  'msm-g1': {
    sizes: powersOfTwo(16, 18, 20, 22, 24),
    quick: powersOfTwo(6, 8),
    create: (sizes, hall) => msmOperation('g1', sizes, hall),
  },
  'msm-g2': {
    sizes: powersOfTwo(16, 18, 20),
    quick: powersOfTwo(6),
    create: (sizes, hall) => msmOperation('g2', sizes, hall),
  },
  'msm-packed': { sizes: [2 ** 10], quick: [2 ** 4], create: packedMsmOperation },
  ntt: { sizes: powersOfTwo(16, 18, 20, 22, 24), quick: powersOfTwo(8, 10), create: nttOperation },
  'fold-g1': {
    sizes: powersOfTwo(14, 16, 18),
    quick: powersOfTwo(5),
    create: (sizes, hall) => foldOperation('g1', sizes, hall),
  },
  'fold-g2': {
    sizes: powersOfTwo(14, 16),
    quick: powersOfTwo(5),
    create: (sizes, hall) => foldOperation('g2', sizes, hall),
  },
  'miller-loop': { sizes: powersOfTwo(10, 14, 16), quick: powersOfTwo(3), create: millerOperation },
};

/** What is measured, with its sizes. A quick run compiles each kernel once, and so leaves `pipelines` out unless it is asked for. */
export function planOf({ quick, only, sizes }: Pick<SuiteOptions, 'quick' | 'only' | 'sizes'>): {
  readonly name: string;
  readonly sizes: readonly number[];
}[] {
  return Object.entries(OPERATIONS)
    .filter(([name]) => only?.includes(name) ?? !(quick && name === 'pipelines'))
    .map(([name, entry]) => ({ name, sizes: sizes ?? (quick ? entry.quick : entry.sizes) }));
}

function operations(options: SuiteOptions, hall: Hall): Operation[] {
  return planOf(options).map(({ name, sizes }) => (OPERATIONS[name] as Entry).create(sizes, hall));
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const { quick, signal, onStep } = options;
  const hall = await Hall.open(quick);
  try {
    const { rows, interrupted } = await measureOperations(operations(options, hall), {
      suite: 'gpu',
      rounds: quick ? 2 : 5,
      budgetMs: quick ? 0 : BUDGET_MS,
      caseBudgetMs: CASE_BUDGET_MS,
      warmUpMs: quick ? 0 : WARM_UP_MS,
      signal,
      onStep,
    });
    const notes = [
      'warm no: first calls, with compilation of what no operation before has compiled on the device; each operation has its own, in quick runs all share one.',
      'upload: points and scalars from host memory to device form; the points are checked and converted.',
      'field-mul: n products. msm-packed: n points a sum; ratio: times as long that the same sums take one by one.',
      '',
      ...gpuVerdicts(rows, hall.adapter),
    ];
    return { rows, notes, interrupted, adapter: hall.adapter };
  } finally {
    await hall.dispose();
  }
}

/** The WebGPU backend. */
export const gpuSuite: Suite = {
  name: 'gpu',
  description: 'the WebGPU backend: field products, sums of points, transforms, folds, Miller loops',
  packages: ['@noble/curves', 'webgpu'],
  operations: Object.keys(OPERATIONS),
  gpu: 'needed',
  run,
};
