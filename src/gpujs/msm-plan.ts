/** How sums of multiples are cut for gpu.js: pieces that fit into memory, windows of signed digits. Pure arithmetic. */

/** Points of jobs that are summed together, and entries and buckets of one pass over some windows. */
const MAX_POINTS = 2 ** 15;
const MAX_PIECES = 256;
const MAX_ENTRIES = 2 ** 17;
const MAX_BUCKETS = 2 ** 16;
const MIN_WINDOW_BITS = 2;
const MAX_WINDOW_BITS = 12;

/** Terms start ≤ i < end of a job. */
export interface Piece {
  readonly job: number;
  readonly start: number;
  readonly end: number;
}

/** Pieces of jobs of the given lengths, in groups that are summed together. Empty jobs have none. */
export function groupPieces(lengths: readonly number[], maxPoints: number = MAX_POINTS): Piece[][] {
  const groups: Piece[][] = [];
  let room = 0;
  lengths.forEach((length, job) => {
    for (let start = 0; start < length; ) {
      const last = groups.at(-1);
      if (room === 0 || !last || last.length === MAX_PIECES) {
        groups.push([]);
        room = maxPoints;
      }
      const end = Math.min(length, start + room);
      groups.at(-1)?.push({ job, start, end });
      room -= end - start;
      start = end;
    }
  });
  return groups;
}

/** Windows and passes of a group of pieces. */
export interface WindowPlan {
  readonly windowBits: number;
  readonly windows: number;
  /** Windows that are summed together. */
  readonly windowsPerPass: number;
  /** Additions that it takes at most. */
  readonly additions: number;
}

/** Windows of signed digits, from −2^(bits−1) + 1 to 2^(bits−1), for scalars of `scalarBits` bits and a carry. */
function windowCount(scalarBits: number, bits: number): number {
  return Math.ceil((scalarBits + 1) / bits);
}

/** What the place of a bucket costs, empty or not, in additions: it is written and read on the CPU. */
const BUCKET_COST = 0.05;

/**
 * A bucket's number has `bits` bits, half of them 1: a bucket stands in the sums of its bits, bits/2 of them on average, which is how
 * buckets become one sum.
 */
function additionsOf(points: number, pieces: number, scalarBits: number, bits: number): number {
  const buckets = pieces * 2 ** (bits - 1);
  const filled = Math.min(buckets, points);
  return windowCount(scalarBits, bits) * (points + (filled * bits) / 2 + buckets * BUCKET_COST);
}

/** The plan of fewest additions for `points` points in `pieces` pieces. */
export function planWindows(points: number, pieces: number, scalarBits: number): WindowPlan {
  let best = MIN_WINDOW_BITS;
  for (let bits = best + 1; bits <= MAX_WINDOW_BITS; bits++) {
    if (
      additionsOf(points, pieces, scalarBits, bits) < additionsOf(points, pieces, scalarBits, best) &&
      pieces * 2 ** (bits - 1) <= MAX_BUCKETS
    ) {
      best = bits;
    }
  }
  const buckets = pieces * 2 ** (best - 1);
  const together = Math.floor(Math.min(MAX_ENTRIES / Math.max(points, 1), MAX_BUCKETS / buckets));
  const windows = windowCount(scalarBits, best);
  return {
    windowBits: best,
    windows,
    windowsPerPass: Math.max(1, Math.min(windows, together)),
    additions: additionsOf(points, pieces, scalarBits, best),
  };
}
