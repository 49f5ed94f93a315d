/** Fp12 as Fp2[w]/(w⁶ − ξ), six coefficients, multiplied out: an oracle for the tower's Karatsuba formulas. */

import type { Fp2, Fp12 } from '../../src/curve/curve.ts';
import { mod } from '../../src/field/modular.ts';

/** Coefficients of 1, w, w², … w⁵; in the tower v = w². */
export function flatten({ c0, c1 }: Fp12): Fp2[] {
  return [c0.c0, c1.c0, c0.c1, c1.c1, c0.c2, c1.c2];
}

function multiplyFp2(a: Fp2, b: Fp2, p: bigint): Fp2 {
  return { c0: mod(a.c0 * b.c0 - a.c1 * b.c1, p), c1: mod(a.c0 * b.c1 + a.c1 * b.c0, p) };
}

/** The schoolbook product reduced by w⁶ = ξ. */
export function multiplyTower(a: readonly Fp2[], b: readonly Fp2[], xi: Fp2, p: bigint): Fp2[] {
  const out: Fp2[] = Array.from({ length: 6 }, () => ({ c0: 0n, c1: 0n }));
  for (const [i, x] of a.entries()) {
    for (const [j, y] of b.entries()) {
      const product = multiplyFp2(x, y, p);
      const term = i + j < 6 ? product : multiplyFp2(product, xi, p);
      const slot = out[(i + j) % 6] as Fp2;
      out[(i + j) % 6] = { c0: mod(slot.c0 + term.c0, p), c1: mod(slot.c1 + term.c1, p) };
    }
  }
  return out;
}
