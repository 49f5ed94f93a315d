/** Affine points between memory form (flat bytes, see curve.ts) and reference objects, with the checks at the door. */

import {
  assertLength,
  type ErrorContext,
  FieldElementOutOfRangeError,
  PointNotInSubgroupError,
  PointNotOnCurveError,
} from '../errors.ts';
import { bigintFromBytesLE, isZeroBytes, writeBigintLE } from '../field/bytes.ts';
import type { Curve, Fp2, G1Point, G2Point } from './curve.ts';

function readFp(
  curve: Curve,
  bytes: Uint8Array,
  offset: number,
  what: string,
  context: ErrorContext,
): bigint {
  const value = bigintFromBytesLE(bytes.subarray(offset, offset + curve.fpBytes));
  if (value >= curve.modulus) throw new FieldElementOutOfRangeError(what, context);
  return value;
}

/** Whether (x, y) satisfies y² = x³ + b on G1's curve. */
export function isOnG1Curve(curve: Curve, x: bigint, y: bigint): boolean {
  const { Fp } = curve.fields;
  return Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), curve.g1.CURVE().b));
}

/** Whether (x, y) satisfies the twist's equation. Says nothing of the subgroup. */
export function isOnG2Curve(curve: Curve, x: Fp2, y: Fp2): boolean {
  const { Fp2 } = curve.fields;
  return Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), curve.g2.CURVE().b));
}

/**
 * Reads one G1 point from memory form; coordinates must be canonical. The curve is not checked, except that y = 0, which
 * no point of either curve has and the reference arithmetic cannot hold, is refused as off the curve.
 */
export function g1FromBytes(
  curve: Curve,
  bytes: Uint8Array,
  what = 'G1 point',
  context: ErrorContext = {},
): G1Point {
  assertLength(`${what}, bytes`, curve.g1Bytes, bytes.length, context);
  if (isZeroBytes(bytes)) return curve.g1.ZERO;
  const x = readFp(curve, bytes, 0, `${what}, x`, context);
  const y = readFp(curve, bytes, curve.fpBytes, `${what}, y`, context);
  if (y === 0n) throw new PointNotOnCurveError(what, context);
  return curve.g1.fromAffine({ x, y });
}

/** Reads one G2 point from memory form. As {@link g1FromBytes}. */
export function g2FromBytes(
  curve: Curve,
  bytes: Uint8Array,
  what = 'G2 point',
  context: ErrorContext = {},
): G2Point {
  assertLength(`${what}, bytes`, curve.g2Bytes, bytes.length, context);
  if (isZeroBytes(bytes)) return curve.g2.ZERO;
  const read = (slot: number): bigint =>
    readFp(curve, bytes, slot * curve.fpBytes, `${what}, coordinate`, context);
  const [x, y]: [Fp2, Fp2] = [
    { c0: read(0), c1: read(1) },
    { c0: read(2), c1: read(3) },
  ];
  if (curve.fields.Fp2.is0(y)) throw new PointNotOnCurveError(what, context);
  return curve.g2.fromAffine({ x, y });
}

/** Refuses a G1 point off the curve or outside the prime-order subgroup. Infinity passes. */
export function checkG1(curve: Curve, point: G1Point, what = 'G1 point', context: ErrorContext = {}): void {
  if (point.is0()) return;
  const { x, y } = point.toAffine();
  if (!isOnG1Curve(curve, x, y)) throw new PointNotOnCurveError(what, context);
  if (!curve.g1IsWholeCurve && !point.isTorsionFree()) throw new PointNotInSubgroupError(what, context);
}

/** Refuses a G2 point off the curve or outside the prime-order subgroup. Infinity passes. */
export function checkG2(curve: Curve, point: G2Point, what = 'G2 point', context: ErrorContext = {}): void {
  if (point.is0()) return;
  const { x, y } = point.toAffine();
  if (!isOnG2Curve(curve, x, y)) throw new PointNotOnCurveError(what, context);
  if (!point.isTorsionFree()) throw new PointNotInSubgroupError(what, context);
}

/** Writes one G1 point in memory form. */
export function writeG1(curve: Curve, point: G1Point, out: Uint8Array, offset: number): void {
  if (point.is0()) {
    out.fill(0, offset, offset + curve.g1Bytes);
    return;
  }
  const { x, y } = point.toAffine();
  writeBigintLE(x, out, offset, curve.fpBytes);
  writeBigintLE(y, out, offset + curve.fpBytes, curve.fpBytes);
}

/** Writes one G2 point in memory form. */
export function writeG2(curve: Curve, point: G2Point, out: Uint8Array, offset: number): void {
  if (point.is0()) {
    out.fill(0, offset, offset + curve.g2Bytes);
    return;
  }
  const { x, y } = point.toAffine();
  [x.c0, x.c1, y.c0, y.c1].forEach((value, slot) => {
    writeBigintLE(value, out, offset + slot * curve.fpBytes, curve.fpBytes);
  });
}

/** One G1 point in memory form. */
export function g1ToBytes(curve: Curve, point: G1Point): Uint8Array {
  const out = new Uint8Array(curve.g1Bytes);
  writeG1(curve, point, out, 0);
  return out;
}

/** One G2 point in memory form. */
export function g2ToBytes(curve: Curve, point: G2Point): Uint8Array {
  const out = new Uint8Array(curve.g2Bytes);
  writeG2(curve, point, out, 0);
  return out;
}
