/** One level of a transform whose halves lie in buffers of their own: (even_j + w_j·odd_j, even_j − w_j·odd_j), in place. */

import { kernelOf, type ScalarKernel } from './scalar-kernel.ts';
import { mainText } from './thread-index.ts';

/** The part of the kernel that is no library. */
export const NTT_JOIN_BODY: string = `struct Parameters {
  first: u32,
  count: u32,
  // log2 of the number of low factors.
  low_log2: u32,
}

// Twiddle j is the product of low factor j mod 2^low_log2 and high factor j >> low_log2; the low factors come first.
@group(0) @binding(0) var<storage, read> factors: array<Fr>;
@group(0) @binding(1) var<storage, read_write> even: array<Fr>;
@group(0) @binding(2) var<storage, read_write> odd: array<Fr>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let at = parameters.first + i;
  let low_count = 1u << parameters.low_log2;
  var value = factors[at & (low_count - 1u)];
  var factor = factors[low_count + (at >> parameters.low_log2)];
  for (var step = 0u; step < 2u; step++) {
    value = fr_mul(value, factor);
    factor = odd[at];
  }
  let other = even[at];
  even[at] = fr_add(other, value);
  odd[at] = fr_sub(other, value);
}
`;

/** The kernel. */
export const nttJoin: ScalarKernel = (curve, multiplier) =>
  kernelOf('ntt-join', curve, multiplier, ['read', 'write', 'write', 'uniform'], NTT_JOIN_BODY);
