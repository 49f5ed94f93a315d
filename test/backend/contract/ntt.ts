/** Number-theoretic transforms and products of scalar vectors, against the definition and the textbook algorithm. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrVector, NttOptions } from '../../../src/backend/backend.ts';
import { AbortedError } from '../../../src/errors.ts';
import { mod, modInverse, modPow } from '../../../src/field/modular.ts';
import { powers } from '../../../src/field/polynomial.ts';
import { nttReference } from '../../../src/ntt/ntt-reference.ts';
import { rootOfUnity } from '../../../src/ntt/roots.ts';
import { residue, slow } from '../../curve/arbitraries.ts';
import { evaluate } from '../../field/naive-polynomial.ts';
import { expectRefusal, type Fixture, scalarList, scalarsOf, uploadScalars } from './fixture.ts';

/** Sizes compared with the textbook value by value, and one that only spot checks reach. */
const COMPARED_LOG2 = 12;
const LARGE_LOG2 = 16;

/** A long list that costs nothing to make: powers of a random base, no two alike. */
function longList(order: bigint, length: number, base: bigint): bigint[] {
  return powers(base, length, order, 3n);
}

export function nttContract(fixture: Fixture): void {
  const { curve, backend } = fixture;
  const { order } = curve;
  const nonZero = fc.bigInt({ min: 1n, max: order - 1n });

  /** Uploads, transforms, reads, and gives everything back. */
  const transform = async (values: readonly bigint[], options?: NttOptions): Promise<bigint[]> => {
    const vector = await uploadScalars(fixture, values);
    const result = await backend().ntt(vector, options);
    const [out, kept] = [scalarsOf(await backend().read(result)), scalarsOf(await backend().read(vector))];
    expect(kept).toEqual(values);
    vector.dispose();
    result.dispose();
    return out;
  };

  describe('NTT', () => {
    it.each(Array.from({ length: COMPARED_LOG2 + 1 }, (_, k) => k))('of 2^%i values', async (k) => {
      await fc.assert(
        fc.asyncProperty(scalarList(curve, Math.min(2 ** k, 256)), nonZero, async (some, shift) => {
          const values = [...some, ...longList(order, 2 ** k - some.length, shift)];
          for (const options of [{}, { shift }, { inverse: true }, { inverse: true, shift }]) {
            expect(await transform(values, options)).toEqual(nttReference(values, order, options));
          }
        }),
        slow(k < 8 ? 2 : 1),
      );
    });

    it('is evaluation at shift·ω^i, in order', async () => {
      await fc.assert(
        fc.asyncProperty(scalarList(curve, 16), nonZero, async (coefficients, shift) => {
          const root = rootOfUnity(order, 4);
          const points = powers(root, 16, order, shift);
          const expected = points.map((x) => evaluate(coefficients, x, order));
          expect(await transform(coefficients, { shift })).toEqual(expected);
        }),
        slow(2),
      );
    });

    it.each([0, 1, 3, 6, 9])('of 2^%i zeros, ones, largest scalars, and single ones', async (k) => {
      const n = 2 ** k;
      const constant = (value: bigint): bigint[] => new Array<bigint>(n).fill(value);
      const single = (at: number): bigint[] => constant(0n).fill(1n, at, at + 1);
      const lists = [
        constant(0n),
        constant(1n),
        constant(order - 1n),
        single(0),
        single(n - 1),
        single(n >> 1),
      ];
      for (const values of lists) {
        for (const options of [{}, { inverse: true }, { shift: order - 1n }]) {
          expect(await transform(values, options)).toEqual(nttReference(values, order, options));
        }
      }
    });

    it('of a large polynomial: values at points of the coset, and back', async () => {
      const [base, n] = [order - 12345n, 2 ** LARGE_LOG2];
      const root = rootOfUnity(order, LARGE_LOG2);
      const shift = rootOfUnity(order, LARGE_LOG2 + 1);
      const vector = await backend().powersFr(base, n, 3n);
      for (const options of [{}, { shift }]) {
        const result = await backend().ntt(vector, options);
        const values = scalarsOf(await backend().read(result));
        for (let i = 0; i < n; i += i < 300 || i > n - 300 ? 1 : 97) {
          // Σ_j 3·(base·x)^j is a geometric sum.
          const ratio = mod(base * (options.shift ?? 1n) * modPow(root, BigInt(i), order), order);
          const [top, bottom] = [modPow(ratio, BigInt(n), order) - 1n, ratio - 1n];
          expect(mod((values[i] as bigint) * bottom - 3n * top, order), `value ${i}`).toBe(0n);
        }
        const back = await backend().ntt(result, { ...options, inverse: true });
        expect(await backend().read(back)).toEqual(await backend().read(vector));
        result.dispose();
        back.dispose();
      }
      vector.dispose();
    });

    it('is linear', async () => {
      const [left, right] = [
        longList(order, 2 ** LARGE_LOG2, 7n),
        longList(order, 2 ** LARGE_LOG2, order - 9n),
      ];
      const [a, b] = [await uploadScalars(fixture, left), await uploadScalars(fixture, right)];
      const x = order - 77n;
      const sum = await backend().foldFr(a, b, x);
      const [ta, tb, ts] = [await backend().ntt(a), await backend().ntt(b), await backend().ntt(sum)];
      const expected = await backend().foldFr(ta, tb, x);
      expect(await backend().read(ts)).toEqual(await backend().read(expected));
      for (const vector of [a, b, sum, ta, tb, ts, expected]) vector.dispose();
    });

    it('multiplies polynomials: coset values, products, and back', async () => {
      const [p, q] = [longList(order, 8, 5n), longList(order, 8, 11n)];
      const pad = (list: bigint[]): bigint[] => [...list, ...new Array<bigint>(8).fill(0n)];
      const shift = rootOfUnity(order, 5);
      const [a, b] = [await uploadScalars(fixture, pad(p)), await uploadScalars(fixture, pad(q))];
      const [va, vb] = [await backend().ntt(a, { shift }), await backend().ntt(b, { shift })];
      const product = await backend().ntt(await backend().mulFr(va, vb), { shift, inverse: true });
      const coefficients = scalarsOf(await backend().read(product));
      const expected = new Array<bigint>(16).fill(0n);
      p.forEach((x, i) => {
        q.forEach((y, j) => {
          expected[i + j] = mod((expected[i + j] as bigint) + x * y, order);
        });
      });
      expect(coefficients).toEqual(expected);
    });

    it('takes slices at any index', async () => {
      const values = longList(order, 21, 13n);
      const vector = await uploadScalars(fixture, values);
      for (const start of [0, 1, 4, 5]) {
        const result = await backend().ntt(vector.slice(start, start + 16));
        expect(scalarsOf(await backend().read(result))).toEqual(
          nttReference(values.slice(start, start + 16), order),
        );
      }
    });

    it('refuses lengths that are no power of two, and shifts out of range', async () => {
      for (const length of [0, 3, 6, 12, 1023]) {
        await expectRefusal(
          backend().ntt(await uploadScalars(fixture, longList(order, length, 2n))),
          'LENGTH_MISMATCH',
        );
      }
      const vector = await uploadScalars(fixture, [1n, 2n]);
      for (const shift of [0n, -1n, order, order + 1n]) {
        await expectRefusal(backend().ntt(vector, { shift }), 'OPTION');
      }
    });

    it('is cancelled, and the backend goes on', async () => {
      const vector = await uploadScalars(fixture, longList(order, 2 ** 15, 3n));
      const controller = new AbortController();
      const running = backend().ntt(vector, { signal: controller.signal });
      controller.abort();
      await expect(running).rejects.toBeInstanceOf(AbortedError);
      const back = await backend().ntt(await backend().ntt(vector), { inverse: true });
      expect(await backend().read(back)).toEqual(await backend().read(vector));
    });

    it('reports progress from 0 to 1, never backwards', async () => {
      const vector = await uploadScalars(fixture, longList(order, 2 ** 13, 3n));
      const seen: number[] = [0];
      await backend().ntt(vector, { onProgress: (fraction) => seen.push(fraction) });
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(1);
    });
  });

  describe('products of scalars', () => {
    it.each([0, 1, 2, 7, 64, 65, 300])('multiplies %i pairs one by one', async (count) => {
      await fc.assert(
        fc.asyncProperty(scalarList(curve, count), scalarList(curve, count), async (left, right) => {
          const [a, b] = [await uploadScalars(fixture, left), await uploadScalars(fixture, right)];
          const product: FrVector = await backend().mulFr(a, b);
          expect(scalarsOf(await backend().read(product))).toEqual(
            left.map((value, i) => mod(value * (right[i] as bigint), order)),
          );
        }),
        slow(2),
      );
    });

    it('refuses factors of different number', async () => {
      const [one, two] = [await uploadScalars(fixture, [1n]), await uploadScalars(fixture, [1n, 2n])];
      await expectRefusal(backend().mulFr(one, two), 'LENGTH_MISMATCH');
      await expectRefusal(backend().mulFr(two, one), 'LENGTH_MISMATCH');
    });

    it('uploads Montgomery form as files hold it', async () => {
      const radix = mod(1n << 256n, order);
      await fc.assert(
        fc.asyncProperty(fc.array(residue(order), { minLength: 1, maxLength: 9 }), async (values) => {
          const encoded = await uploadScalars(fixture, values);
          const bytes = await backend().read(encoded);
          const vector = await backend().uploadFr(bytes, { encoding: 'montgomery' });
          const inverse = modInverse(radix, order);
          expect(scalarsOf(await backend().read(vector))).toEqual(values.map((v) => mod(v * inverse, order)));
        }),
        slow(5),
      );
    });
  });
}
