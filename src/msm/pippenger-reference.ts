/** Multi-scalar multiplication on reference points: the oracle for every faster MSM. */

import { pippenger } from '@noble/curves/abstract/curve.js';
import type { Curve, G1Point, G2Point } from '../curve/curve.ts';
import { assertLength } from '../errors.ts';

/** Σ scalars_i·points_i in G1; scalars in [0, order). An empty sum is infinity. */
export function msmG1Reference(
  curve: Curve,
  points: readonly G1Point[],
  scalars: readonly bigint[],
): G1Point {
  assertLength('MSM, scalars', points.length, scalars.length);
  return points.length === 0 ? curve.g1.ZERO : pippenger(curve.g1, [...points], [...scalars]);
}

/** Σ scalars_i·points_i in G2; scalars in [0, order). An empty sum is infinity. */
export function msmG2Reference(
  curve: Curve,
  points: readonly G2Point[],
  scalars: readonly bigint[],
): G2Point {
  assertLength('MSM, scalars', points.length, scalars.length);
  return points.length === 0 ? curve.g2.ZERO : pippenger(curve.g2, [...points], [...scalars]);
}
