/** Fresh valid proofs to measure on, without circuits. */

import type { Curve } from '../../src/curve/curve.ts';
import { randomScalar } from '../../src/field/random.ts';
import type { BatchMember } from '../../src/index.ts';
import { syntheticBatch } from '../../test/helpers/synthetic-groth16.ts';

/** `proofs` members spread evenly over `keys` keys of `inputs` public inputs each. */
export function randomBatch(
  curve: Curve,
  { keys, inputs, proofs }: { keys: number; inputs: number; proofs: number },
): BatchMember[] {
  const scalar = (): bigint => randomScalar(curve.order);
  const scalars = (count: number): bigint[] => Array.from({ length: count }, scalar);
  return syntheticBatch(curve, {
    keys: Array.from({ length: keys }, () => ({
      alpha: scalar(),
      beta: scalar(),
      gamma: scalar(),
      delta: scalar(),
      ic: scalars(inputs + 1),
    })),
    proofs: Array.from({ length: proofs }, (_, i) => ({
      key: i % keys,
      inputs: scalars(inputs),
      a: scalar(),
      b: scalar(),
    })),
  }).members;
}
