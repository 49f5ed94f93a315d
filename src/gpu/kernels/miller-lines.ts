/** Lines of points of G2: some steps of their Miller loops, one point a thread. */

import type { Kernel } from '../kernel.ts';
import type { MillerLibrary } from '../shader/miller-library.ts';
import type { LinePrograms } from '../shader/miller-programs.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/**
 * Six coefficients a line; those of one step and coefficient lie together for all points, so that neighbouring threads read
 * and write neighbouring memory. Lines of infinity are all zero.
 */
export const MILLER_LINES_BODY: string = `struct Parameters {
  // Points of this dispatch, the first of them, and all points.
  count: u32,
  first: u32,
  points: u32,
  // Steps of this dispatch; T of those before the first is in \`states\`.
  first_step: u32,
  steps: u32,
}

@group(0) @binding(1) var<storage, read> points: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> states: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> lines: array<vec4<u32>>;
@group(0) @binding(4) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let at = parameters.first + i;
  let stride = parameters.points;
  var is_infinity = true;
  for (var k = 0u; k < 4u * VECTORS; k++) {
    let value = points[4u * VECTORS * at + k];
    registers[BASE + k] = value;
    registers[POINT + k] = value;
    is_infinity = is_infinity && all(value == vec4<u32>());
  }
  // Z = 1; its other coefficient is 0, as all registers are at first.
  set_register(POINT + 4u * VECTORS, fq_one());
  if (parameters.first_step > 0u) {
    for (var k = 0u; k < 6u; k++) {
      for (var v = 0u; v < VECTORS; v++) {
        registers[POINT + VECTORS * k + v] = states[VECTORS * (k * stride + at) + v];
      }
    }
  }
  set_constants();
  for (var step = 0u; step < parameters.steps; step++) {
    run(STEPS[parameters.first_step + step]);
    for (var k = 0u; k < 6u; k++) {
      for (var v = 0u; v < VECTORS; v++) {
        let value = registers[LINE + VECTORS * k + v];
        lines[VECTORS * ((6u * step + k) * stride + at) + v] = select(value, vec4<u32>(), is_infinity);
      }
    }
  }
  for (var k = 0u; k < 6u; k++) {
    for (var v = 0u; v < VECTORS; v++) {
      states[VECTORS * (k * stride + at) + v] = registers[POINT + VECTORS * k + v];
    }
  }
}
`;

/** The kernel. */
export function millerLines({ text }: MillerLibrary<LinePrograms>): Kernel {
  return {
    name: 'miller-lines',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'write', 'write', 'uniform'],
    code: `${text}\n${MILLER_LINES_BODY}`,
  };
}
