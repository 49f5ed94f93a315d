/** S_i = IC_0 + Σ_j a_ij·IC_j, weighted and summed over the members of one key: one MSM over IC per key. */

import type { Backend, OperationOptions } from '../backend/backend.ts';
import { packScalars } from '../curve/affine.ts';
import { readBigintLE } from '../field/bytes.ts';
import type { VerificationKey } from './verification-key.ts';

/** Public inputs (32 bytes little-endian each) as integers. */
export function readInputs(inputs: Uint8Array): bigint[] {
  const view = new DataView(inputs.buffer, inputs.byteOffset, inputs.length);
  return Array.from({ length: inputs.length / 32 }, (_, j) => readBigintLE(view, 32 * j, 32));
}

/**
 * Σ_i weights_i·S_i in memory form, for members of one key.
 *
 * @param inputs public inputs per member, as many integers below the order as the key takes
 */
export async function publicInputSum(
  backend: Backend,
  key: VerificationKey,
  inputs: readonly (readonly bigint[])[],
  weights: readonly bigint[],
  options: OperationOptions = {},
): Promise<Uint8Array> {
  const { order } = backend.curve;
  const sums = new Array<bigint>(key.inputCount + 1).fill(0n);
  for (const [i, values] of inputs.entries()) {
    const weight = weights[i] as bigint;
    sums[0] = (sums[0] as bigint) + weight;
    for (const [j, value] of values.entries()) sums[j + 1] = (sums[j + 1] as bigint) + weight * value;
  }
  const reduced = sums.map((sum) => sum % order);
  const [points, scalars] = [
    await backend.uploadG1(key.ic),
    await backend.uploadFr(packScalars(backend.curve, reduced)),
  ];
  const sum = await backend.msmG1(points, scalars, options);
  points.dispose();
  scalars.dispose();
  return sum;
}
