import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodingError } from '../../src/errors.ts';
import { toHex } from '../../src/field/bytes.ts';
import { bytesOfHex } from '../../src/field/hex.ts';

describe('bytesOfHex', () => {
  it('reads what toHex writes, with any prefix and in any case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const hex = toHex(bytes);
        for (const text of [hex, `0x${hex}`, `0X${hex}`, hex.toUpperCase(), `0x${hex.toUpperCase()}`]) {
          expect(bytesOfHex(text)).toEqual(bytes);
        }
      }),
    );
  });

  it('reads nothing as no bytes', () => {
    expect(bytesOfHex('')).toEqual(new Uint8Array());
    expect(bytesOfHex('0x')).toEqual(new Uint8Array());
  });

  it.each(['a', '0xa', '0x0x00', 'zz', '00 11', ' 00', '00\n', '-1', '0x-1', '+f', '1_0', '0.', 'é0', '٠٠'])(
    'refuses %j',
    (text) => {
      expect(() => bytesOfHex(text)).toThrow(EncodingError);
    },
  );

  it('refuses any text that is not hexadecimal', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^(0[xX])?([0-9a-fA-F]{2})*$/.test(text));
        expect(() => bytesOfHex(text)).toThrow(EncodingError);
      }),
    );
  });

  it('says where the text came from', () => {
    expect(() => bytesOfHex('q', { file: 'seal.txt', field: 'seal' })).toThrow(
      expect.objectContaining({ code: 'ENCODING', context: { file: 'seal.txt', field: 'seal' } }),
    );
  });
});
