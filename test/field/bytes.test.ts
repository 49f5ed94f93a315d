import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bigintFromBytesBE,
  bigintFromBytesLE,
  concatBytes,
  copyBytes,
  equalBytes,
  isZeroBytes,
  joinBytes,
  toHex,
  u32le,
  utf8,
  writeBigintBE,
  writeBigintLE,
} from '../../src/field/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

/** Σ byte_i·256^i, without any text in between. */
function naiveLittleEndian(input: Uint8Array): bigint {
  let value = 0n;
  for (const [i, byte] of input.entries()) value += BigInt(byte) << (8n * BigInt(i));
  return value;
}

describe('integers and bytes', () => {
  it('reads little- and big-endian by definition', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect(bigintFromBytesLE(input)).toBe(naiveLittleEndian(input));
        expect(bigintFromBytesBE(input)).toBe(naiveLittleEndian(Uint8Array.from(input).reverse()));
      }),
    );
  });

  it('leaves its input as it was', () => {
    const input = Uint8Array.of(1, 2, 3);
    bigintFromBytesLE(input);
    expect(input).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('reads the empty string as 0', () => {
    expect(bigintFromBytesBE(new Uint8Array())).toBe(0n);
    expect(bigintFromBytesLE(new Uint8Array())).toBe(0n);
  });

  it('writes what it reads, at an offset, and nothing beside it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(10), (input, offset) => {
        for (const [write, value] of [
          [writeBigintLE, bigintFromBytesLE(input)],
          [writeBigintBE, bigintFromBytesBE(input)],
        ] as const) {
          const out = new Uint8Array(offset + input.length + 3).fill(0xee);
          write(value, out, offset, input.length);
          expect(out.subarray(offset, offset + input.length)).toEqual(input);
          expect(out.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
          expect(out.subarray(offset + input.length).every((byte) => byte === 0xee)).toBe(true);
        }
      }),
    );
  });

  it('writes the edges of a width', () => {
    const out = new Uint8Array(4);
    writeBigintLE(0n, out, 0, 4);
    expect(out).toEqual(Uint8Array.of(0, 0, 0, 0));
    writeBigintLE(2n ** 32n - 1n, out, 0, 4);
    expect(out).toEqual(Uint8Array.of(255, 255, 255, 255));
    writeBigintBE(1n, out, 0, 4);
    expect(out).toEqual(Uint8Array.of(0, 0, 0, 1));
    writeBigintLE(1n, out, 0, 4);
    expect(out).toEqual(Uint8Array.of(1, 0, 0, 0));
  });

  it('writes u32le', () => {
    expect(u32le(0)).toEqual(Uint8Array.of(0, 0, 0, 0));
    expect(u32le(0x01020304)).toEqual(Uint8Array.of(4, 3, 2, 1));
    expect(u32le(0xffffffff)).toEqual(Uint8Array.of(255, 255, 255, 255));
  });
});

describe('byte strings', () => {
  it('toHex gives two lower-case digits a byte', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect(toHex(input)).toBe(Buffer.from(input).toString('hex'));
      }),
    );
  });

  it('joins lists and arguments alike', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (parts) => {
        const expected = Uint8Array.from(parts.flatMap((part) => [...part]));
        expect(joinBytes(parts)).toEqual(expected);
        expect(concatBytes(...parts)).toEqual(expected);
      }),
    );
  });

  it('joins more parts than a call takes arguments', () => {
    const parts = Array.from({ length: 200_000 }, (_, i) => Uint8Array.of(i & 0xff));
    const joined = joinBytes(parts);
    expect(joined).toHaveLength(200_000);
    expect(joined[199_999]).toBe(199_999 & 0xff);
  });

  it('joins into new storage', () => {
    const part = Uint8Array.of(1, 2);
    const joined = concatBytes(part);
    joined[0] = 9;
    expect(part[0]).toBe(1);
  });

  it('copies share no memory, of a Node Buffer neither', () => {
    for (const bytes of [
      Uint8Array.of(1, 2, 3),
      Buffer.from([1, 2, 3]),
      Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 4),
    ]) {
      const copy = copyBytes(bytes);
      expect(copy).toEqual(Uint8Array.of(1, 2, 3));
      expect(copy.constructor).toBe(Uint8Array);
      bytes.fill(9);
      expect(copy).toEqual(Uint8Array.of(1, 2, 3));
    }
  });

  it('equalBytes is equality of length and of every byte', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
        expect(equalBytes(a, concatBytes(a, Uint8Array.of(0)))).toBe(false);
      }),
    );
  });

  it('equalBytes sees a difference in any one byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (a, at, flip) => {
          const b = Uint8Array.from(a);
          b[at % a.length] = (b[at % a.length] as number) ^ flip;
          expect(equalBytes(a, b)).toBe(false);
        },
      ),
    );
  });

  it('isZeroBytes holds for zeros alone', () => {
    expect(isZeroBytes(new Uint8Array())).toBe(true);
    expect(isZeroBytes(new Uint8Array(64))).toBe(true);
    for (let at = 0; at < 64; at++) {
      const one = new Uint8Array(64);
      one[at] = 1;
      expect(isZeroBytes(one)).toBe(false);
    }
  });

  it('utf8 agrees with the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(utf8(text)).toEqual(Uint8Array.from(Buffer.from(text, 'utf8')));
      }),
    );
  });
});
