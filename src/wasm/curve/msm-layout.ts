/** The words of a task descriptor: what one call of the MSM kernel is to do, and where. All are 32 bits. */
export const MSM_TASK = {
  /** Records of the points (affine-batch.ts), and the biased parts of their scalars. */
  records: 0,
  parts: 4,
  /** Points. */
  count: 8,
  /** Parts of a scalar: 1 or 2. */
  dimensions: 12,
  windowBits: 16,
  /** First of the task's windows, and how many it does together. */
  firstWindow: 20,
  windowCount: 24,
  /** 32-bit ends of the buckets: windowCount·2^(windowBits−1) words. */
  ends: 28,
  /** 32-bit references, sorted by bucket: windowCount·dimensions·count of them. */
  refs: 32,
  /** Packed points, one a bucket. */
  buckets: 36,
  /** Scratch of {@link batchScratch}. */
  scratch: 40,
  /** Results: a pair of projective points a window, the same in both lanes. */
  out: 44,
} as const;

/** Bytes of a descriptor. */
export const MSM_TASK_BYTES = 48;

/** Parts of the scratch of one batch, as offsets in bytes. */
export interface BatchScratch {
  /** A word: the end of the operand pairs. */
  readonly pairsEnd: number;
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
  const half = batch / 2 + 2;
  const sizes = {
    pairsEnd: 4,
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
