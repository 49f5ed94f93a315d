/**
 * left_i + x_i·right_i, with or without left, and one x for all or one each. Digits of a non-adjacent form are taken from x on the way.
 * With one x all threads follow the same digits, and no two of a workgroup part ways but where a point is infinite or meets another.
 */

import type { Kernel } from '../kernel.ts';
import type { GroupLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** Double and add along a non-adjacent form, then left is added. */
export const POINT_FOLD_BODY: string = `struct Parameters {
  count: u32,
  first_left: u32,
  first_right: u32,
  first_out: u32,
  first_scalar: u32,
  // 1: each point has a scalar of its own; 0: the first is for all.
  scalar_stride: u32,
  // Digits from the highest that a scalar has.
  digit_count: u32,
  // 1: left is added; 0: it is not read.
  has_left: u32,
}

@group(0) @binding(1) var<storage, read> left: array<Fq>;
@group(0) @binding(2) var<storage, read> right: array<Fq>;
// Canonical.
@group(0) @binding(3) var<storage, read> scalars: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<u32>>;
@group(0) @binding(5) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let left_at = (AFFINE_SIZE / VECTORS) * (parameters.first_left + i);
  let right_at = (AFFINE_SIZE / VECTORS) * (parameters.first_right + i);
  let scalar_at = 2u * (parameters.first_scalar + parameters.scalar_stride * i);
  // Digit k of x is bit k + 1 of 3x less bit k + 1 of x.
  var single: array<u32, 9>;
  var triple: array<u32, 9>;
  var carry = 0u;
  var below = 0u;
  for (var k = 0u; k < 9u; k++) {
    var word = 0u;
    if (k < 8u) {
      word = scalars[scalar_at + (k >> 2u)][k & 3u];
    }
    let sum = add_carry(word, (word << 1u) | (below >> 31u), carry);
    single[k] = word;
    triple[k] = sum.x;
    carry = sum.y;
    below = word;
  }
  set_infinity();
  // Two steps a digit: doubling, and the addition where the digit is not 0. One step more adds left.
  let steps = 2u * parameters.digit_count + parameters.has_left;
  for (var step = 0u; step < steps; step++) {
    let is_left = step == 2u * parameters.digit_count;
    var start = DOUBLE;
    if (is_left || (step & 1u) == 1u) {
      let at = parameters.digit_count - step / 2u;
      var plus = 1u;
      var minus = 0u;
      if (!is_left) {
        plus = (triple[at >> 5u] >> (at & 31u)) & 1u;
        minus = (single[at >> 5u] >> (at & 31u)) & 1u;
      }
      start = HALTED;
      if (plus != minus) {
        for (var k = 0u; k < AFFINE_SIZE; k += VECTORS) {
          var value: Fq;
          if (is_left) {
            value = left[left_at + k / VECTORS];
          } else {
            value = right[right_at + k / VECTORS];
          }
          if (minus == 1u && k >= DEGREE) {
            value = fq_neg(value);
          }
          set_register(OPERAND + k, value);
        }
        start = MIXED;
      }
    }
    run(start);
  }
  for (var k = 0u; k < POINT_SIZE; k++) {
    out[POINT_SIZE * (parameters.first_out + i) + k] = registers[ACCUMULATOR + k];
  }
}
`;

/** Digits of x ≥ 0 in non-adjacent form, and how many of them are not 0. */
export function foldDigits(x: bigint): { readonly count: number; readonly additions: number } {
  const bits = (value: bigint): string => (value === 0n ? '' : value.toString(2));
  return {
    // The lowest bit of 3x is that of x.
    count: Math.max(0, bits(3n * x).length - 1),
    additions: bits((3n * x) ^ x).replaceAll('0', '').length,
  };
}

/** The kernel. */
export function pointFold({ text }: GroupLibrary): Kernel {
  return {
    name: 'point-fold',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'read', 'write', 'uniform'],
    code: `${text}\n${POINT_FOLD_BODY}`,
  };
}
