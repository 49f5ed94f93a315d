/**
 * The optimal ate pairing from its definition: points untwisted into E(Fp12), affine chords and tangents there, and the
 * final exponentiation as one plain power. Slow on purpose; shares nothing with the line formulas it is an oracle for
 * but the arithmetic of Fp12.
 */

import type { Curve, Fp2, Fp6, Fp12, G1Point, G2Point } from '../../src/curve/curve.ts';

interface Point12 {
  readonly x: Fp12;
  readonly y: Fp12;
}

/** Embeds an element of Fp2. */
function lift(curve: Curve, value: Fp2): Fp12 {
  const { Fp6 } = curve.fields;
  const c0: Fp6 = { ...Fp6.ZERO, c0: value };
  return { c0, c1: Fp6.ZERO };
}

/** From the twist to E(Fp12): by w² and w³ on a divisive twist (BN254), by their inverses on a multiplicative one. */
function untwist(curve: Curve, point: G2Point): Point12 {
  const { Fp6, Fp12 } = curve.fields;
  const w: Fp12 = { c0: Fp6.ZERO, c1: Fp6.ONE };
  const factor = curve.pair.params.twistType === 'divisive' ? w : Fp12.inv(w);
  const { x, y } = point.toAffine();
  const square = Fp12.sqr(factor);
  return { x: Fp12.mul(lift(curve, x), square), y: Fp12.mul(lift(curve, y), Fp12.mul(square, factor)) };
}

/** The line through a and b (or the tangent at a) at (x, y), and a + b. Vertical lines lie in Fp6 and vanish later. */
function step(curve: Curve, a: Point12, b: Point12, x: Fp12, y: Fp12): { line: Fp12; sum: Point12 } {
  const { Fp12 } = curve.fields;
  const xx = Fp12.sqr(a.x);
  const slope = Fp12.eql(a.x, b.x)
    ? Fp12.div(Fp12.add(xx, Fp12.add(xx, xx)), Fp12.add(a.y, a.y))
    : Fp12.div(Fp12.sub(b.y, a.y), Fp12.sub(b.x, a.x));
  const line = Fp12.sub(Fp12.sub(y, a.y), Fp12.mul(slope, Fp12.sub(x, a.x)));
  const sumX = Fp12.sub(Fp12.sub(Fp12.sqr(slope), a.x), b.x);
  const sumY = Fp12.sub(Fp12.mul(slope, Fp12.sub(a.x, sumX)), a.y);
  return { line, sum: { x: sumX, y: sumY } };
}

/** e(P, Q)^((p¹² − 1)/order) for finite P and Q, with loop length 6u + 2 (BN254) or |u| (BLS12-381). */
export function naivePairing(curve: Curve, p: G1Point, q: G2Point, u: bigint): Fp12 {
  const { Fp12 } = curve.fields;
  const affine = p.toAffine();
  const x = lift(curve, { c0: affine.x, c1: 0n });
  const y = lift(curve, { c0: affine.y, c1: 0n });
  const base = untwist(curve, q);
  const isBn = curve.name === 'bn254';
  const length = isBn ? 6n * u + 2n : u < 0n ? -u : u;
  let f: Fp12 = Fp12.ONE;
  let t = base;
  const advance = (by: Point12): void => {
    const { line, sum } = step(curve, t, by, x, y);
    f = Fp12.mul(f, line);
    t = sum;
  };
  for (const bit of length.toString(2).slice(1)) {
    f = Fp12.sqr(f);
    advance(t);
    if (bit === '1') advance(base);
  }
  if (isBn) {
    const frobenius = (point: Point12, power: number): Point12 => ({
      x: Fp12.frobeniusMap(point.x, power),
      y: Fp12.frobeniusMap(point.y, power),
    });
    advance(frobenius(base, 1));
    const second = frobenius(base, 2);
    advance({ x: second.x, y: Fp12.neg(second.y) });
  } else if (u < 0n) {
    f = Fp12.frobeniusMap(f, 6);
  }
  return Fp12.pow(f, (curve.modulus ** 12n - 1n) / curve.order);
}
