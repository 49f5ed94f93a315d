/** What all backends check of a sparse matrix. */

import { assertLength, OptionError } from '../errors.ts';
import type { SparseMatrix } from './backend.ts';

/** Throws LengthMismatchError for lists of different length, OptionError for an entry that is outside. */
export function checkSparseMatrix(matrix: SparseMatrix, valueCount: number): void {
  const { rows, columns, rowIndices, columnIndices, valueIndices } = matrix;
  assertLength('Sparse matrix, columns of entries', rowIndices.length, columnIndices.length);
  assertLength('Sparse matrix, values of entries', rowIndices.length, valueIndices.length);
  for (let i = 0; i < rowIndices.length; i++) {
    const [row, column, value] = [
      rowIndices[i] as number,
      columnIndices[i] as number,
      valueIndices[i] as number,
    ];
    if (row >= rows || column >= columns || value >= valueCount) {
      throw new OptionError(
        `Sparse matrix, entry ${i}: expected a place in ${rows} rows and ${columns} columns and one of ${valueCount} values, got row ${row}, column ${column}, value ${value}.`,
        { index: i },
      );
    }
  }
}
