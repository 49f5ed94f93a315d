/**
 * Multi-scalar multiplication with gpu.js (Pippenger's buckets with signed digits). The CPU sorts, the GPU adds: the points of a bucket
 * are one list, the buckets whose number has a bit set another, and lists of both kinds are summed by {@link segmentSums}, pairwise,
 * so that a fat bucket is no slower than many thin ones. What is left is one point for every bit of a scalar.
 */

import type { G1Point } from '../curve/curve.ts';
import { throwIfAborted } from '../errors.ts';
import type { BatchOptions } from './batch-machine.ts';
import type { GroupMachine } from './group-machine.ts';
import { groupPieces, type Piece, planWindows, type WindowPlan } from './msm-plan.ts';
import { type Segments, segmentSums } from './segment-sums.ts';

/** One sum: points in limbs and as many scalars, 32 little-endian bytes each, below the order. */
export interface LimbMsmJob {
  readonly points: Float32Array;
  readonly scalars: Uint8Array;
}

/** What a long sum may be told. */
export interface LimbMsmOptions extends BatchOptions {
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Points that are summed together; for tests. */
  readonly maxPoints?: number | undefined;
}

const SCALAR_BYTES = 32;

/** Σ scalars_i·points_i of each job. Throws AbortedError between calls of the GPU, GpuFaultError, DeviceLostError. */
export async function limbMsm(
  group: GroupMachine,
  jobs: readonly LimbMsmJob[],
  options: LimbMsmOptions = {},
): Promise<G1Point[]> {
  throwIfAborted(options.signal);
  const lengths = jobs.map(({ scalars }) => scalars.length / SCALAR_BYTES);
  const sums: G1Point[] = jobs.map(() => group.curve.g1.ZERO);
  const groups = groupPieces(lengths, options.maxPoints);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let done = 0;
  for (const pieces of groups) {
    const points = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
    const report = (share: number): void => options.onProgress?.((done + share * points) / total);
    const partial = await sumPieces(group, jobs, pieces, points, { ...options, onProgress: report });
    pieces.forEach(({ job }, i) => {
      sums[job] = (sums[job] as G1Point).add(partial[i] as G1Point);
    });
    done += points;
  }
  options.onProgress?.(1);
  return sums;
}

/** Points of pieces behind one another, and their digits window by window. */
async function sumPieces(
  group: GroupMachine,
  jobs: readonly LimbMsmJob[],
  pieces: readonly Piece[],
  count: number,
  options: LimbMsmOptions,
): Promise<G1Point[]> {
  const scalarBits = group.curve.order.toString(2).length;
  const plan = planWindows(count, pieces.length, scalarBits);
  const { length } = group.points;
  const points = new Float32Array(count * length);
  const digits = new Int16Array(count * plan.windows);
  let at = 0;
  for (const { job, start, end } of pieces) {
    const { points: own, scalars } = jobs[job] as LimbMsmJob;
    points.set(own.subarray(start * length, end * length), at * length);
    for (let i = start; i < end; i++, at++) writeDigits(scalars, i * SCALAR_BYTES, plan, digits, at, count);
  }
  let added = 0;
  const segmentOptions = {
    signal: options.signal,
    onAdded: (additions: number): void => {
      added += additions;
      options.onProgress?.(Math.min(1, added / plan.additions));
    },
  };
  const bits: G1Point[][] = pieces.map(() => []);
  for (let first = 0; first < plan.windows; first += plan.windowsPerPass) {
    const windows = Math.min(plan.windowsPerPass, plan.windows - first);
    const lists = bucketLists(pieces, count, plan, digits, first, windows);
    const buckets = await segmentSums(group, points, lists, segmentOptions);
    const sums = await segmentSums(group, buckets, bitLists(lists, plan.windowBits), segmentOptions);
    const perPiece = windows * plan.windowBits;
    bits.forEach((own, piece) => {
      for (let i = 0; i < perPiece; i++) own.push(group.points.toPoint(sums, piece * perPiece + i));
    });
  }
  return bits.map((own) => own.reduceRight((sum, bit) => sum.double().add(bit), group.curve.g1.ZERO));
}

/** Writes the signed digits of a scalar as column `column` of `digits`, one row of `count` a window. */
function writeDigits(
  scalars: Uint8Array,
  at: number,
  { windowBits, windows }: WindowPlan,
  digits: Int16Array,
  column: number,
  count: number,
): void {
  const half = 2 ** (windowBits - 1);
  let carry = 0;
  for (let w = 0; w < windows; w++) {
    const bit = w * windowBits;
    const byte = bit >> 3;
    let raw = 0;
    for (let i = 0; i < 3 && byte + i < SCALAR_BYTES; i++)
      raw |= (scalars[at + byte + i] as number) << (8 * i);
    const digit = ((raw >> (bit & 7)) & (2 * half - 1)) + carry;
    carry = digit > half ? 1 : 0;
    digits[w * count + column] = digit - carry * 2 * half;
  }
}

/** The points of each bucket: of each piece, each window, the numbers from 1 to 2^(bits−1). Points with the digit 0 are in none. */
function bucketLists(
  pieces: readonly Piece[],
  count: number,
  { windowBits }: WindowPlan,
  digits: Int16Array,
  first: number,
  windows: number,
): Segments {
  const half = 2 ** (windowBits - 1);
  const ends = new Int32Array(pieces.length * windows * half);
  const visit = (take: (list: number, entry: number) => void): void => {
    let start = 0;
    pieces.forEach((piece, p) => {
      const end = start + piece.end - piece.start;
      for (let w = 0; w < windows; w++) {
        const row = (first + w) * count;
        for (let i = start; i < end; i++) {
          const digit = digits[row + i] as number;
          if (digit === 0) continue;
          const list = (p * windows + w) * half + Math.abs(digit) - 1;
          take(list, digit < 0 ? -(i + 1) : i + 1);
        }
      }
      start = end;
    });
  };
  visit((list) => {
    ends[list] = (ends[list] as number) + 1;
  });
  let total = 0;
  // Each list's start for now; filling moves it to the end.
  for (let list = 0; list < ends.length; list++) {
    const length = ends[list] as number;
    ends[list] = total;
    total += length;
  }
  const entries = new Int32Array(total);
  visit((list, entry) => {
    const place = ends[list] as number;
    entries[place] = entry;
    ends[list] = place + 1;
  });
  return { entries, ends };
}

/** Of each piece and window, for each bit: the buckets that are not empty and whose number has it set. */
function bitLists(buckets: Segments, windowBits: number): Segments {
  const half = 2 ** (windowBits - 1);
  const windows = buckets.ends.length / half;
  const isEmpty = (bucket: number): boolean =>
    buckets.ends[bucket] === (bucket === 0 ? 0 : buckets.ends[bucket - 1]);
  const entries: number[] = [];
  const ends = new Int32Array(windows * windowBits);
  for (let w = 0; w < windows; w++) {
    for (let bit = 0; bit < windowBits; bit++) {
      for (let number = 1; number <= half; number++) {
        const bucket = w * half + number - 1;
        if ((number >> bit) & 1 && !isEmpty(bucket)) entries.push(bucket + 1);
      }
      ends[w * windowBits + bit] = entries.length;
    }
  }
  return { entries: Int32Array.from(entries), ends };
}
