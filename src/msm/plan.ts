/** How a multi-scalar multiplication is cut into tasks: pure arithmetic on sizes, no memory, no kernels. */

import { windowCount } from '../wasm/curve/scalar-split.ts';

/** What a plan depends on. */
export interface MsmShape {
  /** Points. */
  readonly count: number;
  /** Parts that each scalar is split into, and the largest size of a part, either sign. */
  readonly dimensions: 1 | 2;
  readonly partBound: bigint;
  /** Threads that share the work. */
  readonly threads: number;
  /** Operands of one batch-affine addition. */
  readonly batch: number;
  /** Bytes of a packed affine point. */
  readonly pointBytes: number;
}

/** A part of the work: some windows of some points. */
export interface MsmTask {
  readonly firstPoint: number;
  readonly pointCount: number;
  readonly firstWindow: number;
  readonly windowCount: number;
  /** Place of the first window's result among all results; those of its other windows follow. */
  readonly firstResult: number;
}

/** The cut. */
export interface MsmPlan {
  readonly windowBits: number;
  readonly windows: number;
  /** The largest tasks first. */
  readonly tasks: readonly MsmTask[];
  /** Results of each window, which add up to its sum. They stand window by window. */
  readonly resultsOfWindow: readonly number[];
  /** Bytes of working memory that the largest task needs beside its inputs and the batch scratch. */
  readonly taskBytes: number;
  /** Products that the plan takes one after another on its busiest thread, by the cost function. */
  readonly cost: number;
}

/** Up to this many points sums by Straus's method are faster; measured, between 14 (G2) and 24 (G1). */
export const STRAUS_LIMIT = 16;

/** Products of one batch-affine addition, with what it moves in memory. */
const ADDITION = 7.4;
/** Products of one bucket's step of the reduction: a mixed and a full projective addition, called, in one lane of two. */
const REDUCTION_STEP = 27;
/** Products of one digit read twice in sorting. */
const DIGIT = 0.2;
/** Products of one inversion, which all lanes of a batch share. */
const INVERSION = 110;
/** Products of a doubling in Horner's rule, which uses one lane of two. */
const DOUBLING = 16;

/** Products of `windows` windows of `count` points, batches shared. */
function windowsCost(shape: MsmShape, windowBits: number, windows: number, count: number): number {
  const entries = count * shape.dimensions;
  const buckets = 2 ** (windowBits - 1);
  const additions = Math.max(0, entries - buckets);
  // Levels of the pairwise trees, the longest a little deeper than the average.
  const levels = Math.ceil(Math.log2(1 + entries / buckets)) + 2;
  const batches = Math.max(1, (windows * entries) / shape.batch);
  return (
    windows * (additions * ADDITION + entries * DIGIT + buckets * REDUCTION_STEP) +
    batches * levels * INVERSION
  );
}

/** How windows that the threads cannot share evenly are cut by points: the number of chunks of least cost. */
function bestChunks(shape: MsmShape, windowBits: number, windows: number): { chunks: number; cost: number } {
  let best = { chunks: 1, cost: 0 };
  if (windows === 0) return best;
  for (let chunks = 1; chunks <= Math.min(shape.threads, shape.count); chunks++) {
    const rounds = Math.ceil((windows * chunks) / shape.threads);
    const cost = rounds * windowsCost(shape, windowBits, 1, Math.ceil(shape.count / chunks));
    if (chunks === 1 || cost < best.cost) best = { chunks, cost };
  }
  return best;
}

/** Products that an MSM with windows of `windowBits` bits takes on its busiest thread. */
export function msmCost(shape: MsmShape, windowBits: number): number {
  const windows = windowCount(shape.partBound, windowBits);
  const perThread = Math.floor(windows / shape.threads);
  const { cost } = bestChunks(shape, windowBits, windows % shape.threads);
  const whole = perThread === 0 ? 0 : windowsCost(shape, windowBits, perThread, shape.count);
  return whole + cost + windows * windowBits * DOUBLING;
}

/** Smallest and largest windows considered: two lanes halve the buckets, and a digit is read as 32 bits at any bit. */
const MIN_WINDOW_BITS = 2;
const MAX_WINDOW_BITS = 16;

/** The window size of least cost. */
export function bestWindowBits(shape: MsmShape): number {
  let best = MIN_WINDOW_BITS;
  for (let bits = MIN_WINDOW_BITS + 1; bits <= MAX_WINDOW_BITS; bits++) {
    if (msmCost(shape, bits) < msmCost(shape, best)) best = bits;
  }
  return best;
}

/** Plans an MSM of at least one point; `windowBits` overrides the cost function. */
export function planMsm(shape: MsmShape, windowBits: number = bestWindowBits(shape)): MsmPlan {
  const { count, threads, dimensions } = shape;
  const windows = windowCount(shape.partBound, windowBits);
  const buckets = 2 ** (windowBits - 1);
  // Few entries a window: several windows share their batches' inversions.
  const together = Math.max(1, Math.floor((2 * shape.batch) / Math.max(count * dimensions, buckets)));
  const perThread = Math.floor(windows / threads);
  const shares = threads * Math.ceil(perThread / together);
  const whole = perThread * threads;
  const tasks: MsmTask[] = [];
  for (let i = 0; i < shares; i++) {
    const firstWindow = Math.floor((i * whole) / shares);
    const windowCount = Math.floor(((i + 1) * whole) / shares) - firstWindow;
    tasks.push({ firstPoint: 0, pointCount: count, firstWindow, windowCount, firstResult: firstWindow });
  }
  tasks.sort((a, b) => b.windowCount - a.windowCount);
  // What the threads cannot share window by window is cut by points.
  const chunkSize = Math.ceil(count / bestChunks(shape, windowBits, windows - whole).chunks);
  const chunks = Math.ceil(count / chunkSize);
  for (let window = whole; window < windows; window++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const firstPoint = chunk * chunkSize;
      const pointCount = Math.min(chunkSize, count - firstPoint);
      const firstResult = whole + (window - whole) * chunks + chunk;
      tasks.push({ firstPoint, pointCount, firstWindow: window, windowCount: 1, firstResult });
    }
  }
  return {
    windowBits,
    windows,
    tasks,
    resultsOfWindow: Array.from({ length: windows }, (_, window) => (window < whole ? 1 : chunks)),
    taskBytes: tasks.reduce((most, task) => Math.max(most, taskBytes(shape, windowBits, task)), 0),
    cost: msmCost(shape, windowBits),
  };
}

/** Bytes of the references, bucket ends and buckets of a task. */
function taskBytes(shape: MsmShape, windowBits: number, task: MsmTask): number {
  const references = 4 * task.pointCount * shape.dimensions;
  return task.windowCount * (references + 2 ** (windowBits - 1) * (4 + shape.pointBytes));
}
