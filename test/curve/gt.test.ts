import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { checkGt, gtFromBytes, gtMultiExp, gtToBytes, isInGt, writeGt } from '../../src/curve/gt.ts';
import { GtNotInSubgroupError, LengthMismatchError } from '../../src/errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../src/field/bytes.ts';
import { modPow } from '../../src/field/modular.ts';
import { fp12, gtElement, gtGenerator, scalar, slow } from './arbitraries.ts';
import { cyclotomic, outsideGt } from './outsiders.ts';

describe.each(CURVES)('GT of $name', (curve) => {
  const { order: r, modulus: p, fpBytes } = curve;
  const { Fp6, Fp12 } = curve.fields;
  const isOfOrderR = (value: Parameters<typeof isInGt>[1]): boolean => Fp12.eql(Fp12.pow(value, r), Fp12.ONE);

  describe('memory form', () => {
    it('is the twelve coefficients in tower order, little-endian, and comes back', () => {
      fc.assert(
        fc.property(fp12(curve), (value) => {
          const bytes = gtToBytes(curve, value);
          const { c0: a, c1: b } = value;
          expect(
            Array.from({ length: 12 }, (_, i) =>
              bigintFromBytesLE(bytes.subarray(i * fpBytes, (i + 1) * fpBytes)),
            ),
          ).toEqual([
            ...[a.c0.c0, a.c0.c1, a.c1.c0, a.c1.c1, a.c2.c0, a.c2.c1],
            ...[b.c0.c0, b.c0.c1, b.c1.c0, b.c1.c1, b.c2.c0, b.c2.c1],
          ]);
          expect(gtFromBytes(curve, bytes)).toEqual(value);
        }),
      );
    });

    it('is written at an offset, touching nothing beside', () => {
      const out = new Uint8Array(curve.gtBytes + 9).fill(0xee);
      writeGt(curve, gtGenerator(curve), out, 4);
      expect(out.subarray(4, 4 + curve.gtBytes)).toEqual(gtToBytes(curve, gtGenerator(curve)));
      expect([...out.subarray(0, 4), ...out.subarray(4 + curve.gtBytes)]).toEqual(new Array(9).fill(0xee));
    });

    it('refuses a coefficient ≥ p in any place, and any other length', () => {
      const bytes = gtToBytes(curve, gtGenerator(curve));
      for (let slot = 0; slot < 12; slot++) {
        const value = bigintFromBytesLE(bytes.subarray(slot * fpBytes, (slot + 1) * fpBytes));
        for (const bad of [p, value + p, (1n << BigInt(8 * fpBytes)) - 1n]) {
          const changed = Uint8Array.from(bytes);
          writeBigintLE(bad, changed, slot * fpBytes, fpBytes);
          expect(() => gtFromBytes(curve, changed, 'Z', { index: 2 })).toThrow(
            expect.objectContaining({ code: 'FIELD_ELEMENT_OUT_OF_RANGE', context: { index: 2 } }),
          );
        }
      }
      for (const length of [0, bytes.length - 1, bytes.length + 1])
        expect(() => gtFromBytes(curve, new Uint8Array(length))).toThrow(LengthMismatchError);
    });
  });

  describe('membership', () => {
    it('is x^r = 1, on members', () => {
      fc.assert(
        fc.property(gtElement(curve), (value) => {
          expect(isOfOrderR(value)).toBe(true);
          expect(isInGt(curve, value)).toBe(true);
          expect(() => checkGt(curve, value)).not.toThrow();
        }),
        slow(8),
      );
    });

    it('is x^r = 1, on the image of the final exponentiation', () => {
      fc.assert(
        fc.property(fp12(curve), (value) => {
          fc.pre(!Fp12.is0(value));
          expect(isInGt(curve, Fp12.finalExponentiate(value))).toBe(true);
        }),
        slow(5),
      );
    });

    it('is x^r = 1, on elements of Fp12 and of the cyclotomic subgroup', () => {
      fc.assert(
        fc.property(fp12(curve), (value) => {
          fc.pre(!Fp12.is0(value));
          for (const element of [value, cyclotomic(curve, value)])
            expect(isInGt(curve, element)).toBe(isOfOrderR(element));
        }),
        slow(8),
      );
    });

    it('is x^r = 1, on elements of subfields and small roots of unity', () => {
      const inFp = (c: bigint): ReturnType<typeof gtGenerator> => ({
        c0: { ...Fp6.ZERO, c0: { c0: c, c1: 0n } },
        c1: Fp6.ZERO,
      });
      const cubeRoot = ((): bigint => {
        for (let g = 2n; ; g++) {
          const root = modPow(g, (p - 1n) / 3n, p);
          if (root !== 1n) return root;
        }
      })();
      const u = { c0: { ...Fp6.ZERO, c0: { c0: 0n, c1: 1n } }, c1: Fp6.ZERO };
      const v = { c0: { ...Fp6.ZERO, c1: { c0: 1n, c1: 0n } }, c1: Fp6.ZERO };
      for (const value of [inFp(p - 1n), inFp(2n), inFp(cubeRoot), u, v, Fp12.ONE]) {
        expect(isInGt(curve, value)).toBe(isOfOrderR(value));
        expect(isInGt(curve, value)).toBe(Fp12.eql(value, Fp12.ONE));
      }
    });

    it.each(outsideGt(curve))('refuses $what', ({ value }) => {
      expect(isInGt(curve, value)).toBe(false);
      expect(() => checkGt(curve, value, 'Z', { index: 1 })).toThrow(GtNotInSubgroupError);
      expect(() => checkGt(curve, value, 'Z', { index: 1 })).toThrow(
        expect.objectContaining({ message: expect.stringContaining('Z is'), context: { index: 1 } }),
      );
    });
  });

  describe('products of powers', () => {
    const naive = (bases: readonly ReturnType<typeof gtGenerator>[], scalars: readonly bigint[]) =>
      bases.reduce((product, base, i) => Fp12.mul(product, Fp12.pow(base, scalars[i] as bigint)), Fp12.ONE);

    it('are powers multiplied', () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(gtElement(curve), scalar(curve)), { maxLength: 6 }), (pairs) => {
          const bases = pairs.map(([base]) => base);
          const scalars = pairs.map(([, s]) => s);
          expect(gtMultiExp(curve, bases, scalars)).toEqual(naive(bases, scalars));
        }),
        slow(8),
      );
    });

    it('hold for every scalar of a few windows, carries included', () => {
      const base = gtGenerator(curve);
      let power = Fp12.ONE;
      for (let k = 0n; k < 300n; k++) {
        expect(gtMultiExp(curve, [base], [k])).toEqual(power);
        power = Fp12.mul(power, base);
      }
    });

    it('hold at the edges: 0, 1, r − 1, digits all 8 and all 15', () => {
      const base = gtGenerator(curve);
      const edges = [
        0n,
        1n,
        r - 1n,
        r >> 1n,
        BigInt(`0x${'8'.repeat(63)}`) % r,
        BigInt(`0x${'f'.repeat(63)}`) % r,
        BigInt(`0x${'7'.repeat(63)}`) % r,
        1n << 252n,
      ];
      for (const k of edges) expect(gtMultiExp(curve, [base], [k])).toEqual(Fp12.pow(base, k));
      const bases = edges.map((_, i) => Fp12.pow(base, BigInt(i) + 2n));
      expect(gtMultiExp(curve, bases, edges)).toEqual(naive(bases, edges));
    });

    it('of nothing, of 1 and of opposite powers are 1', () => {
      const base = gtGenerator(curve);
      expect(gtMultiExp(curve, [], [])).toEqual(Fp12.ONE);
      expect(gtMultiExp(curve, [base, base], [0n, 0n])).toEqual(Fp12.ONE);
      expect(gtMultiExp(curve, [Fp12.ONE], [r - 1n])).toEqual(Fp12.ONE);
      expect(gtMultiExp(curve, [base, base], [5n, r - 5n])).toEqual(Fp12.ONE);
    });

    it('refuse another number of scalars', () => {
      expect(() => gtMultiExp(curve, [Fp12.ONE], [])).toThrow(LengthMismatchError);
      expect(() => gtMultiExp(curve, [], [1n])).toThrow(LengthMismatchError);
    });
  });
});
