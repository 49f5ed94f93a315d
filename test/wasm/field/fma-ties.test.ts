import { describe, expect, it } from 'vitest';
import { mod, modInverse } from '../../../src/field/modular.ts';
import { FIELD_SPECS } from '../../../src/wasm/field/field-spec.ts';
import { FmaForm } from '../../../src/wasm/field/fma-form.ts';
import { integerOf } from './extreme-limbs.ts';
import { Sandbox } from './sandbox.ts';

/**
 * The Montgomery rows of the fma form leave out the low half of q·p_0 because it cancels the column's remainder m, also
 * for m = −2^(w−1), where both roundings are ties (see the proof in fma-product.ts). Random inputs never hit this: b is
 * made so that the remainders of 1·b are exactly that.
 */
describe.each(FIELD_SPECS)('ties in the Montgomery rows of $name', (field) => {
  const form = new FmaForm(field);
  const { modulus: p } = field;
  const { limbCount: n, limbBits } = form;
  const w = BigInt(limbBits);
  const half = 1n << (w - 1n);
  const range = { value: 2 ** (limbBits + 1) / form.modulusTop, limb: 1 };
  const radixInverse = modInverse(form.radix, p);

  /** b_(n−1) that gives the last row the remainder −2^(w−1), when limb n − 2 is `limb` and those below are 0. */
  function topFor(limb: bigint): bigint {
    const quotient = BigInt.asIntN(limbBits, -limb * modInverse(p, 1n << w));
    // With a tie in the quotient both signs are balanced; they differ by p·2^w/2^w, which the top absorbs.
    const carried = (limb + (quotient === -half ? -half : quotient) * p) >> w;
    return BigInt.asIntN(limbBits, -half - carried);
  }

  const sandbox = new Sandbox(form, ({ module }) => ({
    product: module.define('product', ['i32', 'i32', 'i32'], 'void', (f, o, a, b) => {
      const ops = form.ops(f);
      const product = ops.mul(
        ops.load(a, { value: 2 ** -100, limb: 2 ** (1 - limbBits) }),
        ops.load(b, range),
      );
      ops.store(o, product, product.range);
    }),
  }));
  const one = [1n, ...new Array<bigint>(n - 1).fill(0n)];
  const [out, a, b] = [sandbox.pair(), sandbox.pair(), sandbox.pair()];

  const tops = [topFor(-half), topFor(-half) + (1n << w), topFor(-half) - p, 0n, 1n, -1n];
  const limbs = [-half, half - 1n, -half + 1n, 0n];
  const cases = limbs.flatMap((limb) => [...tops, topFor(limb)].map((top) => ({ limb, top })));

  it('is exact for each', () => {
    let ties = 0;
    for (const { limb, top } of cases) {
      const vector = [...new Array<bigint>(n - 2).fill(0n), limb, BigInt.asIntN(limbBits, top)];
      sandbox.writeLimbs(a, one, one);
      sandbox.writeLimbs(
        b,
        vector,
        vector.map((x) => -x),
      );
      sandbox.call('product', out, a, b);
      const integer = integerOf(form, vector);
      expect(mod(integerOf(form, sandbox.readLimbs(out, 0)), p)).toBe(mod(integer * radixInverse, p));
      expect(mod(integerOf(form, sandbox.readLimbs(out, 1)), p)).toBe(mod(-integer * radixInverse, p));
      if (limb === -half) ties++;
    }
    expect(ties).toBe(tops.length + 1);
  });
});
