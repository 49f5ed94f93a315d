import { InternalError } from '../../errors.ts';
import { modInverse } from '../../field/modular.ts';
import { type FunctionRef, Ptr } from '../emit/index.ts';
import type { Group } from './kit.ts';

/**
 * (o, a): o = a square root of a on pairs of coordinates, where there is one; else o² ≠ a. For p ≡ 3 mod 4, by one fixed power in
 * Fp and two in Fp2.
 */
export function squareRootFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  const p = group.spec.field.modulus;
  if (p % 4n !== 3n) throw new InternalError('Square roots are generated for moduli that are 3 mod 4.');
  if (group.coords.degree === 1) return group.fp.power((p + 1n) / 4n);
  return quadraticRootFunction(group, p);
}

/**
 * In Fp2, for a = a0 + a1·u and t = (a0 + s)/2 with s² = a0² + a1²: with w = t^((p−3)/4), t·w² = ±1. Where it is 1, t is a square
 * and t·w + (a1·w/2)·u is the root; where it is −1, −t is one and −a1·w/2 + t·w·u is the root.
 */
function quadraticRootFunction<E>(group: Group<E>, p: bigint): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  const half = modInverse(2n, p);
  const rootOfNorm = group.fp.power((p + 1n) / 4n);
  const power = group.fp.power((p - 3n) / 4n);
  const { form } = group.coords;
  return group.define('squareRoot', ['i32', 'i32'], 'void', (f, o, a) => {
    const { ops, fp } = group.kit(f);
    const { mul, sqr } = group.fp;
    const [norm, sum, root, other] = [0, 1, 2, 3].map(() => f.frame(form.pairBytes)) as [Ptr, Ptr, Ptr, Ptr];
    const halfAt = f.constantAddress(form.encodePair(half, half)).address;
    const imaginary = new Ptr(a, form.pairBytes).address;
    f.run(sqr, norm.address, a);
    f.run(sqr, sum.address, imaginary);
    f.run(group.fp.add, norm.address, norm.address, sum.address);
    f.run(rootOfNorm, norm.address, norm.address);
    f.scope(() => {
      const [a0, s] = [fp.load(a), fp.load(norm)];
      const twice = fp.reduce(fp.add(a0, s));
      // For a in Fp the root of the norm may be −a0, and t = 0: the other root serves.
      fp.store(sum, fp.select(fp.isZero(twice), fp.sub(a0, s), twice));
    });
    f.run(mul, sum.address, sum.address, halfAt);
    f.run(power, root.address, sum.address);
    // sum = t·w, other = a1·w/2, norm = t·w².
    f.run(mul, sum.address, sum.address, root.address);
    f.run(mul, other.address, imaginary, root.address);
    f.run(mul, other.address, other.address, halfAt);
    f.run(mul, norm.address, sum.address, root.address);
    const [tw, a1w] = [fp.load(sum), fp.load(other)];
    const isSquare = fp.equal(fp.load(norm), fp.one());
    ops.store(
      o,
      group.coords.fromCoefficients([fp.select(isSquare, tw, fp.neg(a1w)), fp.select(isSquare, a1w, tw)]),
    );
  });
}
