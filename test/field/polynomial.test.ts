import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { mod, modInverse, modPow } from '../../src/field/modular.ts';
import {
  divideByLinear,
  evaluateBinaryProduct,
  expandBinaryProduct,
  powers,
} from '../../src/field/polynomial.ts';
import { residue } from '../curve/arbitraries.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { evaluate, multiplyPolynomials } from './naive-polynomial.ts';

describe.each(CURVES)('polynomials over the scalar field of $name', ({ order }) => {
  const scalar = residue(order);
  const factors = fc.array(scalar, { maxLength: 7 });

  it('powers are first·base^i', () => {
    fc.assert(
      fc.property(scalar, scalar, fc.nat(40), (base, first, count) => {
        const list = powers(base, count, order, first);
        expect(list).toEqual(
          Array.from({ length: count }, (_, i) => mod(first * modPow(base, BigInt(i), order), order)),
        );
      }),
    );
  });

  it('powers start at 1 unless told otherwise, and 0^0 is 1', () => {
    expect(powers(3n, 4, order)).toEqual([1n, 3n, 9n, 27n]);
    expect(powers(0n, 3, order)).toEqual([1n, 0n, 0n]);
    expect(powers(order - 1n, 3, order, 5n)).toEqual([5n, order - 5n, 5n]);
    expect(powers(7n, 0, order)).toEqual([]);
    expect(powers(2n, 2, order, -1n)).toEqual([order - 1n, order - 2n]);
  });

  it('expandBinaryProduct is the product multiplied out', () => {
    fc.assert(
      fc.property(factors, (list) => {
        let product = [1n];
        for (const [j, factor] of list.entries()) {
          const sparse = new Array<bigint>(2 ** j + 1).fill(0n);
          sparse[0] = 1n;
          sparse[2 ** j] = factor;
          product = multiplyPolynomials(product, sparse, order);
        }
        expect(expandBinaryProduct(list, order)).toEqual(product);
      }),
    );
  });

  it('coefficient i is the product over the set bits of i', () => {
    fc.assert(
      fc.property(factors, (list) => {
        const coefficients = expandBinaryProduct(list, order);
        expect(coefficients).toHaveLength(2 ** list.length);
        for (const [i, coefficient] of coefficients.entries()) {
          let expected = 1n;
          for (const [j, factor] of list.entries())
            if ((i >> j) & 1) expected = mod(expected * factor, order);
          expect(coefficient).toBe(expected);
        }
      }),
      { numRuns: fuzzRuns(30) },
    );
  });

  it('evaluateBinaryProduct is the value of the expanded product', () => {
    fc.assert(
      fc.property(factors, scalar, (list, point) => {
        expect(evaluateBinaryProduct(list, point, order)).toBe(
          evaluate(expandBinaryProduct(list, order), point, order),
        );
      }),
    );
  });

  it('the empty product is 1', () => {
    expect(expandBinaryProduct([], order)).toEqual([1n]);
    expect(evaluateBinaryProduct([], 5n, order)).toBe(1n);
  });

  it('divideByLinear: f(X) − f(z) = q(X)·(X − z) coefficient by coefficient', () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 40 }), scalar, (f, z) => {
        const quotient = divideByLinear(f, z, order);
        expect(quotient).toHaveLength(f.length - 1);
        expect(quotient.every((c) => c >= 0n && c < order)).toBe(true);
        const product = multiplyPolynomials(quotient, [mod(-z, order), 1n], order);
        const expected = [mod((f[0] as bigint) - evaluate(f, z, order), order), ...f.slice(1)];
        expect(product).toEqual(f.length === 1 ? [] : expected);
      }),
    );
  });

  it('divideByLinear agrees with the division of values', () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 20 }), scalar, scalar, (f, z, x) => {
        fc.pre(x !== z);
        const difference = evaluate(f, x, order) - evaluate(f, z, order);
        expect(evaluate(divideByLinear(f, z, order), x, order)).toBe(
          mod(difference * modInverse(x - z, order), order),
        );
      }),
    );
  });

  it('divideByLinear of a constant, of X and of nothing', () => {
    expect(divideByLinear([5n], 3n, order)).toEqual([]);
    expect(divideByLinear([], 3n, order)).toEqual([]);
    expect(divideByLinear([0n, 1n], 3n, order)).toEqual([1n]);
    expect(divideByLinear([7n, 0n, 1n], 3n, order)).toEqual([3n, 1n]);
  });
});
