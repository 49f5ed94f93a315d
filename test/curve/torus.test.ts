import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { compressGt, decompressGt } from '../../src/curve/torus.ts';
import { InternalError, LengthMismatchError, SheafError } from '../../src/errors.ts';
import { bigintFromBytesBE, toHex } from '../../src/field/bytes.ts';
import { mod } from '../../src/field/modular.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { fp12, gtElement, gtGenerator, slow } from './arbitraries.ts';
import { badGtEncodings } from './bad-encodings.ts';
import { cyclotomic, outsideGt } from './outsiders.ts';

const context = { file: 'composite.sheaf', offset: 90 };

describe.each(CURVES)('torus compression on $name', (curve) => {
  const { Fp6, Fp12 } = curve.fields;
  const size = curve.gtCompressedBytes;
  const decompress = (bytes: Uint8Array): ReturnType<typeof decompressGt> =>
    decompressGt(curve, bytes, 'Slot 3', context);
  const coefficients = (bytes: Uint8Array): bigint[] =>
    Array.from({ length: 6 }, (_, i) =>
      bigintFromBytesBE(bytes.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes)),
    );

  it('comes back', () => {
    fc.assert(
      fc.property(gtElement(curve), (value) => {
        const bytes = compressGt(curve, value);
        expect(bytes).toHaveLength(size);
        expect(decompress(bytes)).toEqual(value);
      }),
      slow(20),
    );
  });

  it('is c with c·b = 1 + a for a + b·w, big-endian in tower order', () => {
    fc.assert(
      fc.property(gtElement(curve), (value) => {
        fc.pre(!Fp12.eql(value, Fp12.ONE));
        const [c0, c1, c2, c3, c4, c5] = coefficients(compressGt(curve, value)) as [
          bigint,
          bigint,
          bigint,
          bigint,
          bigint,
          bigint,
        ];
        const c = { c0: { c0, c1 }, c1: { c0: c2, c1: c3 }, c2: { c0: c4, c1: c5 } };
        expect(Fp6.mul(c, value.c1)).toEqual(Fp6.add(Fp6.ONE, value.c0));
        // The same the other way: (c + w)/(c − w), by division in Fp12.
        const w = { c0: Fp6.ZERO, c1: Fp6.ONE };
        const lifted = { c0: c, c1: Fp6.ZERO };
        expect(Fp12.div(Fp12.add(lifted, w), Fp12.sub(lifted, w))).toEqual(value);
      }),
      slow(10),
    );
  });

  it('turns inverses into negatives', () => {
    fc.assert(
      fc.property(gtElement(curve), (value) => {
        fc.pre(!Fp12.eql(value, Fp12.ONE));
        const inverse = compressGt(curve, Fp12.conjugate(value));
        const negated = coefficients(compressGt(curve, value)).map((c) => mod(-c, curve.modulus));
        expect(coefficients(inverse)).toEqual(negated);
      }),
      slow(10),
    );
  });

  it('is injective: different elements, different encodings', () => {
    const seen = new Map<string, bigint>();
    let power = Fp12.ONE;
    for (let k = 0n; k < 60n; k++) {
      for (const [exponent, value] of [
        [k, power],
        [-k, Fp12.conjugate(power)],
      ] as const) {
        const hex = toHex(compressGt(curve, value));
        expect(seen.get(hex) ?? exponent).toBe(exponent);
        seen.set(hex, exponent);
      }
      power = Fp12.mul(power, gtGenerator(curve));
      if (k === 0n) expect(seen.size).toBe(1);
    }
    expect(seen.size).toBe(119);
  });

  it('1 is one flag and zeros', () => {
    const bytes = compressGt(curve, Fp12.ONE);
    expect(toHex(bytes)).toBe(`40${'00'.repeat(size - 1)}`);
    expect(decompress(bytes)).toEqual(Fp12.ONE);
  });

  it('refuses to compress −1, which has no encoding', () => {
    expect(() => compressGt(curve, Fp12.neg(Fp12.ONE))).toThrow(InternalError);
    expect(() => compressGt(curve, Fp12.mul(Fp12.ONE, 7n))).toThrow(InternalError);
  });

  it.each(badGtEncodings(curve))('refuses $what', ({ bytes, codes }) => {
    let caught: unknown;
    try {
      decompress(bytes);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(SheafError);
    expect(codes).toContain((caught as SheafError).code);
    expect((caught as SheafError).context).toMatchObject(context);
    expect((caught as SheafError).message).toContain('Slot 3');
  });

  it('is tried with an element that only the order check can refuse', () => {
    const names = badGtEncodings(curve).map(({ what }) => what);
    expect(names).toContain('an element of the cyclotomic subgroup');
    const element = outsideGt(curve).find(({ what }) => what === 'an element of the cyclotomic subgroup');
    const value = element?.value ?? Fp12.ONE;
    const p2 = Fp12.frobeniusMap(value, 2);
    expect(Fp12.eql(Fp12.mul(Fp12.frobeniusMap(value, 4), value), p2)).toBe(true);
    expect(Fp12.eql(Fp12.pow(value, curve.order), Fp12.ONE)).toBe(false);
  });

  it('refuses cyclotomic elements that are not of order r', () => {
    fc.assert(
      fc.property(fp12(curve), (value) => {
        fc.pre(!Fp12.is0(value));
        const element = cyclotomic(curve, value);
        fc.pre(!Fp12.eql(element, Fp12.ONE));
        expect(Fp12.eql(Fp12.pow(element, curve.order), Fp12.ONE)).toBe(false);
        expect(() => decompress(compressGt(curve, element))).toThrow(
          expect.objectContaining({ code: 'GT_NOT_IN_SUBGROUP' }),
        );
      }),
      slow(5),
    );
  });

  it('every flipped bit of a member is refused: none of its neighbours is of order r', () => {
    const bytes = compressGt(curve, gtGenerator(curve));
    for (let bit = 0; bit < 8 * size; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => decompress(flipped)).toThrow(SheafError);
    }
  });

  it('random coefficients are of norm 1 and refused all the same', () => {
    fc.assert(
      fc.property(fp12(curve), ({ c0 }) => {
        fc.pre(!Fp6.is0(c0));
        const bytes = new Uint8Array(size);
        const values = [c0.c0, c0.c1, c0.c2].flatMap((pair) => [pair.c0, pair.c1]);
        bytes.set(
          Buffer.from(values.map((c) => c.toString(16).padStart(2 * curve.fpBytes, '0')).join(''), 'hex'),
        );
        expect(() => decompress(bytes)).toThrow(expect.objectContaining({ code: 'GT_NOT_IN_SUBGROUP' }));
      }),
      { numRuns: fuzzRuns(30) },
    );
  });

  it('refuses any other length', () => {
    for (const length of [0, size - 1, size + 1, 2 * size])
      expect(() => decompress(new Uint8Array(length))).toThrow(LengthMismatchError);
  });
});
