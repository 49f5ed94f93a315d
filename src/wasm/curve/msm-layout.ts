/**
 * What a task of an MSM does: `buckets` sums some windows by buckets; `sum` adds up points as they are; `straus` does a short
 * MSM whole, over tables of small multiples.
 */
export const MSM_TASK_KIND = { buckets: 0, sum: 1, straus: 2 } as const;

/** The words of a task descriptor: what one call of the MSM kernel is to do, and where. All are 32 bits. */
export const MSM_TASK = {
  /** One of {@link MSM_TASK_KIND}. */
  kind: 0,
  /** Records of the points (affine-batch.ts). */
  records: 4,
  /** Biased parts of the scalars, and the numbers of their records. `sum` has no parts. */
  parts: 8,
  indices: 12,
  /** Scalars; for `sum`, points. */
  count: 16,
  /** For `buckets`: parts of a scalar, 1 or 2. */
  dimensions: 20,
  windowBits: 24,
  /** For `buckets`: first of the task's windows, and how many it does together. */
  firstWindow: 28,
  windowCount: 32,
  /** 32-bit ends of the buckets: windowCount·2^(windowBits−1) words. `sum` has one bucket. */
  ends: 36,
  /** 32-bit references, sorted by bucket: windowCount·dimensions·count of them. `sum` is given them. */
  refs: 40,
  /** Packed points, one a bucket. */
  buckets: 44,
  /** Scratch of {@link batchScratch}; for `straus`, a table for every two points. */
  scratch: 48,
  /** Results: a pair of projective points a window, the same in both lanes. `sum` and `straus` have one. */
  out: 52,
} as const;

/** Bytes of a descriptor. */
export const MSM_TASK_BYTES = 56;

/** Parts of the scratch of one batch, as offsets in bytes. */
export interface BatchScratch {
  /** A word: the end of the operand pairs. */
  readonly pairsEnd: number;
  /** A word: what touching records gave, which nothing reads. */
  readonly touched: number;
  /** Operand pairs of a pass. */
  readonly pairs: number;
  /** Addresses of the points of the level at hand, run by run. */
  readonly entries: number;
  /** Runs: bucket address and length. */
  readonly runs: number;
  /** Running products. */
  readonly prefix: number;
  /** First operands and sums of the first level; then leftovers; then second operands where the careful passes need them. */
  readonly slots: number;
  readonly leftovers: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** Lays the scratch out for batches of at most `batch` operands, an even number. */
export function batchScratch(batch: number, pairBytes: number, pointBytes: number): BatchScratch {
  // Room for the copies that fill the last round of a pass.
  const half = batch / 2 + 4;
  const sizes = {
    pairsEnd: 4,
    touched: 4,
    pairs: 8 * (half + 2),
    entries: 4 * (batch + 4),
    runs: 8 * (half + 2),
    prefix: (half / 2 + 1) * pairBytes,
    slots: (half + 2) * pointBytes,
    leftovers: (half + 2) * pointBytes,
    seconds: (half + 2) * pointBytes,
  };
  let offset = 0;
  const at = { ...sizes };
  for (const name of Object.keys(sizes) as (keyof typeof sizes)[]) {
    at[name] = offset;
    offset = Math.ceil((offset + sizes[name]) / 16) * 16;
  }
  return { ...at, bytes: offset };
}
