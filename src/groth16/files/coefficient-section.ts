/** Section 4 of a proving key: the coefficients of the matrices A and B that are not zero. */

import { ValueTable } from './value-table.ts';

/** Section 4, taken apart: entry i says that coefficient valueIndices[i] stands at (rowIndices[i], columnIndices[i]), A's rows above B's. */
export interface ZkeyCoefficients {
  readonly rowIndices: Uint32Array;
  readonly columnIndices: Uint32Array;
  readonly valueIndices: Uint32Array;
  /** The different coefficients times 2^512, reduced, little-endian. */
  readonly values: Uint8Array;
}

/** Words before a value: matrix, row, column. */
const HEAD_WORDS = 3;
/** Words of a value: scalars of all curves have 32 bytes. */
const VALUE_WORDS = 8;
/** log2 of the values that are looked up by one word alone. */
const RECENT_LOG2 = 10;

/** Bytes of an entry. */
export const ENTRY_BYTES: number = 4 * (HEAD_WORDS + VALUE_WORDS);

/** The bytes as words; a copy where they do not start at a multiple of 4. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/**
 * Takes entries apart. One loop for all of it, without calls for values that were there lately: a first proof runs it before engines
 * have compiled it. `refuse` is called with the index of an entry outside matrices of `rows` rows and `columns` columns.
 */
export function readCoefficients(
  entries: Uint8Array,
  rows: number,
  columns: number,
  refuse: (index: number) => never,
): ZkeyCoefficients {
  const words = wordsOf(entries);
  const count = entries.length / ENTRY_BYTES;
  const rowIndices = new Uint32Array(count);
  const columnIndices = new Uint32Array(count);
  const valueIndices = new Uint32Array(count);
  const table = new ValueTable(VALUE_WORDS);
  /** Index of a value that was there lately, by bits of its first word times the golden ratio: most values are among a few. */
  const recent = new Uint32Array(2 ** RECENT_LOG2);
  let known = 0;
  let values = table.words;
  for (let i = 0, at = 0; i < count; i++, at += HEAD_WORDS + VALUE_WORDS) {
    const matrix = words[at] as number;
    const row = words[at + 1] as number;
    const column = words[at + 2] as number;
    if (matrix > 1 || row >= rows || column >= columns) refuse(i);
    rowIndices[i] = matrix * rows + row;
    columnIndices[i] = column;
    const value = at + HEAD_WORDS;
    const slot = Math.imul(words[value] as number, 0x9e3779b1) >>> (32 - RECENT_LOG2);
    let index = recent[slot] as number;
    const held = index * VALUE_WORDS;
    const difference =
      ((values[held] as number) ^ (words[value] as number)) |
      ((values[held + 1] as number) ^ (words[value + 1] as number)) |
      ((values[held + 2] as number) ^ (words[value + 2] as number)) |
      ((values[held + 3] as number) ^ (words[value + 3] as number)) |
      ((values[held + 4] as number) ^ (words[value + 4] as number)) |
      ((values[held + 5] as number) ^ (words[value + 5] as number)) |
      ((values[held + 6] as number) ^ (words[value + 6] as number)) |
      ((values[held + 7] as number) ^ (words[value + 7] as number));
    if (difference !== 0 || index >= known) {
      index = table.indexOf(words, value);
      recent[slot] = index;
      known = table.count;
      values = table.words;
    }
    valueIndices[i] = index;
  }
  return { rowIndices, columnIndices, valueIndices, values: table.bytes() };
}
