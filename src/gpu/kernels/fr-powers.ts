/**
 * first·base^i. A thread finds base to its own number by squaring, and goes on from there in steps of as many elements as there
 * are threads, so that neighbours write neighbouring places.
 */

import { kernelOf, type ScalarKernel } from './scalar-kernel.ts';
import { mainText } from './thread-index.ts';

/** Elements that a thread makes. */
export const POWERS_RUN = 32;

/** The part of the kernel that is no library. */
export const FR_POWERS_BODY: string = `struct Parameters {
  count: u32,
  first_out: u32,
  threads: u32,
  // Bits of the largest number of a thread.
  bits: u32,
  // The first power, in the form that all are to have.
  first: Fr,
  // In Montgomery form, and it to the number of threads.
  base: Fr,
  ratio: Fr,
}

@group(0) @binding(0) var<storage, read_write> out: array<Fr>;
@group(0) @binding(1) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.threads) {
    return;
  }
  var value = parameters.first;
  var power = parameters.base;
  var at = i;
  // Two steps a bit of the thread's number: times the power, and the power squared. Then one step an element.
  let climb = 2u * parameters.bits;
  for (var step = 0u; step < climb + ${POWERS_RUN}u; step++) {
    let is_climbing = step < climb;
    let is_squaring = is_climbing && (step & 1u) == 1u;
    if (!is_climbing) {
      if (at >= parameters.count) {
        return;
      }
      out[parameters.first_out + at] = value;
      at += parameters.threads;
    }
    let left = fr_select(value, power, is_squaring);
    let right = fr_select(parameters.ratio, power, is_climbing);
    let product = fr_mul(left, right);
    if (is_squaring) {
      power = product;
    } else if (!is_climbing || ((i >> (step >> 1u)) & 1u) == 1u) {
      value = product;
    }
  }
}
`;

/** The kernel. */
export const frPowers: ScalarKernel = (curve, multiplier) =>
  kernelOf('fr-powers', curve, multiplier, ['write', 'uniform'], FR_POWERS_BODY);
