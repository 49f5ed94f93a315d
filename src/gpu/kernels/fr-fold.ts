/**
 * left_i + x·right_i, canonical in and out: x comes times the radix, so one product does. Without left_i it is also how scalars come
 * into Montgomery form and out of it.
 */

import { kernelOf, type ScalarKernel } from './scalar-kernel.ts';
import { mainText } from './thread-index.ts';

/** The part of the kernel that is no library. */
export const FR_FOLD_BODY: string = `struct Parameters {
  count: u32,
  first_left: u32,
  first_right: u32,
  first_out: u32,
  // In Montgomery form.
  x: Fr,
  // 1: left counts; 0: as if it were zeros.
  has_left: u32,
}

@group(0) @binding(0) var<storage, read> left: array<Fr>;
@group(0) @binding(1) var<storage, read> right: array<Fr>;
@group(0) @binding(2) var<storage, read_write> out: array<Fr>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  var sum = fr_mul(right[parameters.first_right + i], parameters.x);
  if (parameters.has_left == 1u) {
    sum = fr_add(sum, left[parameters.first_left + i]);
  }
  out[parameters.first_out + i] = sum;
}
`;

/** The kernel. */
export const frFold: ScalarKernel = (curve, multiplier) =>
  kernelOf('fr-fold', curve, multiplier, ['read', 'read', 'write', 'uniform'], FR_FOLD_BODY);
