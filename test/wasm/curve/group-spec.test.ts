import { describe, expect, it } from 'vitest';
import { CURVES, type Fp2 } from '../../../src/curve/curve.ts';
import { mod } from '../../../src/field/modular.ts';
import { groupSpec } from '../../../src/wasm/curve/group-spec.ts';

/** The factors that group-spec.ts holds as constants, derived from multiples of the generators by the reference arithmetic. */
describe.each(CURVES.map((curve) => ({ curve, name: curve.name })))('group constants: $name', ({ curve }) => {
  const { Fp, Fp2 } = curve.fields;
  const [g1, g2] = [groupSpec(curve, 'g1'), groupSpec(curve, 'g2')];
  const conjugate = (a: Fp2): Fp2 => Fp2.create({ c0: a.c0, c1: mod(-a.c1, curve.modulus) });

  it('β·x is the x of λ times the generator, on G1 and on G2', () => {
    const scaled1 = curve.g1.BASE.multiplyUnsafe(g1.decomposition.eigenvalue).toAffine();
    expect(Fp.div(scaled1.x, curve.g1.BASE.toAffine().x)).toBe(g1.beta);
    expect(scaled1.y).toBe(curve.g1.BASE.toAffine().y);
    const scaled2 = curve.g2.BASE.multiplyUnsafe(g2.decomposition.eigenvalue).toAffine();
    expect(Fp2.div(scaled2.x, curve.g2.BASE.toAffine().x)).toEqual({ c0: g2.beta, c1: 0n });
    expect(Fp2.eql(scaled2.y, curve.g2.BASE.toAffine().y)).toBe(true);
  });

  it('the factors of ψ take the conjugate of the generator to its multiple by p, and are powers of ξ', () => {
    const { x, y } = curve.g2.BASE.toAffine();
    const image = curve.g2.BASE.multiplyUnsafe(mod(curve.modulus, curve.order)).toAffine();
    const [xFactor, yFactor] = [Fp2.div(image.x, conjugate(x)), Fp2.div(image.y, conjugate(y))];
    expect(g2.frobenius?.xFactor).toEqual([xFactor.c0, xFactor.c1]);
    expect(g2.frobenius?.yFactor).toEqual([yFactor.c0, yFactor.c1]);
    const xi = curve.name === 'bn254' ? Fp2.NONRESIDUE : Fp2.inv(Fp2.NONRESIDUE);
    expect(Fp2.eql(Fp2.pow(xi, (curve.modulus - 1n) / 3n), xFactor)).toBe(true);
    expect(Fp2.eql(Fp2.pow(xi, (curve.modulus - 1n) / 2n), yFactor)).toBe(true);
  });
});
