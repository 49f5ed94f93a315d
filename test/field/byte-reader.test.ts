import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodingError } from '../../src/errors.ts';
import { ByteReader, block } from '../../src/field/byte-reader.ts';
import { joinBytes, u32le } from '../../src/field/bytes.ts';

type Item =
  | { kind: 'u8'; value: number }
  | { kind: 'u32'; value: number }
  | { kind: 'take'; value: Uint8Array }
  | { kind: 'block'; value: Uint8Array };

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffffffff) }),
  fc.record({ kind: fc.constant('take' as const), value: fc.uint8Array({ maxLength: 20 }) }),
  fc.record({ kind: fc.constant('block' as const), value: fc.uint8Array({ maxLength: 20 }) }),
);

function encode(each: Item): Uint8Array {
  if (each.kind === 'u8') return Uint8Array.of(each.value);
  if (each.kind === 'u32') return u32le(each.value);
  return each.kind === 'block' ? block(each.value) : each.value;
}

function read(reader: ByteReader, each: Item): number | Uint8Array {
  if (each.kind === 'take') return reader.take(each.value.length, 'item');
  return reader[each.kind]('item');
}

describe('ByteReader', () => {
  it('reads back any sequence of items, at any place in a larger buffer', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.nat(9), (items, before) => {
        const encoded = joinBytes(items.map(encode));
        const buffer = new Uint8Array(before + encoded.length + 5).fill(0xaa);
        buffer.set(encoded, before);
        const reader = new ByteReader(buffer.subarray(before, before + encoded.length), 'items');
        for (const each of items) {
          const start = reader.offset;
          expect(read(reader, each)).toEqual(each.value);
          expect(reader.offset).toBe(start + encode(each).length);
          expect(reader.remaining).toBe(encoded.length - reader.offset);
        }
        reader.end();
      }),
    );
  });

  it('refuses every proper prefix of a sequence, and never reads past it', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), fc.nat(), (items, cut) => {
        const encoded = joinBytes(items.map(encode));
        fc.pre(encoded.length > 0);
        const length = cut % encoded.length;
        const reader = new ByteReader(encoded.subarray(0, length), 'items');
        const run = (): void => {
          for (const each of items) read(reader, each);
        };
        expect(run).toThrow(EncodingError);
        expect(reader.offset <= length).toBe(true);
      }),
    );
  });

  it('says which byte and which field was missing', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), 'header');
    reader.u8('version');
    expect(() => reader.u32('count')).toThrow(
      expect.objectContaining({
        code: 'ENCODING',
        message: expect.stringMatching(/^header: .*byte 3.*count needs 4 bytes from byte 1/),
        context: { offset: 1, field: 'count' },
      }),
    );
  });

  it('refuses a block whose length runs past the end', () => {
    const reader = new ByteReader(new Uint8Array([...u32le(0xffffffff), 1, 2]), 'file');
    expect(() => reader.block('key')).toThrow(EncodingError);
  });

  it('refuses bytes left over, and says how many', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), 'file');
    reader.u8('first');
    expect(() => reader.end()).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('2 bytes left over at byte 1'),
        context: { offset: 1 },
      }),
    );
  });

  it('fails at the place just read', () => {
    const reader = new ByteReader(Uint8Array.of(9), 'file');
    reader.u8('version');
    expect(() => reader.fail('unknown version 9', 'version')).toThrow(
      expect.objectContaining({
        message: 'file: unknown version 9 (before byte 1).',
        context: { offset: 1, field: 'version' },
      }),
    );
  });

  it('takes plain views of a Node Buffer, whose slices would share its memory', () => {
    const buffer = Buffer.from([1, 2, 3]);
    const taken = new ByteReader(buffer, 'file').take(2, 'part');
    expect(taken.constructor).toBe(Uint8Array);
    const copy = taken.slice();
    buffer.fill(0);
    expect(copy).toEqual(Uint8Array.of(1, 2));
  });

  it('takes views, not copies', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const view = new ByteReader(bytes, 'file').take(2, 'part');
    bytes[0] = 7;
    expect(view[0]).toBe(7);
  });
});
