/** Points that must be refused, and why: on the curve and outside the subgroup, off the curve, not reduced. */
import type { Curve, Fp2 } from '../../src/curve/curve.ts';

/** A point of the twist outside the prime-order subgroup: the first x for which there is one. */
export function outsideSubgroup(curve: Curve): { x: Fp2; y: Fp2 } {
  const { Fp2: field } = curve.fields;
  for (let c0 = 1n; ; c0++) {
    const x = field.create({ c0, c1: 1n });
    let y: Fp2;
    try {
      y = field.sqrt(field.add(field.mul(field.sqr(x), x), curve.g2.CURVE().b));
    } catch {
      continue;
    }
    if (!curve.g2.fromAffine({ x, y }).isTorsionFree()) return { x, y };
  }
}

/** A G2 point in snarkjs form. */
export function snarkjsG2({ x, y }: { x: Fp2; y: Fp2 }): string[][] {
  return [
    [`${x.c0}`, `${x.c1}`],
    [`${y.c0}`, `${y.c1}`],
    ['1', '0'],
  ];
}

export const INFINITY_G1: readonly string[] = ['0', '1', '0'];
export const INFINITY_G2: readonly string[][] = [
  ['0', '0'],
  ['1', '0'],
  ['0', '0'],
];
