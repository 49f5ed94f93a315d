import type { Local } from '../emit/index.ts';
import type { Range } from './range.ts';

/**
 * Two field elements, one per lane, in locals of the function being built; every operation acts on both lanes. Elements are
 * immutable except those from `FieldOps.variable`.
 */
export interface Element {
  /** The limbs; how they lie in locals is the form's own business. */
  readonly locals: readonly Local[];
  /** Bounds proven so far. */
  readonly range: Range;
}

/** One truth value per lane. */
export interface Mask {
  readonly locals: readonly Local[];
}

/** How two single elements lie at two addresses: packed (`single`), or each as one lane of a pair in memory (`lane`). */
export type SingleLayout = 'single' | 'lane';
