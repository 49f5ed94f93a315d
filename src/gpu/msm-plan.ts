/** How an MSM runs on a GPU: window size, passes over windows, slices. Pure arithmetic on sizes. */

import { SCAN_BLOCK } from './kernels/scan.ts';

/** What a plan depends on. */
export interface GpuMsmShape {
  /** Scalars of all jobs together, and jobs. */
  readonly count: number;
  readonly jobs: number;
  /** The largest scalar after the sign is taken off. */
  readonly scalarBound: bigint;
  /** Bytes of a sum in XYZZ coordinates. */
  readonly sumBytes: number;
  /** Largest buffer a kernel sees, in bytes. */
  readonly maxBindingBytes: number;
  /** Products of a sum with an affine point and with a sum. */
  readonly mixedProducts: number;
  readonly fullProducts: number;
}

/** Some windows, whose buckets are in memory together. */
export interface WindowPass {
  readonly firstWindow: number;
  readonly windowCount: number;
}

/** The plan. */
export interface GpuMsmPlan {
  readonly windowBits: number;
  readonly windows: number;
  /** Σ over windows of half a window's size: with it added, a scalar's digits are read without carries. */
  readonly bias: bigint;
  readonly passes: readonly WindowPass[];
  /** Threads among which the entries of a pass are divided evenly. */
  readonly slices: number;
  /** Products that it costs. */
  readonly cost: number;
}

const MIN_WINDOW_BITS = 2;
const MAX_WINDOW_BITS = 20;
/** Slices beyond which more threads do not help: what the largest GPUs have in flight. */
const MAX_SLICES = 2 ** 17;
/** Entries of a slice where there are few. */
const MIN_SLICE = 8;
/** Full sums that a bucket takes in the reduction: two, and a share of the later levels. */
const REDUCTION_SUMS = 2.4;

/** Windows of `bits` bits whose signed digits reach every |s| ≤ bound. */
function signedWindows(bound: bigint, bits: number): number {
  const top = (1n << BigInt(bits - 1)) - 1n;
  let reach = 0n;
  let windows = 0;
  for (; reach < bound; windows++) reach = (reach << BigInt(bits)) + top;
  return windows;
}

/** Products with windows of `bits` bits. */
function gpuMsmCost(shape: GpuMsmShape, bits: number): number {
  const buckets = shape.jobs * 2 ** (bits - 1);
  const sums = shape.count * shape.mixedProducts + buckets * REDUCTION_SUMS * shape.fullProducts;
  return signedWindows(shape.scalarBound, bits) * sums;
}

/** Windows that fit into memory together, or 0. */
function windowsTogether(shape: GpuMsmShape, bits: number): number {
  const buckets = shape.jobs * 2 ** (bits - 1);
  return Math.min(
    Math.floor(shape.maxBindingBytes / (buckets * shape.sumBytes)),
    Math.floor(shape.maxBindingBytes / (4 * Math.max(shape.count, 1))),
    Math.floor(SCAN_BLOCK ** 2 / buckets),
  );
}

/** The largest number of points whose entries of one window fit into a buffer. */
export function mostPoints(maxBindingBytes: number): number {
  return Math.min(Math.floor(maxBindingBytes / 4), 2 ** 31);
}

/** Plans an MSM; `windowBits` overrides the cost function. Undefined where the jobs do not fit into memory together. */
export function planGpuMsm(shape: GpuMsmShape, windowBits?: number): GpuMsmPlan | undefined {
  let bits = windowBits;
  for (
    let candidate = MIN_WINDOW_BITS;
    windowBits === undefined && candidate <= MAX_WINDOW_BITS;
    candidate++
  ) {
    if (windowsTogether(shape, candidate) === 0) continue;
    if (bits === undefined || gpuMsmCost(shape, candidate) < gpuMsmCost(shape, bits)) bits = candidate;
  }
  if (bits === undefined) return undefined;
  const together = windowsTogether(shape, bits);
  if (together === 0) return undefined;
  const windows = signedWindows(shape.scalarBound, bits);
  const passCount = Math.ceil(windows / together);
  const perPass = Math.ceil(windows / passCount);
  const passes: WindowPass[] = [];
  for (let firstWindow = 0; firstWindow < windows; firstWindow += perPass) {
    passes.push({ firstWindow, windowCount: Math.min(perPass, windows - firstWindow) });
  }
  let bias = 0n;
  for (let w = 0; w < windows; w++) bias |= 1n << BigInt(w * bits + bits - 1);
  const mostSlices = Math.floor(shape.maxBindingBytes / (2 * shape.sumBytes));
  const slices = Math.min(MAX_SLICES, mostSlices, Math.ceil((shape.count * perPass) / MIN_SLICE));
  return {
    windowBits: bits,
    windows,
    bias,
    passes,
    slices: Math.max(1, slices),
    cost: gpuMsmCost(shape, bits),
  };
}
