/** left_i·right_i, canonical in and out: the second factor of two products takes the radix out again. */

import { kernelOf, type ScalarKernel } from './scalar-kernel.ts';
import { mainText } from './thread-index.ts';

/** The part of the kernel that is no library. */
export const FR_MUL_BODY: string = `struct Parameters {
  count: u32,
  first_left: u32,
  first_right: u32,
  first_out: u32,
  // R².
  radix_square: Fr,
}

@group(0) @binding(0) var<storage, read> left: array<Fr>;
@group(0) @binding(1) var<storage, read> right: array<Fr>;
@group(0) @binding(2) var<storage, read_write> out: array<Fr>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  var product = left[parameters.first_left + i];
  var factor = right[parameters.first_right + i];
  for (var step = 0u; step < 2u; step++) {
    product = fr_mul(product, factor);
    factor = parameters.radix_square;
  }
  out[parameters.first_out + i] = product;
}
`;

/** The kernel. */
export const frMul: ScalarKernel = (curve, multiplier) =>
  kernelOf('fr-mul', curve, multiplier, ['read', 'read', 'write', 'uniform'], FR_MUL_BODY);
