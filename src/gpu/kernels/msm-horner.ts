/** Sums of windows to the sum of a job: for many small jobs at once, one a thread. */

import type { Kernel } from '../kernel.ts';
import type { GroupLibrary } from '../shader/libraries.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** Horner's rule from the highest window down. */
export const MSM_HORNER_BODY: string = `struct Parameters {
  jobs: u32,
  windows: u32,
  window_bits: u32,
}

@group(0) @binding(1) var<storage, read> windows: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4<u32>>;
@group(0) @binding(3) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.jobs) {
    return;
  }
  let base = i * parameters.windows;
  let period = parameters.window_bits + 1u;
  // A window's addition, then the doublings to the next window below; none after the last.
  let steps = parameters.windows * period - parameters.window_bits;
  set_infinity();
  for (var step = 0u; step < steps; step++) {
    var start = DOUBLE;
    if (step % period == 0u) {
      let window = base + parameters.windows - 1u - step / period;
      for (var k = 0u; k < POINT_SIZE; k++) {
        registers[OPERAND + k] = windows[POINT_SIZE * window + k];
      }
      start = FULL;
    }
    run(start);
  }
  for (var k = 0u; k < POINT_SIZE; k++) {
    sums[POINT_SIZE * i + k] = registers[ACCUMULATOR + k];
  }
}
`;

/** The kernel. */
export function msmHorner({ text }: GroupLibrary): Kernel {
  return {
    name: 'msm-horner',
    workgroupSize: WORKGROUP,
    bindings: ['uniform', 'read', 'write', 'uniform'],
    code: `${text}\n${MSM_HORNER_BODY}`,
  };
}
