/**
 * Rows of a sparse matrix times a vector. Rows are cut into slices of like length, one a thread; what the slices of a long row
 * come to is added up by further levels.
 */

import { kernelOf, type ScalarKernel } from './scalar-kernel.ts';
import { mainText } from './thread-index.ts';

const PARAMETERS = `struct Parameters {
  first_slice: u32,
  count: u32,
  // Index of the vector's first element.
  first_in: u32,
}
`;

/** Sums of products. */
export const FR_MATRIX_ROWS_BODY: string = `${PARAMETERS}
// Column and value of each entry.
@group(0) @binding(0) var<storage, read> entries: array<vec2<u32>>;
// Three words a slice: its first entry, their number, where the sum goes.
@group(0) @binding(1) var<storage, read> slices: array<u32>;
// In Montgomery form.
@group(0) @binding(2) var<storage, read> values: array<Fr>;
@group(0) @binding(3) var<storage, read> vector: array<Fr>;
@group(0) @binding(4) var<storage, read_write> sums: array<Fr>;
@group(0) @binding(5) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let slice = 3u * (parameters.first_slice + i);
  let start = slices[slice];
  let end = start + slices[slice + 1u];
  var sum = fr_zero();
  for (var k = start; k < end; k++) {
    let entry = entries[k];
    sum = fr_add(sum, fr_mul(values[entry.y], vector[parameters.first_in + entry.x]));
  }
  sums[slices[slice + 2u]] = sum;
}
`;

/** Sums of sums. */
export const FR_MATRIX_SUMS_BODY: string = `${PARAMETERS}
// Three words a slice: its first summand, their number, where the sum goes.
@group(0) @binding(0) var<storage, read> slices: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<Fr>;
@group(0) @binding(2) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let slice = 3u * (parameters.first_slice + i);
  let start = slices[slice];
  let end = start + slices[slice + 1u];
  var sum = fr_zero();
  for (var k = start; k < end; k++) {
    sum = fr_add(sum, sums[k]);
  }
  sums[slices[slice + 2u]] = sum;
}
`;

/** The kernel of the first level. */
export const frMatrixRows: ScalarKernel = (curve, multiplier) =>
  kernelOf(
    'fr-matrix-rows',
    curve,
    multiplier,
    ['read', 'read', 'read', 'read', 'write', 'uniform'],
    FR_MATRIX_ROWS_BODY,
  );

/** The kernel of the other levels. */
export const frMatrixSums: ScalarKernel = (curve, multiplier) =>
  kernelOf('fr-matrix-sums', curve, multiplier, ['read', 'write', 'uniform'], FR_MATRIX_SUMS_BODY);
