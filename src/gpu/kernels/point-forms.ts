/** Points between the forms that memory, kernels and sums have. */

import type { Kernel } from '../kernel.ts';
import type { GroupLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** Canonical affine points into Montgomery form, or out of it, in place. */
export const POINT_CONVERT_BODY: string = `struct Parameters {
  count: u32,
  first: u32,
  // 1 goes into Montgomery form, 0 out of it.
  into: u32,
}

@group(0) @binding(1) var<storage, read_write> points: array<vec4<u32>>;
@group(0) @binding(2) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let at = AFFINE_SIZE * (parameters.first + i);
  for (var k = 0u; k < AFFINE_SIZE; k++) {
    registers[ACCUMULATOR + k] = points[at + k];
  }
  var start = SCALE;
  if (parameters.into == 1u) {
    start = begin_to_montgomery();
  } else {
    start = begin_from_montgomery();
  }
  run(start);
  for (var k = 0u; k < AFFINE_SIZE; k++) {
    points[at + k] = registers[ACCUMULATOR + k];
  }
}
`;

/** Sums to affine points in Montgomery form. */
export const POINT_AFFINE_BODY: string = `struct Parameters {
  count: u32,
  first: u32,
  first_out: u32,
}

@group(0) @binding(1) var<storage, read> sums: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> points: array<vec4<u32>>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  for (var k = 0u; k < POINT_SIZE; k++) {
    registers[ACCUMULATOR + k] = sums[POINT_SIZE * (parameters.first + i) + k];
  }
  run(AFFINE);
  for (var k = 0u; k < AFFINE_SIZE; k++) {
    points[AFFINE_SIZE * (parameters.first_out + i) + k] = registers[ACCUMULATOR + k];
  }
}
`;

/** The kernel that converts affine points in place. */
export function pointConvert({ text }: GroupLibrary): Kernel {
  return {
    name: 'point-convert',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'write', 'uniform'],
    code: `${text}\n${POINT_CONVERT_BODY}`,
  };
}

/** The kernel that makes sums affine. */
export function pointAffine({ text }: GroupLibrary): Kernel {
  return {
    name: 'point-affine',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'write', 'uniform'],
    code: `${text}\n${POINT_AFFINE_BODY}`,
  };
}
