/** Frobenius maps of Fp12 on pairs in memory. */

import type { Fp2 } from '../../curve/curve.ts';
import { Ptr } from '../emit/index.ts';
import type { UnaryFunction } from '../field/field-functions.ts';
import { fp2Mul, fp2MulFp } from './fp2-functions.ts';
import type { Tower } from './tower.ts';

/** γ_k = ξ^(k(p^n − 1)/6), by which the coefficient of w^k is multiplied in a^(p^n). */
export function frobeniusCoefficients({ curve }: Pick<Tower, 'curve'>, power: number): Fp2[] {
  const { Fp2 } = curve.fields;
  const sixth = (curve.modulus ** BigInt(power) - 1n) / 6n;
  return [0n, 1n, 2n, 3n, 4n, 5n].map((k) => Fp2.pow(Fp2.NONRESIDUE, k * sixth));
}

/**
 * (o, a): o = a^(p^power): the coefficients of w^k conjugated if the power is odd and multiplied by γ_k, which lies in Fp if it
 * is even.
 */
export function fp12Frobenius(tower: Tower, power: 1 | 2 | 3): UnaryFunction {
  return tower.define(`fp12Frobenius${power}`, ['i32', 'i32'], (f, o, a) => {
    const ops = tower.ops(f);
    const gammas = frobeniusCoefficients(tower, power);
    gammas.forEach((gamma, k) => {
      const [to, from] = [new Ptr(o, tower.offset(k)), new Ptr(a, tower.offset(k))];
      if (power % 2 === 1) f.scope(() => ops.store(to, ops.conjugate(ops.load(from))));
      else f.scope(() => ops.copy(to, from));
      if (k === 0) return;
      const mul = gamma.c1 === 0n ? fp2MulFp(tower) : fp2Mul(tower);
      f.run(mul, to.address, to.address, tower.constant(f, gamma).address);
    });
  });
}
