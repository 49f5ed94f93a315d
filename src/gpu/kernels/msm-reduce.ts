/**
 * Σ (j + 1)·bucket_j of every window, by many threads a window. A thread takes `length` neighbours and makes their sum and
 * their sum weighted from 0; the weights that are left over, multiples of `length`, are those of the same problem on the
 * sums: Σ_j j·S_j = Σ_t (Σ_k k·S_{t·length + k}) + length·Σ_t t·(Σ_k S_{t·length + k}).
 */

import type { Kernel } from '../kernel.ts';
import type { GroupLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** One level of the reduction. */
export const MSM_REDUCE_BODY: string = `struct Parameters {
  windows: u32,
  // Sums that a window has before this level and after it.
  count: u32,
  next_count: u32,
  length: u32,
  // 1 on the first level: weights start at 1, and there are no weighted sums yet.
  is_first: u32,
  // log2 of the weight's unit on this level.
  doublings: u32,
}

@group(0) @binding(1) var<storage, read> sums: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> weighted: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> next_sums: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> next_weighted: array<vec4<u32>>;
@group(0) @binding(5) var<uniform> parameters: Parameters;

// The sum, then the weighted sum.
var<private> kept: array<vec4<u32>, 2 * POINT_SIZE>;

${mainText()}
  if (i >= parameters.windows * parameters.next_count) {
    return;
  }
  let window = i / parameters.next_count;
  let start = (i % parameters.next_count) * parameters.length;
  let end = min(parameters.count, start + parameters.length);
  let base = window * parameters.count;
  let is_first = parameters.is_first == 1u;
  for (var k = 0u; k < 2u * POINT_SIZE; k++) {
    kept[k] = vec4<u32>();
  }
  // Two steps a summand from the last to the first: sum += S_k, total += sum (not for weight 0); then the doublings of total;
  // then one step a weighted sum: total += W_k.
  let summands = end - start;
  let doubling_at = 2u * summands;
  let weighted_at = doubling_at + parameters.doublings;
  let steps = weighted_at + select(summands, 0u, is_first);
  for (var step = 0u; step < steps; step++) {
    let k = end - 1u - step / 2u;
    let is_summing = step < doubling_at && (step & 1u) == 0u;
    let is_adding_sum = step < doubling_at && !is_summing && (is_first || k > start);
    let is_adding_weighted = step >= weighted_at;
    let own = select(POINT_SIZE, 0u, is_summing);
    for (var c = 0u; c < POINT_SIZE; c++) {
      registers[ACCUMULATOR + c] = kept[own + c];
      var other = vec4<u32>();
      if (is_summing) {
        other = sums[POINT_SIZE * (base + k) + c];
      } else if (is_adding_weighted) {
        other = weighted[POINT_SIZE * (base + start + step - weighted_at) + c];
      } else if (is_adding_sum) {
        other = kept[c];
      }
      registers[OPERAND + c] = other;
    }
    var start_at = FULL;
    if (step >= doubling_at && step < weighted_at) {
      start_at = DOUBLE;
    }
    run(start_at);
    for (var c = 0u; c < POINT_SIZE; c++) {
      kept[own + c] = registers[ACCUMULATOR + c];
    }
  }
  for (var c = 0u; c < POINT_SIZE; c++) {
    next_sums[POINT_SIZE * i + c] = kept[c];
    next_weighted[POINT_SIZE * i + c] = kept[POINT_SIZE + c];
  }
}
`;

/** The kernel of one level. */
export function msmReduce({ text }: GroupLibrary): Kernel {
  return {
    name: 'msm-reduce',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'write', 'write', 'uniform'],
    code: `${text}\n${MSM_REDUCE_BODY}`,
  };
}
