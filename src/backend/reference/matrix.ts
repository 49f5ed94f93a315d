/** Sparse matrices of the reference backend. */

import { assertLength, InternalError } from '../../errors.ts';
import type { FrMatrix, OperationOptions, SparseMatrix } from '../backend.ts';
import { paced } from '../pace.ts';
import { checkSparseMatrix } from '../sparse-matrix.ts';

/** A matrix as its caller gave it. */
export class ReferenceMatrix implements FrMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly #entries: SparseMatrix;
  readonly #values: readonly bigint[];

  constructor(matrix: SparseMatrix, values: readonly bigint[]) {
    checkSparseMatrix(matrix, values.length);
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    this.#values = values;
    const { rowIndices, columnIndices, valueIndices } = matrix;
    this.#entries = {
      ...matrix,
      rowIndices: rowIndices.slice(),
      columnIndices: columnIndices.slice(),
      valueIndices: valueIndices.slice(),
    };
  }

  /** matrix·vector mod order, entry by entry. */
  async multiply(vector: readonly bigint[], order: bigint, options: OperationOptions): Promise<bigint[]> {
    assertLength('Matrix product, vector', this.columns, vector.length);
    const { rowIndices, columnIndices, valueIndices } = this.#entries;
    const out = new Array<bigint>(this.rows).fill(0n);
    await paced(rowIndices.length, options, (i) => {
      const [row, column, value] = [
        rowIndices[i] as number,
        columnIndices[i] as number,
        valueIndices[i] as number,
      ];
      const product = (this.#values[value] as bigint) * (vector[column] as bigint);
      out[row] = ((out[row] as bigint) + product) % order;
    });
    return out;
  }

  /** The garbage collector has it. */
  dispose(): void {}
}

/** Unwraps a handle. */
export function referenceMatrix(matrix: FrMatrix): ReferenceMatrix {
  if (!(matrix instanceof ReferenceMatrix)) throw new InternalError('A matrix of another backend was given.');
  return matrix;
}
