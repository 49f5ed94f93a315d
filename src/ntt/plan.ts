/** How a transform is cut into passes and tasks; numbers alone. */

import { LengthMismatchError, OptionError } from '../errors.ts';

/** Transforms have at most 2^24 values. */
const MAX_NTT_LOG2 = 24;

/** log2 of a length. Throws LengthMismatchError unless it is a power of two up to 2^{@link MAX_NTT_LOG2}. */
export function nttLog2(length: number): number {
  const log2 = Math.log2(length);
  if (!Number.isInteger(log2) || log2 > MAX_NTT_LOG2) {
    throw new LengthMismatchError('NTT, values', `a power of two up to 2^${MAX_NTT_LOG2}`, length);
  }
  return log2;
}

/** The shift of a coset, checked: 1 where it is left out. Throws OptionError unless it is from 1 up to order − 1. */
export function nttShift(shift: bigint | undefined, order: bigint): bigint {
  if (shift === undefined) return 1n;
  if (typeof shift !== 'bigint' || shift <= 0n || shift >= order) {
    throw new OptionError(
      'NTT: the shift of a coset must be from 1 up to the group order less 1. Reduce it, and leave it out for no shift.',
      { field: 'shift' },
    );
  }
  return shift;
}

/** A transform of 2^(rowsLog2 + columnsLog2) values as a matrix, row after row. */
export interface NttPlan {
  /** Of the first pass, which transforms columns; those of the second, which transforms rows, are its columns. */
  readonly rowsLog2: number;
  readonly columnsLog2: number;
  /** Columns that a task takes together, of the first and of the second pass. */
  readonly bundles: readonly [number, number];
}

/** What a plan depends on. */
export interface NttShape {
  /** log2 of the number of values. */
  readonly log2: number;
  readonly threads: number;
  /** Bytes of a value in scratch. */
  readonly valueBytes: number;
}

/** Scratch of a task: what a core's second-level cache holds with room to spare. */
const SCRATCH_BYTES = 720 * 1024;
/** Columns that fill whole cache lines and share each load of a twiddle factor. */
const MOST_COLUMNS = 8;

/**
 * Two passes over a matrix as square as can be: 2^k = R·C values x[j1·C + j2] become X[k1 + R·k2] by R-point transforms of the
 * columns, products with ω^(j2·k1), and C-point transforms of the rows (W. M. Gentleman, G. Sande, "Fast Fourier Transforms –
 * For Fun and Profit", 1966; D. H. Bailey, "FFTs in external or hierarchical memory", 1990).
 */
export function planNtt({ log2, threads, valueBytes }: NttShape): NttPlan {
  const columnsLog2 = log2 < 2 ? 0 : Math.floor(log2 / 2);
  const rowsLog2 = log2 - columnsLog2;
  const bundle = (heightLog2: number, widthLog2: number): number => {
    let columns = Math.min(MOST_COLUMNS, 2 ** widthLog2);
    const fits = (): boolean =>
      columns * valueBytes * 2 ** heightLog2 <= SCRATCH_BYTES && 2 ** widthLog2 / columns >= threads;
    while (columns > 2 && !fits()) columns /= 2;
    return columns;
  };
  return {
    rowsLog2,
    columnsLog2,
    bundles: [bundle(rowsLog2, columnsLog2), bundle(columnsLog2, rowsLog2)],
  };
}
