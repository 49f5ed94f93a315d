/** Exclusive prefix sums of 32-bit counters: blocks, sums of blocks, and the two put together. */

import type { Kernel } from '../kernel.ts';

const THREADS = 256;
const PER_THREAD = 8;
/** Counters that one workgroup takes. Its square is how many can be scanned. */
export const SCAN_BLOCK: number = THREADS * PER_THREAD;

/** Scans blocks of {@link SCAN_BLOCK} counters in place and writes the sum of each. Parameters: count. */
export const SCAN_BLOCKS: Kernel = {
  name: 'scan-blocks',
  workgroupSize: THREADS,
  bindings: ['write', 'write', 'uniform'],
  code: `@group(0) @binding(0) var<storage, read_write> counters: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;
@group(0) @binding(2) var<uniform> count: vec4<u32>;

var<workgroup> partial: array<u32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let first = (group.x * ${THREADS}u + local) * ${PER_THREAD}u;
  var own = 0u;
  for (var k = 0u; k < ${PER_THREAD}u; k++) {
    if (first + k < count.x) {
      own += counters[first + k];
    }
  }
  partial[local] = own;
  workgroupBarrier();
  // Sums of 2, 4, 8 … neighbours (Hillis and Steele, 1986).
  for (var distance = 1u; distance < ${THREADS}u; distance *= 2u) {
    var lower = 0u;
    if (local >= distance) {
      lower = partial[local - distance];
    }
    workgroupBarrier();
    partial[local] += lower;
    workgroupBarrier();
  }
  var running = partial[local] - own;
  for (var k = 0u; k < ${PER_THREAD}u; k++) {
    if (first + k < count.x) {
      let value = counters[first + k];
      counters[first + k] = running;
      running += value;
    }
  }
  if (local == ${THREADS - 1}u) {
    sums[group.x] = running;
  }
}
`,
};

/** Adds to each counter the scanned sum of its block. Parameters: count. */
export const SCAN_ADD: Kernel = {
  name: 'scan-add',
  workgroupSize: THREADS,
  bindings: ['write', 'read', 'uniform'],
  code: `@group(0) @binding(0) var<storage, read_write> counters: array<u32>;
@group(0) @binding(1) var<storage, read> sums: array<u32>;
@group(0) @binding(2) var<uniform> count: vec4<u32>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < count.x) {
    counters[id.x] += sums[id.x / ${SCAN_BLOCK}u];
  }
}
`,
};
