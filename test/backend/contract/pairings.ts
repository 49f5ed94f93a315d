/** Miller products, final exponentiation and arithmetic in GT, against powers of one pairing of the generators. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PairingProduct } from '../../../src/backend/backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import type { Fp12 } from '../../../src/curve/curve.ts';
import { gtFromBytes, gtToBytes } from '../../../src/curve/gt.ts';
import { joinBytes, writeBigintLE } from '../../../src/field/bytes.ts';
import { mod } from '../../../src/field/modular.ts';
import { fp12, gtGenerator, residue, slow } from '../../curve/arbitraries.ts';
import { elementsOf, expectRefusal, type Fixture, g1Case, g2Case, MANY, scalarList } from './fixture.ts';

/** A term by the logarithms of its points. */
type LogTerm = readonly (readonly [a: bigint, b: bigint])[];

export function pairingContract(fixture: Fixture): void {
  const { curve, backend } = fixture;
  const { order, gtBytes } = curve;
  const { Fp12 } = curve.fields;
  const [g1, g2] = [g1Case(fixture), g2Case(fixture)];
  const generator = gtGenerator(curve);
  const power = (log: bigint): Uint8Array => gtToBytes(curve, Fp12.pow(generator, mod(log, order)));
  const one = gtToBytes(curve, Fp12.ONE);
  const join = (values: readonly Fp12[]): Uint8Array =>
    joinBytes(values.map((value) => gtToBytes(curve, value)));

  const upload = async (terms: readonly LogTerm[]): Promise<PairingProduct> => {
    const product: PairingProduct[number][] = [];
    for (const term of terms) {
      product.push({
        g1: await g1.upload(g1.points(term.map(([a]) => a))),
        g2: await g2.upload(g2.points(term.map(([, b]) => b))),
      });
    }
    return product;
  };
  /** Only after the final exponentiation are products of different backends the same. */
  const evaluate = async (products: readonly PairingProduct[]): Promise<Uint8Array[]> => {
    const miller = await backend().millerProducts(products);
    expect(miller).toHaveLength(products.length * gtBytes);
    return elementsOf(await backend().finalExponentiation(miller), gtBytes);
  };
  const logOf = (terms: readonly LogTerm[]): bigint => terms.flat().reduce((sum, [a, b]) => sum + a * b, 0n);
  const term = (maxLength: number): fc.Arbitrary<LogTerm> =>
    fc.array(fc.tuple(residue(order), residue(order)), { maxLength });

  describe('pairing products', () => {
    it('of random terms, several at a time', async () => {
      const product = fc.array(term(3), { maxLength: 2 });
      await fc.assert(
        fc.asyncProperty(fc.array(product, { maxLength: 3 }), async (logs) => {
          const products: PairingProduct[] = [];
          for (const terms of logs) products.push(await upload(terms));
          expect(await evaluate(products)).toEqual(logs.map((terms) => power(logOf(terms))));
        }),
        slow(4),
      );
    });

    it.each([1, 2, 3, 16, 17, 33])('of %i pairs in one term', async (count) => {
      const logs = Array.from({ length: count }, (_, i): [bigint, bigint] => [
        BigInt(i) + 2n,
        3n * BigInt(i) + 1n,
      ]);
      const product = [
        {
          g1: await g1.upload(g1.progression(2n, 1n, count)),
          g2: await g2.upload(g2.progression(1n, 3n, count)),
        },
      ];
      expect(await evaluate([product])).toEqual([power(logOf([logs]))]);
    });

    it('that share vectors and slices of them', async () => {
      const a = await g1.upload(g1.points([2n, 3n, 5n, 7n]));
      const b = await g2.upload(g2.points([11n, 13n, 17n, 19n]));
      const products: PairingProduct[] = [
        [{ g1: a, g2: b }],
        [{ g1: a.slice(2, 4), g2: b.slice(0, 2) }],
        [{ g1: a.slice(0, 2), g2: b.slice(2, 4) }],
        [
          { g1: a.slice(0, 1), g2: b.slice(0, 1) },
          { g1: a.slice(1, 2), g2: b.slice(0, 1) },
        ],
        [
          { g1: a, g2: b },
          { g1: a, g2: b },
        ],
      ];
      const all = 2n * 11n + 3n * 13n + 5n * 17n + 7n * 19n;
      const logs = [all, 5n * 11n + 7n * 13n, 2n * 17n + 3n * 19n, 2n * 11n + 3n * 11n, 2n * all];
      expect(await evaluate(products)).toEqual(logs.map(power));
    });

    it('of equal points under different handles', async () => {
      const products = [await upload([[[3n, 5n]]]), await upload([[[3n, 5n]]]), await upload([[[4n, 5n]]])];
      expect(await evaluate(products)).toEqual([power(15n), power(15n), power(20n)]);
    });

    it('skip pairs with an infinite member', async () => {
      const logs: LogTerm = [
        [0n, 5n],
        [3n, 0n],
        [0n, 0n],
        [2n, 7n],
      ];
      const products = [
        await upload([logs]),
        await upload([logs.slice(0, 3)]),
        await upload([logs.slice(1, 2)]),
      ];
      expect(await evaluate(products)).toEqual([power(14n), one, one]);
    });

    it('of nothing are 1; no products give no elements', async () => {
      expect(await evaluate([[], await upload([[]]), await upload([[], []])])).toEqual([one, one, one]);
      expect(await evaluate([])).toEqual([]);
      const mixed = [[], await upload([[[1n, 1n]]]), []];
      expect(await evaluate(mixed)).toEqual([one, power(1n), one]);
    });

    it('cancel: e(P, Q)·e(−P, Q) = e(P, Q)·e(P, −Q) = e(aP, Q)·e(−P, aQ) = 1', async () => {
      const products = [
        await upload([
          [
            [6n, 7n],
            [-6n, 7n],
          ],
        ]),
        await upload([[[6n, 7n]], [[6n, -7n]]]),
        await upload([
          [
            [12n, 7n],
            [-4n, 21n],
          ],
        ]),
      ];
      expect(await evaluate(products)).toEqual([one, one, one]);
    });

    it('refuse a term whose sides differ in length', async () => {
      const [a, b] = [await g1.upload(g1.points([1n, 2n])), await g2.upload(g2.points([1n]))];
      await expectRefusal(backend().millerProducts([[{ g1: a, g2: b }]]), 'LENGTH_MISMATCH');
      await expectRefusal(
        backend().millerProducts([
          [],
          [
            { g1: a.slice(0, 1), g2: b },
            { g1: a.slice(0, 0), g2: b },
          ],
        ]),
        'LENGTH_MISMATCH',
      );
    });
  });

  describe('final exponentiation', () => {
    it('of any elements of Fp12, one by one', async () => {
      const nonzero = fp12(curve).filter((value) => !Fp12.is0(value));
      await fc.assert(
        fc.asyncProperty(fc.array(nonzero, { maxLength: 9 }), async (values) => {
          const got = await backend().finalExponentiation(join(values));
          expect(elementsOf(got, gtBytes)).toEqual(
            values.map((value) => gtToBytes(curve, Fp12.finalExponentiate(value))),
          );
        }),
        slow(4),
      );
    });

    it('of 1, of −1 and of elements of subfields is 1', async () => {
      const { Fp6 } = curve.fields;
      const inFp6 = Fp6.add(Fp6.ONE, {
        c0: { c0: 3n, c1: 5n },
        c1: { c0: 7n, c1: 0n },
        c2: { c0: 0n, c1: 2n },
      });
      const values = [Fp12.ONE, Fp12.neg(Fp12.ONE), Fp12.mul(Fp12.ONE, 5n), { c0: inFp6, c1: Fp6.ZERO }];
      expect(elementsOf(await backend().finalExponentiation(join(values)), gtBytes)).toEqual(
        values.map(() => one),
      );
    });

    it('refuses a length that is no whole number of elements, and a coefficient ≥ p', async () => {
      await expectRefusal(backend().finalExponentiation(one.subarray(1)), 'LENGTH_MISMATCH');
      const bad = joinBytes([one, one, one]);
      writeBigintLE(curve.modulus, bad, gtBytes + 5 * curve.fpBytes, curve.fpBytes);
      await expectRefusal(backend().finalExponentiation(bad), 'FIELD_ELEMENT_OUT_OF_RANGE', 1);
    });
  });

  describe('products in Fp12', () => {
    it.each([0, 1, 8, MANY])('%i of them, one by one', async (count) => {
      const list = fc.array(fp12(curve), { minLength: count, maxLength: count });
      await fc.assert(
        fc.asyncProperty(list, list, async (left, right) => {
          const got = elementsOf(await backend().gtMul(join(left), join(right)), gtBytes);
          expect(got).toHaveLength(count);
          for (const [i, bytes] of got.entries())
            expect(gtFromBytes(curve, bytes), `product ${i}`).toEqual(
              Fp12.mul(left[i] as Fp12, right[i] as Fp12),
            );
        }),
        slow(1),
      );
    });

    it('refuses lists of different length, parts of elements, and coefficients ≥ p', async () => {
      await expectRefusal(backend().gtMul(joinBytes([one, one]), one), 'LENGTH_MISMATCH');
      await expectRefusal(backend().gtMul(one, new Uint8Array()), 'LENGTH_MISMATCH');
      await expectRefusal(backend().gtMul(one.subarray(1), one.subarray(1)), 'LENGTH_MISMATCH');
      const bad = joinBytes([one, one, one]);
      writeBigintLE(curve.modulus, bad, 2 * gtBytes, curve.fpBytes);
      const good = joinBytes([one, one, one]);
      await expectRefusal(backend().gtMul(bad, good), 'FIELD_ELEMENT_OUT_OF_RANGE', 2);
      await expectRefusal(backend().gtMul(good, bad), 'FIELD_ELEMENT_OUT_OF_RANGE', 2);
    });
  });

  describe('products of powers in GT', () => {
    const multiExp = (logs: readonly bigint[], scalars: readonly bigint[]): Promise<Uint8Array> =>
      backend().gtMultiExp(joinBytes(logs.map(power)), packScalars(curve, scalars));

    it.each([0, 1, 2, 3, 7, 17])('of %i terms', async (count) => {
      await fc.assert(
        fc.asyncProperty(scalarList(curve, count), scalarList(curve, count), async (logs, scalars) => {
          const log = logs.reduce((sum, each, i) => sum + each * (scalars[i] as bigint), 0n);
          expect(await multiExp(logs, scalars)).toEqual(power(log));
        }),
        slow(1),
      );
    });

    it('with 0, 1, 2, order − 1 and scalars at every bit', async () => {
      for (const scalar of [0n, 1n, 2n, order - 1n, order - 2n])
        expect(await multiExp([5n], [scalar])).toEqual(power(5n * scalar));
      const bits = order.toString(2).length;
      const scalars = Array.from({ length: bits }, (_, j) => 1n << BigInt(j)).flatMap((s) => [s, s - 1n]);
      const base = power(3n);
      const got = await backend().gtMultiExp(joinBytes(scalars.map(() => base)), packScalars(curve, scalars));
      expect(got).toEqual(power(3n * scalars.reduce((a, b) => a + b)));
    });

    it('is 1 for opposite terms, for 1 and for nothing', async () => {
      expect(await multiExp([5n, -5n], [9n, 9n])).toEqual(one);
      expect(await multiExp([5n, 5n], [9n, order - 9n])).toEqual(one);
      expect(await multiExp([0n, 0n], [order - 1n, 3n])).toEqual(one);
      expect(await backend().gtMultiExp(new Uint8Array(), new Uint8Array())).toEqual(one);
    });

    it('refuses other lengths, scalars ≥ order and coefficients ≥ p', async () => {
      const bases = joinBytes([power(2n), power(3n)]);
      const scalars = packScalars(curve, [4n, 5n]);
      await expectRefusal(backend().gtMultiExp(bases, scalars.subarray(32)), 'LENGTH_MISMATCH');
      await expectRefusal(backend().gtMultiExp(bases, scalars.subarray(1)), 'LENGTH_MISMATCH');
      await expectRefusal(backend().gtMultiExp(bases.subarray(1), scalars), 'LENGTH_MISMATCH');
      for (const value of [order, order + 1n, (1n << 256n) - 1n]) {
        const bad = Uint8Array.from(scalars);
        writeBigintLE(value, bad, 32, 32);
        await expectRefusal(backend().gtMultiExp(bases, bad), 'SCALAR_OUT_OF_RANGE', 1);
      }
      const bad = Uint8Array.from(bases);
      writeBigintLE(curve.modulus, bad, gtBytes, curve.fpBytes);
      await expectRefusal(backend().gtMultiExp(bad, scalars), 'FIELD_ELEMENT_OUT_OF_RANGE', 1);
    });
  });
}
