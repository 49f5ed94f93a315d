/**
 * One law suite over every field of both curves, and the tower multiplied out by hand. The fields come from a library;
 * everything above leans on exactly these laws, and later kernels are compared with these fields.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { mod, modInverse } from '../../src/field/modular.ts';
import { fp2, fp6, fp12, residue, slow } from '../curve/arbitraries.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { flatten, multiplyTower } from './naive-tower.ts';

interface Field<T> {
  readonly ZERO: T;
  readonly ONE: T;
  eql(a: T, b: T): boolean;
  is0(a: T): boolean;
  isValid(a: T): boolean;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  neg(a: T): T;
  mul(a: T, b: T): T;
  sqr(a: T): T;
  inv(a: T): T;
  div(a: T, b: T): T;
  pow(a: T, exponent: bigint): T;
}

function fieldLaws<T>(name: string, field: Field<T>, element: fc.Arbitrary<T>): void {
  const { ZERO, ONE } = field;
  const add = (a: T, b: T): T => field.add(a, b);
  const mul = (a: T, b: T): T => field.mul(a, b);
  const minusOne = field.neg(ONE);
  const same = (a: T, b: T): void => {
    expect(a).toEqual(b);
    expect(field.eql(a, b)).toBe(true);
  };

  describe(name, () => {
    it('addition: associative, commutative, neutral 0, inverse', () => {
      fc.assert(
        fc.property(element, element, element, (a, b, c) => {
          same(add(add(a, b), c), add(a, add(b, c)));
          same(add(a, b), add(b, a));
          same(add(a, ZERO), a);
          same(add(a, field.neg(a)), ZERO);
          same(field.sub(a, b), add(a, field.neg(b)));
        }),
      );
    });

    it('multiplication: associative, commutative, neutral 1, distributive', () => {
      fc.assert(
        fc.property(element, element, element, (a, b, c) => {
          same(mul(mul(a, b), c), mul(a, mul(b, c)));
          same(mul(a, b), mul(b, a));
          same(mul(a, ONE), a);
          same(mul(a, ZERO), ZERO);
          same(mul(a, add(b, c)), add(mul(a, b), mul(a, c)));
          same(field.sqr(a), mul(a, a));
        }),
      );
    });

    it('inverse and division of all but 0', () => {
      fc.assert(
        fc.property(element, element, (a, b) => {
          fc.pre(!field.is0(a));
          same(mul(a, field.inv(a)), ONE);
          same(mul(field.div(b, a), a), b);
        }),
      );
      expect(() => field.inv(ZERO)).toThrow();
    });

    it('powers multiply out', () => {
      fc.assert(
        fc.property(element, fc.nat(30), (a, n) => {
          let power = ONE;
          for (let i = 0; i < n; i++) power = mul(power, a);
          same(field.pow(a, BigInt(n)), power);
        }),
        { numRuns: fuzzRuns(25) },
      );
    });

    it('0, 1 and −1', () => {
      expect(field.is0(ZERO)).toBe(true);
      expect(field.is0(ONE)).toBe(false);
      expect(field.eql(ONE, minusOne)).toBe(false);
      same(add(minusOne, ONE), ZERO);
      same(mul(minusOne, minusOne), ONE);
      same(field.inv(minusOne), minusOne);
      same(field.neg(ZERO), ZERO);
    });

    it('results are canonical', () => {
      fc.assert(
        fc.property(element, element, (a, b) => {
          for (const value of [add(a, b), field.sub(a, b), field.neg(a), mul(a, b), field.sqr(a)])
            expect(field.isValid(value)).toBe(true);
        }),
      );
    });
  });
}

describe.each(CURVES)('fields of $name', (curve: Curve) => {
  const { Fp, Fr, Fp2, Fp6, Fp12 } = curve.fields;
  fieldLaws('Fp', Fp, residue(curve.modulus));
  fieldLaws('Fr', Fr, residue(curve.order));
  fieldLaws('Fp2', Fp2, fp2(curve));
  fieldLaws('Fp6', Fp6, fp6(curve));
  fieldLaws('Fp12', Fp12, fp12(curve));

  it.each([
    ['Fp', Fp, curve.modulus],
    ['Fr', Fr, curve.order],
  ] as const)('%s is arithmetic on integers modulo its prime', (_, field, p) => {
    fc.assert(
      fc.property(residue(p), residue(p), (a, b) => {
        expect(field.add(a, b)).toBe(mod(a + b, p));
        expect(field.sub(a, b)).toBe(mod(a - b, p));
        expect(field.mul(a, b)).toBe(mod(a * b, p));
        expect(field.neg(a)).toBe(mod(-a, p));
        if (a !== 0n) expect(field.inv(a)).toBe(modInverse(a, p));
      }),
    );
    expect(field.isValid(p)).toBe(false);
    expect(field.isValid(p - 1n)).toBe(true);
    expect(field.isValid(-1n)).toBe(false);
  });

  it('the tower is Fp[u]/(u² + 1), v³ = ξ, w² = v', () => {
    const xi = curve.name === 'bn254' ? { c0: 9n, c1: 1n } : { c0: 1n, c1: 1n };
    expect(Fp2.NONRESIDUE).toEqual(xi);
    fc.assert(
      fc.property(fp12(curve), fp12(curve), (a, b) => {
        expect(flatten(Fp12.mul(a, b))).toEqual(multiplyTower(flatten(a), flatten(b), xi, curve.modulus));
      }),
    );
    fc.assert(
      fc.property(fp6(curve), (a) => {
        const v = { c0: Fp2.ZERO, c1: Fp2.ONE, c2: Fp2.ZERO };
        expect(Fp6.mulByNonresidue(a)).toEqual(Fp6.mul(a, v));
      }),
    );
  });

  it('Frobenius is the p-th power', () => {
    const p = curve.modulus;
    fc.assert(
      fc.property(fp2(curve), fp6(curve), fp12(curve), (a, b, c) => {
        expect(Fp2.frobeniusMap(a, 1)).toEqual(Fp2.pow(a, p));
        expect(Fp6.frobeniusMap(b, 1)).toEqual(Fp6.pow(b, p));
        expect(Fp12.frobeniusMap(c, 1)).toEqual(Fp12.pow(c, p));
      }),
      slow(4),
    );
  });

  it('Frobenius: k-fold by iteration, a ring homomorphism, of order 12; the 6th is conjugation', () => {
    fc.assert(
      fc.property(fp12(curve), fp12(curve), fc.nat(12), (a, b, k) => {
        let iterated = a;
        for (let i = 0; i < k; i++) iterated = Fp12.frobeniusMap(iterated, 1);
        expect(Fp12.frobeniusMap(a, k)).toEqual(iterated);
        const map = (value: typeof a): typeof a => Fp12.frobeniusMap(value, k);
        expect(map(Fp12.mul(a, b))).toEqual(Fp12.mul(map(a), map(b)));
        expect(map(Fp12.add(a, b))).toEqual(Fp12.add(map(a), map(b)));
        expect(Fp12.frobeniusMap(a, 12)).toEqual(a);
        expect(Fp12.frobeniusMap(a, 6)).toEqual(Fp12.conjugate(a));
      }),
      { numRuns: fuzzRuns(30) },
    );
  });

  it('square roots in Fp and Fp2: of every square, and of nothing else', () => {
    const half = (curve.modulus - 1n) / 2n;
    fc.assert(
      fc.property(residue(curve.modulus), (a) => {
        if (a === 0n || Fp.pow(a, half) === 1n) expect(Fp.sqr(Fp.sqrt(a))).toBe(a);
        else expect(() => Fp.sqrt(a)).toThrow();
      }),
    );
    fc.assert(
      fc.property(fp2(curve), (a) => {
        // a is a square in Fp2 exactly when its norm c0² + c1² is one in Fp.
        const norm = Fp.add(Fp.sqr(a.c0), Fp.sqr(a.c1));
        if (norm === 0n || Fp.pow(norm, half) === 1n) expect(Fp2.sqr(Fp2.sqrt(a))).toEqual(a);
        else expect(() => Fp2.sqrt(a)).toThrow();
      }),
    );
  });

  it('−1 has no square root in Fp, and has one in Fp2', () => {
    expect(() => Fp.sqrt(curve.modulus - 1n)).toThrow();
    expect(Fp2.sqr(Fp2.sqrt(Fp2.neg(Fp2.ONE)))).toEqual(Fp2.neg(Fp2.ONE));
  });

  it('cyclotomic squaring is squaring in the cyclotomic subgroup', () => {
    fc.assert(
      fc.property(fp12(curve), (a) => {
        fc.pre(!Fp12.is0(a));
        const unitary = Fp12.div(Fp12.conjugate(a), a);
        const cyclotomic = Fp12.mul(Fp12.frobeniusMap(unitary, 2), unitary);
        expect(Fp12._cyclotomicSquare(cyclotomic)).toEqual(Fp12.sqr(cyclotomic));
        expect(Fp12.mul(cyclotomic, Fp12.conjugate(cyclotomic))).toEqual(Fp12.ONE);
      }),
      { numRuns: fuzzRuns(30) },
    );
  });
});
