/**
 * left_i + x·right_i for one x: x is public and the same for all threads, so its signed digits are a list that all follow, and no
 * two threads of a workgroup part ways but where a point is infinite or meets another.
 */

import type { Kernel } from '../kernel.ts';
import type { GroupLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** Words of digits that the parameters have room for: two bits a digit, 16 digits a word. */
const DIGIT_WORDS = 20;

/** Double and add along a non-adjacent form, then left is added. */
export const POINT_FOLD_BODY: string = `struct Parameters {
  count: u32,
  first_left: u32,
  first_right: u32,
  first_out: u32,
  // Digits of x, the highest first in the lowest bits: 0, 1, or 2 for -1.
  digit_count: u32,
  digits: array<vec4<u32>, ${DIGIT_WORDS / 4}>,
}

@group(0) @binding(1) var<storage, read> left: array<Fq>;
@group(0) @binding(2) var<storage, read> right: array<Fq>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<u32>>;
@group(0) @binding(4) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let left_at = (AFFINE_SIZE / VECTORS) * (parameters.first_left + i);
  let right_at = (AFFINE_SIZE / VECTORS) * (parameters.first_right + i);
  set_infinity();
  // Two steps a digit: doubling, and the addition where the digit is not 0. One step more adds left.
  let steps = 2u * parameters.digit_count + 1u;
  for (var step = 0u; step < steps; step++) {
    let is_left = step == steps - 1u;
    var start = DOUBLE;
    if (is_left || (step & 1u) == 1u) {
      let at = step / 2u;
      var digit = 1u;
      if (!is_left) {
        digit = (parameters.digits[at >> 6u][(at >> 4u) & 3u] >> (2u * (at & 15u))) & 3u;
      }
      start = HALTED;
      if (digit != 0u) {
        for (var k = 0u; k < AFFINE_SIZE; k += VECTORS) {
          var value: Fq;
          if (is_left) {
            value = left[left_at + k / VECTORS];
          } else {
            value = right[right_at + k / VECTORS];
          }
          if (digit == 2u && k >= DEGREE) {
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

/** Parameters of a fold by x ≥ 0, after the four places: number of digits, three words of padding, digits. */
export function foldDigits(x: bigint): {
  readonly words: readonly number[];
  readonly additions: number;
  readonly count: number;
} {
  const digits: number[] = [];
  for (let rest = x; rest > 0n; rest >>= 1n) {
    let digit = 0n;
    if (rest & 1n) {
      digit = 2n - (rest & 3n);
      rest -= digit;
    }
    digits.push(digit === -1n ? 2 : Number(digit));
  }
  const words = new Array<number>(DIGIT_WORDS).fill(0);
  for (const [i, digit] of digits.reverse().entries()) {
    words[i >> 4] = ((words[i >> 4] as number) | (digit << (2 * (i & 15)))) >>> 0;
  }
  return {
    words: [digits.length, 0, 0, 0, ...words],
    additions: digits.filter((digit) => digit !== 0).length,
    count: digits.length,
  };
}

/** The kernel. */
export function pointFold({ text }: GroupLibrary): Kernel {
  return {
    name: 'point-fold',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'write', 'uniform'],
    code: `${text}\n${POINT_FOLD_BODY}`,
  };
}
