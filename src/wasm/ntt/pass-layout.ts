/**
 * One pass of a number-theoretic transform: what the kernel of ntt-pass.ts is told.
 *
 * A pass transforms every column of a matrix by itself. A task takes a bundle of neighbouring columns into scratch, two columns
 * a lane pair, transforms them there and writes them out. The scratch of a task holds its rows one after another, with a
 * gap after every {@link GROUP_ROWS}, because rows at distances that are multiples of 4096 bytes would get in each other's way.
 */

import type { FieldForm } from '../field/field-form.ts';

/** The words of a pass descriptor. All are 32 bits. */
export const NTT_PASS = {
  /** First element, and bytes from a row to the next. */
  input: 0,
  inputRow: 4,
  /** First element, bytes from an output of a column to the next, and bytes from a column to the next. */
  output: 8,
  outputRow: 12,
  outputColumn: 16,
  /** Rows are 2^rowsLog2. */
  rowsLog2: 20,
  /** Twiddle factors of all levels: see twiddles.ts. */
  twiddles: 24,
  /** 1 if the transform's points are the roots of unity themselves, so that the first factor of every level is 1. */
  plain: 28,
  /** Offset in the scratch of each row's output: a word a row, in bit-reversed order. */
  order: 32,
  /** Two packed vectors, an element a column: output k of a column is multiplied by start·ratio^k. 0: by nothing. */
  starts: 36,
  ratios: 40,
  /** Locks of the scratch regions, a word each, at first 0; how many there are, where the first is, and bytes of each. */
  locks: 44,
  scratchCount: 48,
  scratch: 52,
  scratchBytes: 56,
} as const;

/** Bytes of a descriptor. */
export const NTT_PASS_BYTES = 60;

/** Rows of scratch without a gap. */
export const GROUP_ROWS = 32;
/** The gap after them: an odd number of cache lines. */
export const GROUP_GAP = 64;

/** Bytes of the running factors before the rows. */
function factorBytes(form: FieldForm, pairs: number): number {
  return 2 * pairs * form.pairBytes;
}

/** Offset of a row in the scratch of a bundle of `pairs` lane pairs. */
export function rowOffset(form: FieldForm, pairs: number, row: number): number {
  return factorBytes(form, pairs) + row * pairs * form.pairBytes + Math.floor(row / GROUP_ROWS) * GROUP_GAP;
}

/** Scratch of a bundle, rounded up to whole cache lines. */
export function scratchBytes(form: FieldForm, pairs: number, rows: number): number {
  return Math.ceil((rowOffset(form, pairs, rows) + GROUP_GAP) / 64) * 64;
}
