/** Folding, powers and opening quotients in the scalar field, against integers. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrVector } from '../../../src/backend/backend.ts';
import { mod, modPow } from '../../../src/field/modular.ts';
import { residue, slow } from '../../curve/arbitraries.ts';
import { evaluate, multiplyPolynomials } from '../../field/naive-polynomial.ts';
import { expectRefusal, type Fixture, MANY, scalarList, scalarsOf, uploadScalars } from './fixture.ts';

export function scalarContract(fixture: Fixture): void {
  const { curve, backend } = fixture;
  const { order } = curve;
  const scalar = residue(order);
  const read = async (vector: FrVector): Promise<bigint[]> => {
    expect(vector.kind).toBe('fr');
    const values = scalarsOf(await backend().read(vector));
    expect(values).toHaveLength(vector.length);
    return values;
  };

  describe('scalars', () => {
    it.each([0, 1, 2, 7, 8, 9, MANY, 300])('folds %i pairs one by one', async (count) => {
      await fc.assert(
        fc.asyncProperty(
          scalarList(curve, count),
          scalarList(curve, count),
          scalar,
          async (left, right, x) => {
            const [a, b] = [await uploadScalars(fixture, left), await uploadScalars(fixture, right)];
            const folded = await read(await backend().foldFr(a, b, x));
            expect(folded).toEqual(left.map((value, i) => mod(value + x * (right[i] as bigint), order)));
            expect(await read(a)).toEqual(left);
            expect(await read(b)).toEqual(right);
          },
        ),
        slow(3),
      );
    });

    it('folds halves of one vector', async () => {
      const values = [1n, 2n, 3n, order - 1n, 5n, 6n];
      const vector = await uploadScalars(fixture, values);
      const folded = await backend().foldFr(vector.slice(0, 3), vector.slice(3, 6), 10n);
      expect(await read(folded)).toEqual([mod(1n - 10n, order), 52n, 63n]);
      expect(await read(vector)).toEqual(values);
    });

    it('refuses halves of different length', async () => {
      const [one, two] = [await uploadScalars(fixture, [1n]), await uploadScalars(fixture, [1n, 2n])];
      await expectRefusal(backend().foldFr(one, two, 1n), 'LENGTH_MISMATCH');
      await expectRefusal(backend().foldFr(two, one, 1n), 'LENGTH_MISMATCH');
    });

    it.each([0, 1, 2, 3, 7, 8, 9, MANY, 300])('gives %i powers', async (count) => {
      await fc.assert(
        fc.asyncProperty(scalar, scalar, async (base, first) => {
          const list = await read(await backend().powersFr(base, count, first));
          expect(list).toEqual(
            Array.from({ length: count }, (_, i) => mod(first * modPow(base, BigInt(i), order), order)),
          );
        }),
        slow(3),
      );
    });

    it('gives powers from 1 on by default, of 0, 1 and −1 too', async () => {
      const powers = async (base: bigint, count: number): Promise<bigint[]> =>
        read(await backend().powersFr(base, count));
      expect(await powers(3n, 4)).toEqual([1n, 3n, 9n, 27n]);
      expect(await powers(0n, 3)).toEqual([1n, 0n, 0n]);
      expect(await powers(1n, 3)).toEqual([1n, 1n, 1n]);
      expect(await powers(order - 1n, 3)).toEqual([1n, order - 1n, 1n]);
    });

    it('gives opening quotients: q(X)·(X − z) = f(X) − f(z), coefficient by coefficient', async () => {
      const factors = fc.array(scalar, { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(factors, fc.constantFrom(0, 1, 2, 8, 16, 33), scalar, async (list, shift, point) => {
          let f = [...new Array<bigint>(shift).fill(0n), 1n];
          for (const [j, factor] of list.entries()) {
            const sparse = [1n, ...new Array<bigint>(2 ** j - 1).fill(0n), factor];
            f = multiplyPolynomials(f, sparse, order);
          }
          const vector = await backend().openingQuotient(list, shift, point);
          expect(vector.length).toBe(2 ** list.length + shift - 1);
          const product = multiplyPolynomials(await read(vector), [mod(-point, order), 1n], order);
          const expected = [mod((f[0] as bigint) - evaluate(f, point, order), order), ...f.slice(1)];
          expect(product).toEqual(f.length === 1 ? [] : expected);
        }),
        slow(25),
      );
    });

    it('gives a long opening quotient', async () => {
      await fc.assert(
        fc.asyncProperty(scalarList(curve, 8), scalar, async (list, point) => {
          const quotient = await read(await backend().openingQuotient(list, 256, point));
          expect(quotient).toHaveLength(511);
          // Synthetic division the other way round: q_i = f_{i+1} + z·q_{i+1}, f_{256 + i} = Π over the bits of i.
          const coefficient = (i: number): bigint =>
            i < 256
              ? 0n
              : list.reduce((c, factor, j) => (((i - 256) >> j) & 1 ? mod(c * factor, order) : c), 1n);
          for (const [i, value] of quotient.entries()) {
            const next = quotient[i + 1] ?? 0n;
            expect(value, `coefficient ${i}`).toBe(mod(coefficient(i + 1) + point * next, order));
          }
        }),
        slow(1),
      );
    });

    it('gives quotients that sum with powers of a secret to the right value', async () => {
      // f = X²·(1 + 3X)(1 + 5X²) at z = 2, taken at X = 7.
      const quotient = await read(await backend().openingQuotient([3n, 5n], 2, 2n));
      const f = (x: bigint): bigint => x * x * (1n + 3n * x) * (1n + 5n * x * x);
      expect(evaluate(quotient, 7n, order)).toBe((f(7n) - f(2n)) / 5n);
    });
  });
}
