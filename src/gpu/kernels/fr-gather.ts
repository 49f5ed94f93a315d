/** Every stride-th scalar of a vector, one behind the other. */

import type { Kernel } from '../kernel.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** The kernel: the same for all curves, whose scalars have 32 bytes. */
export const FR_GATHER: Kernel = {
  name: 'fr-gather',
  workgroupSize: WORKGROUP,
  bindings: ['read', 'write', 'uniform'],
  code: `struct Parameters {
  count: u32,
  first_in: u32,
  stride: u32,
  first_out: u32,
}

@group(0) @binding(0) var<storage, read> input: array<array<vec4<u32>, 2>>;
@group(0) @binding(1) var<storage, read_write> out: array<array<vec4<u32>, 2>>;
@group(0) @binding(2) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  out[parameters.first_out + i] = input[parameters.first_in + parameters.stride * i];
}
`,
};
