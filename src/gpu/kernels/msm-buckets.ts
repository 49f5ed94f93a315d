/**
 * Sums of buckets. The sorted entries are cut into slices of one length, one a thread, wherever buckets begin and end: a
 * bucket with most of the points costs no more than many small ones. Sums of buckets that lie within a slice are final;
 * those that go over its ends are left in two places a slice, and summed in the same way by further levels.
 */

import type { Kernel } from '../kernel.ts';
import type { GroupLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

const SHARED = `const NO_BUCKET = 0xffffffffu;

// Stores the sum of a finished run: in its bucket or, where the run is open at an end of its slice, as the slice's first or last part
// for the next level. One that fills its slice and goes on takes both places, so that its parts stay neighbours.
fn store_run(bucket: u32, slice: u32, is_first: bool, open_before: bool, open_after: bool) {
  if (bucket == NO_BUCKET) {
    return;
  }
  let is_open = open_before || open_after;
  let is_both = is_first && open_after;
  let place = 2u * slice + select(1u, 0u, is_first);
  if (is_open) {
    part_buckets[place] = bucket;
  }
  if (is_both) {
    part_buckets[place + 1u] = bucket;
  }
  for (var k = 0u; k < POINT_SIZE; k++) {
    let value = registers[ACCUMULATOR + k];
    if (is_open) {
      parts[POINT_SIZE * place + k] = value;
    } else {
      buckets[POINT_SIZE * bucket + k] = value;
    }
    if (is_both) {
      parts[POINT_SIZE * (place + 1u) + k] = vec4<u32>();
    }
  }
}
`;

/** Sums points by their sorted entries. */
export const MSM_ACCUMULATE_BODY: string = `struct Parameters {
  // Slices in all, and the range of them that this dispatch sums.
  slices: u32,
  first_slice: u32,
  slice_count: u32,
  buckets: u32,
}

@group(0) @binding(1) var<storage, read> bases: array<Fq>;
@group(0) @binding(2) var<storage, read> entries: array<u32>;
// Number of entries in all buckets up to and with each.
@group(0) @binding(3) var<storage, read> bucket_ends: array<u32>;
@group(0) @binding(4) var<storage, read_write> buckets: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read_write> parts: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read_write> part_buckets: array<u32>;
@group(0) @binding(7) var<uniform> parameters: Parameters;

${SHARED}
// The first bucket from \`low\` on that ends behind an entry.
fn bucket_of(entry: u32, from_bucket: u32) -> u32 {
  var low = from_bucket;
  if (bucket_ends[low] > entry) {
    return low;
  }
  var high = parameters.buckets - 1u;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (bucket_ends[middle] > entry) {
      high = middle;
    } else {
      low = middle + 1u;
    }
  }
  return low;
}

${mainText()}
  if (i >= parameters.slice_count) {
    return;
  }
  let slice = parameters.first_slice + i;
  part_buckets[2u * slice] = NO_BUCKET;
  part_buckets[2u * slice + 1u] = NO_BUCKET;
  let total = bucket_ends[parameters.buckets - 1u];
  let length = (total + parameters.slices - 1u) / parameters.slices;
  let start = slice * length;
  let end = min(total, start + length);
  if (start >= end) {
    return;
  }
  var bucket = bucket_of(start, 0u);
  var bucket_end = bucket_ends[bucket];
  var open_before = false;
  if (bucket > 0u) {
    open_before = bucket_ends[bucket - 1u] < start;
  } else {
    open_before = start > 0u;
  }
  var is_first = true;
  set_infinity();
  // The turn behind the last entry stores the last run.
  for (var k = start; k <= end; k++) {
    let is_end = k == end;
    if (is_end || k == bucket_end) {
      store_run(bucket, slice, is_first, open_before, is_end && end < bucket_end);
      if (is_end) {
        break;
      }
      is_first = false;
      open_before = false;
      bucket = bucket_of(k, bucket + 1u);
      bucket_end = bucket_ends[bucket];
      set_infinity();
    }
    let entry = entries[k];
    let base = (AFFINE_SIZE / VECTORS) * (entry & 0x7fffffffu);
    let is_negative = entry >= 0x80000000u;
    for (var c = 0u; c < AFFINE_SIZE; c += VECTORS) {
      var value = bases[base + c / VECTORS];
      if (is_negative && c >= DEGREE) {
        value = fq_neg(value);
      }
      set_register(OPERAND + c, value);
    }
    run(MIXED);
  }
}
`;

/** Sums the parts that slices left, which are sorted by bucket. */
export const MSM_COMBINE_BODY: string = `struct Parameters {
  // Parts to sum, and how many a slice takes.
  count: u32,
  length: u32,
}

@group(0) @binding(1) var<storage, read> summands: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> summand_buckets: array<u32>;
@group(0) @binding(3) var<storage, read_write> buckets: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> parts: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read_write> part_buckets: array<u32>;
@group(0) @binding(6) var<uniform> parameters: Parameters;

${SHARED}
${mainText()}
  let start = i * parameters.length;
  if (start >= parameters.count) {
    return;
  }
  part_buckets[2u * i] = NO_BUCKET;
  part_buckets[2u * i + 1u] = NO_BUCKET;
  let end = min(parameters.count, start + parameters.length);
  var bucket = summand_buckets[start];
  var open_before = false;
  if (start > 0u) {
    open_before = summand_buckets[start - 1u] == bucket;
  }
  var is_first = true;
  set_infinity();
  // The turn behind the last summand stores the last run.
  for (var k = start; k <= end; k++) {
    let is_end = k == end;
    var next = NO_BUCKET;
    if (k < parameters.count) {
      next = summand_buckets[k];
    }
    if (is_end || next != bucket) {
      store_run(bucket, i, is_first, open_before, is_end && next == bucket);
      if (is_end) {
        break;
      }
      is_first = false;
      open_before = false;
      bucket = next;
      set_infinity();
    }
    var start_at = HALTED;
    if (bucket != NO_BUCKET) {
      for (var c = 0u; c < POINT_SIZE; c++) {
        registers[OPERAND + c] = summands[POINT_SIZE * k + c];
      }
      start_at = FULL;
    }
    run(start_at);
  }
}
`;

/** The kernel that sums points into buckets and parts. */
export function msmAccumulate({ text }: GroupLibrary): Kernel {
  return {
    name: 'msm-accumulate',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'read', 'write', 'write', 'write', 'uniform'],
    code: `${text}\n${MSM_ACCUMULATE_BODY}`,
  };
}

/** The kernel that sums parts into buckets and parts. */
export function msmCombine({ text }: GroupLibrary): Kernel {
  return {
    name: 'msm-combine',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'read', 'write', 'write', 'write', 'uniform'],
    code: `${text}\n${MSM_COMBINE_BODY}`,
  };
}
