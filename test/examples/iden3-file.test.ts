import { expect, test } from 'vitest';
import { readSections, sectionOf, writeSections } from '../../examples/lib/iden3-file.ts';
import { readR1cs, readWitness } from '../../examples/lib/r1cs.ts';
import { EncodingError } from '../../src/errors.ts';
import { joinBytes, u32le } from '../../src/field/bytes.ts';

const CONTENT = Uint8Array.of(1, 2, 3);

test('sections survive writing and reading', () => {
  const sections = readSections(
    writeSections('zkey', [
      [7, CONTENT],
      [2, new Uint8Array()],
    ]),
    'zkey',
  );
  expect([...sections.keys()]).toEqual([7, 2]);
  expect(sectionOf(sections, 7, 'file')).toEqual(CONTENT);
  expect(() => sectionOf(sections, 3, 'file')).toThrow(/section 3 is missing/);
});

test('a wrong magic word, a cut file, a repeated section and bytes left over are refused', () => {
  const file = writeSections('r1cs', [[1, CONTENT]]);
  const twice = writeSections('r1cs', [
    [1, CONTENT],
    [1, CONTENT],
  ]);
  expect(() => readSections(file, 'wtns')).toThrow(/expected the magic word "wtns", got "r1cs"/);
  expect(() => readSections(twice, 'r1cs')).toThrow(/section 1 comes twice/);
  for (const broken of [file.subarray(0, -1), joinBytes([file, CONTENT]), new Uint8Array()]) {
    expect(() => readSections(broken, 'r1cs')).toThrow(EncodingError);
  }
});

test('systems and witnesses over another field are refused', () => {
  const header = joinBytes([u32le(4), u32le(101), u32le(0)]);
  expect(() => readR1cs(writeSections('r1cs', [[1, header]]))).toThrow(/field of order 101/);
  expect(() => readWitness(writeSections('wtns', [[1, header]]))).toThrow(/field of order 101/);
});
