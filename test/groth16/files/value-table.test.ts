import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ValueTable } from '../../../src/groth16/files/value-table.ts';

it('gives equal values one index, in order of appearance, however many there are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(2000), { maxLength: 3000 }), (size, ids) => {
      const words = Uint32Array.from(
        ids.flatMap((id) => Array.from({ length: size }, (_, i) => (i === id % size ? id : 7))),
      );
      const table = new ValueTable(size);
      const known = new Map<string, number>();
      ids.forEach((_, i) => {
        const name = words.subarray(i * size, (i + 1) * size).join();
        if (!known.has(name)) known.set(name, known.size);
        expect(table.indexOf(words, i * size)).toBe(known.get(name));
      });
      expect(table.count).toBe(known.size);
      expect([...new Uint32Array(table.bytes().slice().buffer)].join()).toBe([...known.keys()].join());
    }),
    { numRuns: 20 },
  );
});
