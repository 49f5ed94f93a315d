import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../src/curve/compressed.ts';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { LengthMismatchError, SheafError } from '../../src/errors.ts';
import { toHex } from '../../src/field/bytes.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { g1Point, g2Point, slow } from './arbitraries.ts';
import { type BadEncoding, badG1Encodings, badG2Encodings, FLAG_BITS, withFlag } from './bad-encodings.ts';
import { encodeG1, encodeG2 } from './naive-encoding.ts';

const context = { file: 'composite.sheaf', offset: 40 };

interface Point {
  is0(): boolean;
  equals(other: never): boolean;
  negate(): Point;
}

interface Codec<P extends Point> {
  readonly size: number;
  readonly base: P;
  readonly zero: P;
  readonly point: fc.Arbitrary<P>;
  readonly bad: readonly BadEncoding[];
  compress(point: P): Uint8Array;
  decompress(bytes: Uint8Array): P;
  oracle(point: P): Uint8Array;
}

/** A flipped bit must not go unnoticed: it is a typed error, or another point whose own encoding has that bit. */
function survives<P extends Point>(codec: Codec<P>, bytes: Uint8Array, original: P): boolean {
  let point: P;
  try {
    point = codec.decompress(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(SheafError);
    return false;
  }
  expect(point.equals(original as never)).toBe(false);
  expect(toHex(codec.compress(point))).toBe(toHex(bytes));
  return true;
}

function codecLaws<P extends Point>(curve: Curve, codec: Codec<P>): void {
  const { compress, decompress, base, zero, size } = codec;
  const { mask, infinity } = FLAG_BITS[curve.name];

  it('comes back, and agrees with the encoding put together as one integer', () => {
    fc.assert(
      fc.property(codec.point, (point) => {
        const bytes = compress(point);
        expect(bytes).toHaveLength(size);
        expect(toHex(bytes)).toBe(toHex(codec.oracle(point)));
        expect(decompress(bytes).equals(point as never)).toBe(true);
      }),
      slow(15),
    );
  });

  it('tells P from −P by the flag alone', () => {
    fc.assert(
      fc.property(codec.point, (point) => {
        fc.pre(!point.is0());
        const [a, b] = [compress(point), compress(point.negate() as P)];
        expect(a.subarray(1)).toEqual(b.subarray(1));
        expect((a[0] as number) & ~mask).toBe((b[0] as number) & ~mask);
        expect(a[0]).not.toBe(b[0]);
        expect(decompress(b).equals(point.negate() as never)).toBe(true);
      }),
      slow(10),
    );
  });

  it('infinity is its flag and zeros', () => {
    const bytes = compress(zero);
    expect(bytes[0]).toBe(infinity);
    expect(bytes.subarray(1).every((byte) => byte === 0)).toBe(true);
    expect(decompress(bytes).is0()).toBe(true);
  });

  it('of all flag combinations on the generator, two decode: to it and to its negative', () => {
    const step = mask === 0xc0 ? 0x40 : 0x20;
    const decoded = Array.from({ length: 256 / step }, (_, i) => withFlag(curve, compress(base), i * step))
      .map((bytes) => {
        try {
          return decompress(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENCODING' });
          return undefined;
        }
      })
      .filter((point) => point !== undefined);
    expect(decoded).toHaveLength(2);
    expect(decoded.some((point) => point.equals(base as never))).toBe(true);
    expect(decoded.some((point) => point.equals(base.negate() as never))).toBe(true);
  });

  it('every flipped bit gives a typed error or another point', () => {
    fc.assert(
      fc.property(codec.point, (point) => {
        fc.pre(!point.is0());
        const bytes = compress(point);
        for (let bit = 0; bit < 8 * size; bit++) {
          const flipped = Uint8Array.from(bytes);
          flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
          survives(codec, flipped, point);
        }
      }),
      slow(1),
    );
  });

  it('every flipped bit of infinity is refused', () => {
    for (let bit = 0; bit < 8 * size; bit++) {
      const flipped = Uint8Array.from(compress(zero));
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      survives(codec, flipped, zero);
    }
  });

  it('random bytes are refused with a typed error, or are the one encoding of what they decode to', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: size, maxLength: size }),
        fc.constantFrom(0x80, 0xa0, 0xc0, undefined),
        (random, flag) => {
          survives(codec, flag === undefined ? random : withFlag(curve, random, flag & mask), zero);
        },
      ),
      { numRuns: fuzzRuns(60) },
    );
  });

  it.each(codec.bad)('refuses $what', ({ bytes, codes }) => {
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

  it('refuses any other length', () => {
    for (const length of [0, 1, size - 1, size + 1, 2 * size]) {
      const bytes = new Uint8Array(length);
      if (length > 0) bytes[0] = infinity;
      expect(() => decompress(bytes)).toThrow(LengthMismatchError);
    }
  });

  it('leaves its input as it was', () => {
    const bytes = compress(base);
    const copy = Uint8Array.from(bytes);
    decompress(bytes);
    expect(bytes).toEqual(copy);
  });
}

describe.each(CURVES)('compressed points on $name', (curve) => {
  describe('G1', () => {
    codecLaws(curve, {
      size: curve.g1CompressedBytes,
      base: curve.g1.BASE,
      zero: curve.g1.ZERO,
      point: g1Point(curve),
      bad: badG1Encodings(curve),
      compress: (point) => compressG1(curve, point),
      decompress: (bytes) => decompressG1(curve, bytes, 'Slot 3', context),
      oracle: (point) => encodeG1(curve, point),
    });
  });

  describe('G2', () => {
    codecLaws(curve, {
      size: curve.g2CompressedBytes,
      base: curve.g2.BASE,
      zero: curve.g2.ZERO,
      point: g2Point(curve),
      bad: badG2Encodings(curve),
      compress: (point) => compressG2(curve, point),
      decompress: (bytes) => decompressG2(curve, bytes, 'Slot 3', context),
      oracle: (point) => encodeG2(curve, point),
    });
  });
});
