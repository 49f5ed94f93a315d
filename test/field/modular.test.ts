import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { mod, modInverse, modPow } from '../../src/field/modular.ts';
import { residue } from '../curve/arbitraries.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';

const primes = [2n, 3n, 5n, 7n, 65_537n, ...CURVES.flatMap(({ order, modulus }) => [order, modulus])];
const prime = fc.constantFrom(...primes);
const anyInteger = fc.bigInt({ min: -(1n << 520n), max: 1n << 520n });

describe('mod', () => {
  it('is the one representative in [0, modulus)', () => {
    fc.assert(
      fc.property(anyInteger, prime, (value, modulus) => {
        const rest = mod(value, modulus);
        expect(rest >= 0n && rest < modulus).toBe(true);
        expect((value - rest) % modulus).toBe(0n);
      }),
    );
  });

  it('keeps residues and wraps at the edges', () => {
    for (const p of primes) {
      expect(mod(0n, p)).toBe(0n);
      expect(mod(p - 1n, p)).toBe(p - 1n);
      expect(mod(p, p)).toBe(0n);
      expect(mod(p + 1n, p)).toBe(1n % p);
      expect(mod(-1n, p)).toBe(p - 1n);
      expect(mod(-p, p)).toBe(0n);
    }
  });
});

describe('modPow', () => {
  it('is repeated multiplication', () => {
    fc.assert(
      fc.property(anyInteger, fc.nat(40), prime, (base, exponent, modulus) => {
        let expected = 1n;
        for (let i = 0; i < exponent; i++) expected = mod(expected * base, modulus);
        expect(modPow(base, BigInt(exponent), modulus)).toBe(expected % modulus);
      }),
    );
  });

  it('adds exponents and obeys Fermat', () => {
    for (const p of primes) {
      fc.assert(
        fc.property(
          residue(p),
          fc.bigInt({ min: 0n, max: p }),
          fc.bigInt({ min: 0n, max: p }),
          (base, m, n) => {
            expect(modPow(base, m + n, p)).toBe(mod(modPow(base, m, p) * modPow(base, n, p), p));
            expect(modPow(base, p, p)).toBe(mod(base, p));
          },
        ),
        { numRuns: fuzzRuns(20) },
      );
    }
  });

  it('is 0 modulo 1 and 1 at exponent 0', () => {
    expect(modPow(5n, 0n, 1n)).toBe(0n);
    expect(modPow(0n, 0n, 7n)).toBe(1n);
  });
});

describe('modInverse', () => {
  it('multiplies with the value to 1, for any representative', () => {
    fc.assert(
      fc.property(prime, anyInteger, (modulus, value) => {
        fc.pre(mod(value, modulus) !== 0n);
        const inverse = modInverse(value, modulus);
        expect(inverse > 0n && inverse < modulus).toBe(true);
        expect(mod(inverse * value, modulus)).toBe(1n);
        expect(inverse).toBe(modPow(value, modulus - 2n === 0n ? 1n : modulus - 2n, modulus));
      }),
    );
  });

  it('fixes 1 and −1', () => {
    for (const p of primes) {
      expect(modInverse(1n, p)).toBe(1n);
      expect(modInverse(p - 1n, p)).toBe(p - 1n);
      expect(modInverse(-1n, p)).toBe(p - 1n);
    }
  });

  it('refuses 0 and what shares a factor with the modulus', () => {
    for (const p of primes) {
      expect(() => modInverse(0n, p)).toThrow(RangeError);
      expect(() => modInverse(p, p)).toThrow(RangeError);
    }
    expect(() => modInverse(6n, 9n)).toThrow(RangeError);
    expect(() => modInverse(4n, 8n)).toThrow(RangeError);
    expect(modInverse(5n, 9n)).toBe(2n);
  });
});
