/** Scalars to signed digits, counted by bucket and then scattered in the order of buckets. */

import type { Curve } from '../../curve/curve.ts';
import type { Kernel } from '../kernel.ts';
import { scalarLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** What the entry point does. */
export const DIGIT_MODE = { count: 0, scatter: 1 } as const;

/** The part of the kernel that is no library. */
export const MSM_DIGITS_BODY: string = `struct Parameters {
  // Scalars in all jobs, and the first one's place in the buffer.
  count: u32,
  first_scalar: u32,
  jobs: u32,
  window_bits: u32,
  // Windows of this pass.
  first_window: u32,
  window_count: u32,
  // 0 counts, 1 scatters.
  mode: u32,
  // Added to the index of a scalar to make that of its point.
  first_point: u32,
  // Half a window's size in every window: with it added, digits can be read without carries.
  bias: array<vec4<u32>, 3>,
}

@group(0) @binding(0) var<storage, read> scalars: array<Fr>;
// Number of scalars in all jobs up to and with each.
@group(0) @binding(1) var<storage, read> job_ends: array<u32>;
@group(0) @binding(2) var<storage, read_write> counters: array<atomic<u32>>;
// Index of the point, and in the top bit whether it is subtracted.
@group(0) @binding(3) var<storage, read_write> entries: array<u32>;
@group(0) @binding(4) var<uniform> parameters: Parameters;

fn is_less(a: Fr, b: Fr) -> bool {
  var borrow = 0u;
  borrow = sub_borrow(a.v0.x, b.v0.x, borrow).y;
  borrow = sub_borrow(a.v0.y, b.v0.y, borrow).y;
  borrow = sub_borrow(a.v0.z, b.v0.z, borrow).y;
  borrow = sub_borrow(a.v0.w, b.v0.w, borrow).y;
  borrow = sub_borrow(a.v1.x, b.v1.x, borrow).y;
  borrow = sub_borrow(a.v1.y, b.v1.y, borrow).y;
  borrow = sub_borrow(a.v1.z, b.v1.z, borrow).y;
  borrow = sub_borrow(a.v1.w, b.v1.w, borrow).y;
  return borrow == 1u;
}

fn job_of(index: u32) -> u32 {
  var low = 0u;
  var high = parameters.jobs - 1u;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (job_ends[middle] > index) {
      high = middle;
    } else {
      low = middle + 1u;
    }
  }
  return low;
}

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  var scalar = scalars[parameters.first_scalar + i];
  if (fr_is_zero(scalar)) {
    return;
  }
  // The smaller of s and order - s, and its sign.
  let opposite = fr_neg(scalar);
  let negative = is_less(opposite, scalar);
  scalar = fr_select(scalar, opposite, negative);
  var words: array<u32, 13>;
  var carry = 0u;
  for (var k = 0u; k < 12u; k++) {
    var word = 0u;
    if (k < 4u) {
      word = scalar.v0[k];
    } else if (k < 8u) {
      word = scalar.v1[k - 4u];
    }
    let sum = add_carry(word, parameters.bias[k >> 2u][k & 3u], carry);
    words[k] = sum.x;
    carry = sum.y;
  }
  let bits = parameters.window_bits;
  let half = 1u << (bits - 1u);
  let job = job_of(i);
  for (var k = 0u; k < parameters.window_count; k++) {
    let at = (parameters.first_window + k) * bits;
    let shift = at & 31u;
    var window = words[at >> 5u] >> shift;
    if (shift + bits > 32u) {
      window |= words[(at >> 5u) + 1u] << (32u - shift);
    }
    window &= 2u * half - 1u;
    if (window == half) {
      continue;
    }
    let below = window < half;
    let magnitude = select(window - half, half - window, below);
    let bucket = (job * parameters.window_count + k) * half + magnitude - 1u;
    let position = atomicAdd(&counters[bucket], 1u);
    if (parameters.mode == 1u) {
      entries[position] = (parameters.first_point + i) | select(0u, 0x80000000u, below != negative);
    }
  }
}
`;

/** The kernel for a curve. */
export function msmDigits(curve: Curve): Kernel {
  return {
    name: 'msm-digits',
    workgroupSize: WORKGROUP,
    bindings: ['read', 'read', 'write', 'write', 'uniform'],
    code: `${scalarLibrary(curve, 'limb13')}\n${MSM_DIGITS_BODY}`,
  };
}
