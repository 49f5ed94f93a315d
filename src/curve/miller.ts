/** Sums of Miller loops that share their squarings, and lines of each G2 point computed once for all sums it stands in. */

import type { Curve, Fp12, G1Point, G2Point } from './curve.ts';

/** The lines of one G2 point's Miller loop, independent of the G1 argument. */
export type Lines = ReturnType<Curve['pair']['utils']['calcPairingPrecomputes']>;

/** Lines of `point`, or undefined for infinity, whose loop is 1. */
export function millerLines(curve: Curve, point: G2Point): Lines | undefined {
  return point.is0() ? undefined : curve.pair.utils.calcPairingPrecomputes(point);
}

/** Π of Miller loops f(P_i, Q_i) before the final exponentiation; pairs with an infinite member count as 1. */
export function millerProduct(
  curve: Curve,
  pairs: readonly { g1: G1Point; lines: Lines | undefined }[],
): Fp12 {
  const loops: [Lines, bigint, bigint][] = [];
  for (const { g1, lines } of pairs) {
    if (lines === undefined || g1.is0()) continue;
    const { x, y } = g1.toAffine();
    loops.push([lines, x, y]);
  }
  return loops.length === 0 ? curve.fields.Fp12.ONE : curve.pair.millerLoopBatch(loops);
}
