/** How a multi-scalar multiplication is cut into tasks: pure arithmetic on sizes, no memory, no kernels. */

import { windowCount } from '../wasm/curve/scalar-split.ts';

/** What a plan depends on. */
export interface MsmShape {
  /** Points. */
  readonly count: number;
  /** Parts that each scalar is split into, and the largest size of a part, either sign. */
  readonly dimensions: 1 | 2;
  readonly partBound: bigint;
  /** Tasks wanted at the same time: threads. */
  readonly threads: number;
  /** Operands of one batch-affine addition. */
  readonly batch: number;
  /** Bytes of a packed affine point and of a pair of projective ones. */
  readonly pointBytes: number;
  readonly projectiveBytes: number;
}

/** A part of the work: some windows of some points. */
export interface MsmTask {
  readonly firstPoint: number;
  readonly pointCount: number;
  readonly firstWindow: number;
  readonly windowCount: number;
}

/** The cut. */
export interface MsmPlan {
  readonly windowBits: number;
  readonly windows: number;
  /** Tasks by chunk of points, then by window. */
  readonly tasks: readonly MsmTask[];
  readonly chunks: number;
  /** Bytes of working memory that the largest task needs beside its inputs and the batch scratch. */
  readonly taskBytes: number;
  /** Products that the plan costs by {@link msmCost}. */
  readonly cost: number;
}

/** Up to this many points sums by Straus's method are faster; measured, between 14 (G2) and 24 (G1). */
export const STRAUS_LIMIT = 16;

/** Products of one batch-affine addition, with what it moves in memory. */
const ADDITION = 7.4;
/** Products of one step of the bucket reduction: a mixed and a full projective addition, called. */
const REDUCTION_STEP = 27;
/** Products of one digit read twice in sorting. */
const DIGIT = 0.2;
/** Products of one inversion, which all lanes of a batch share. */
const INVERSION = 110;
/** Products of a doubling in Horner's rule, which uses one lane of two. */
const DOUBLING = 16;

/** Products that an MSM costs with windows of `windowBits` bits, over all threads. */
export function msmCost(shape: MsmShape, windowBits: number): number {
  const windows = windowCount(shape.partBound, windowBits);
  const entries = shape.count * shape.dimensions;
  const buckets = 2 ** (windowBits - 1);
  const additions = Math.max(0, entries - buckets);
  // Levels of the pairwise trees, the longest a little deeper than the average.
  const levels = Math.ceil(Math.log2(1 + entries / buckets)) + 2;
  const batches = Math.max(1, (windows * entries) / shape.batch);
  return (
    windows * (additions * ADDITION + entries * DIGIT + buckets * REDUCTION_STEP) +
    batches * levels * INVERSION +
    windows * windowBits * DOUBLING
  );
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

/** Plans an MSM; `windowBits` overrides the cost function. */
export function planMsm(shape: MsmShape, windowBits: number = bestWindowBits(shape)): MsmPlan {
  const windows = windowCount(shape.partBound, windowBits);
  const buckets = 2 ** (windowBits - 1);
  const entries = shape.count * shape.dimensions;
  // Few entries a window: several windows share their batches' inversions, as long as all threads have work.
  const together = Math.max(1, Math.floor((2 * shape.batch) / Math.max(entries, buckets)));
  const groupSize = Math.min(together, Math.ceil(windows / shape.threads));
  const groups = Math.ceil(windows / groupSize);
  // More threads than windows: the points are cut into chunks too, while a chunk still fills its buckets.
  const wanted = Math.ceil(shape.threads / groups);
  const chunks = Math.max(1, Math.min(wanted, Math.floor(entries / (4 * buckets))));
  const chunkSize = Math.ceil(shape.count / chunks);
  const tasks: MsmTask[] = [];
  for (let firstPoint = 0; firstPoint < shape.count; firstPoint += chunkSize) {
    for (let firstWindow = 0; firstWindow < windows; firstWindow += groupSize) {
      tasks.push({
        firstPoint,
        pointCount: Math.min(chunkSize, shape.count - firstPoint),
        firstWindow,
        windowCount: Math.min(groupSize, windows - firstWindow),
      });
    }
  }
  const perWindow =
    4 * chunkSize * shape.dimensions + buckets * (4 + shape.pointBytes) + shape.projectiveBytes;
  return {
    windowBits,
    windows,
    tasks,
    chunks: Math.ceil(shape.count / chunkSize),
    taskBytes: groupSize * perWindow,
    cost: msmCost(shape, windowBits),
  };
}
