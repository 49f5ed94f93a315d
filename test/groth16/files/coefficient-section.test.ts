import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ENTRY_BYTES, readCoefficients } from '../../../src/groth16/files/coefficient-section.ts';

const [ROWS, COLUMNS] = [1 << 10, 1 << 12];
const VALUE_BYTES = ENTRY_BYTES - 12;

interface Entry {
  readonly matrix: number;
  readonly row: number;
  readonly column: number;
  /** What the value is made of: equal numbers give equal values. */
  readonly value: number;
}

/** Values that differ in one word alone, which is often not the first. */
function packValue(value: number): Uint8Array {
  const words = new Uint32Array(VALUE_BYTES / 4).fill(7);
  words[value % words.length] = value;
  return new Uint8Array(words.buffer);
}

function pack(entries: readonly Entry[], misalignment: number): Uint8Array {
  const bytes = new Uint8Array(misalignment + entries.length * ENTRY_BYTES).subarray(misalignment);
  const view = new DataView(bytes.buffer, misalignment);
  for (const [i, { matrix, row, column, value }] of entries.entries()) {
    const at = i * ENTRY_BYTES;
    view.setUint32(at, matrix, true);
    view.setUint32(at + 4, row, true);
    view.setUint32(at + 8, column, true);
    bytes.set(packValue(value), at + 12);
  }
  return bytes;
}

const refuse = (index: number): never => {
  throw new RangeError(String(index));
};

it('takes entries apart, however many values and wherever they lie', () => {
  const entry = fc.record({
    matrix: fc.integer({ min: 0, max: 1 }),
    row: fc.integer({ min: 0, max: ROWS - 1 }),
    column: fc.integer({ min: 0, max: COLUMNS - 1 }),
    value: fc.oneof(fc.nat(3), fc.nat(3000)),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 2000 }), fc.nat(4), (entries, misalignment) => {
      const { rowIndices, columnIndices, valueIndices, values } = readCoefficients(
        pack(entries, misalignment),
        ROWS,
        COLUMNS,
        refuse,
      );
      expect([...rowIndices]).toEqual(entries.map(({ matrix, row }) => matrix * ROWS + row));
      expect([...columnIndices]).toEqual(entries.map(({ column }) => column));
      const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
      const read = [...valueIndices].map((index) =>
        hex(values.subarray(index * VALUE_BYTES, (index + 1) * VALUE_BYTES)),
      );
      expect(read).toEqual(entries.map(({ value }) => hex(packValue(value))));
      expect(values.length).toBe(new Set(read).size * VALUE_BYTES);
    }),
    { numRuns: 30 },
  );
});

it('names the first entry outside the matrices', () => {
  const good: Entry = { matrix: 1, row: ROWS - 1, column: COLUMNS - 1, value: 1 };
  for (const bad of [{ matrix: 2 }, { row: ROWS }, { column: COLUMNS }]) {
    const bytes = pack([good, good, { ...good, ...bad }, good], 0);
    expect(() => readCoefficients(bytes, ROWS, COLUMNS, refuse)).toThrow('2');
  }
});
