/** Sizes of reference strings and composites. */

import { OptionError } from '../../errors.ts';

/** Largest log2 of a size. A ptau of power 28 serves no more than 2^27 slots, and n is a 32-bit count. */
export const MAX_SIZE_LOG2 = 27;

/** Throws OptionError unless `size` is a power of two from 1 to 2^27. */
export function assertSrsSize(size: number): void {
  if (
    !Number.isInteger(size) ||
    size < 1 ||
    size > 2 ** MAX_SIZE_LOG2 ||
    2 ** Math.round(Math.log2(size)) !== size
  ) {
    throw new OptionError(`Size must be a power of two from 1 to 2^${MAX_SIZE_LOG2}, got ${size}.`, {
      field: 'size',
    });
  }
}

/** Smallest power of two ≥ n, for n ≥ 1. */
export function nextPowerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(n));
}
