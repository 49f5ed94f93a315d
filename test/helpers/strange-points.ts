/** Points that no honest party makes: off the curve, or on it and outside the subgroup. */

import type { Curve, Fp2, Fp6, Fp12, G1Point, G2Point } from '../../src/curve/curve.ts';
import { g1FromBytes, g1ToBytes, g2FromBytes, g2ToBytes } from '../../src/curve/points.ts';
import { g1Times } from './group-elements.ts';

/** A G2 point on the curve and outside the subgroup, the first with a small x. */
export function outsideG2Subgroup(curve: Curve): G2Point {
  const { Fp2 } = curve.fields;
  for (let i = 1n; ; i++) {
    const x = Fp2.fromBigTuple([i, 1n]);
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), curve.g2.CURVE().b));
      const point = curve.g2.fromAffine({ x, y });
      if (!point.isTorsionFree()) return point;
    } catch {
      // No such point; the next x.
    }
  }
}

/** scalar·point for scalars beyond the group order, which the library's own multiplication refuses. */
function times(curve: Curve, point: G2Point, scalar: bigint): G2Point {
  let sum = curve.g2.ZERO;
  for (const bit of scalar.toString(2)) {
    sum = sum.double();
    if (bit === '1') sum = sum.add(point);
  }
  return sum;
}

/** A point of order 10069, which divides the cofactor of BN254's G2. */
export function smallOrderG2(curve: Curve): G2Point {
  const cofactor = 2n * curve.modulus - curve.order;
  const point = times(curve, outsideG2Subgroup(curve), (curve.order * cofactor) / 10069n);
  if (point.is0() || !times(curve, point, 10069n).is0()) throw new Error('Expected a point of order 10069.');
  return point;
}

/** A G1 point on BLS12-381's curve and outside the subgroup, the first with a small x. */
export function outsideG1Subgroup(curve: Curve): G1Point {
  const { Fp } = curve.fields;
  for (let x = 1n; ; x++) {
    try {
      const y = Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), curve.g1.CURVE().b));
      const point = curve.g1.fromAffine({ x, y });
      if (!point.isTorsionFree()) return point;
    } catch {
      // No such point; the next x.
    }
  }
}

/** An element of the cyclotomic subgroup that is not of the groups' order: what a final exponentiation starts from. */
export function outsideGt(curve: Curve): Fp12 {
  const { Fp2, Fp12 } = curve.fields;
  const pair = (i: bigint): Fp2 => Fp2.fromBigTuple([i, i + 1n]);
  const half = (i: bigint): Fp6 => ({ c0: pair(i), c1: pair(i + 2n), c2: pair(i + 4n) });
  const start: Fp12 = { c0: half(2n), c1: half(8n) };
  const normOne = Fp12.mul(Fp12.conjugate(start), Fp12.inv(start));
  return Fp12.mul(Fp12.frobeniusMap(normOne, 2), normOne);
}

/** Memory form of the sum of a point in memory form and another. */
export function addG1(curve: Curve, bytes: Uint8Array, point: G1Point): Uint8Array {
  return g1ToBytes(curve, g1FromBytes(curve, bytes).add(point));
}

/** The same in G2. */
export function addG2(curve: Curve, bytes: Uint8Array, point: G2Point): Uint8Array {
  return g2ToBytes(curve, g2FromBytes(curve, bytes).add(point));
}

/** A pair of coordinates that is on no curve: the generator's x with y + 1. */
export function offG1Curve(curve: Curve): Uint8Array {
  const { x, y } = curve.g1.BASE.toAffine();
  return g1ToBytes(curve, curve.g1.fromAffine({ x, y: y + 1n }));
}

/** The same in G2. */
export function offG2Curve(curve: Curve): Uint8Array {
  const { x, y } = curve.g2.BASE.toAffine();
  return g2ToBytes(curve, curve.g2.fromAffine({ x, y: curve.fields.Fp2.add(y, curve.fields.Fp2.ONE) }));
}

/** Coordinates that are not below the modulus, in memory form. */
export function beyondField(curve: Curve): Uint8Array {
  return g1Times(curve, 1n).fill(0xff, 0, curve.fpBytes);
}
