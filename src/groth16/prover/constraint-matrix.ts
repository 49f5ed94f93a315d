/** Section 4 of a proving key as one sparse matrix: the rows of A, then those of B. */

import type { Backend, FrMatrix, OperationOptions } from '../../backend/backend.ts';
import { packScalars } from '../../curve/affine.ts';
import { modInverse } from '../../field/modular.ts';
import type { ZkeyCoefficients, ZkeyInfo } from '../files/zkey.ts';
import { ValueTable } from './value-table.ts';

/** 32-bit words of an entry before its value: matrix, row, column. */
const HEAD_WORDS = 3;

/** Uploads the matrix of 2·domainSize rows and wireCount columns. Entries must be inside, as ZkeyReader.coefficients checks. */
export async function uploadConstraints(
  backend: Backend,
  { domainSize, wireCount }: ZkeyInfo,
  { words, count, entryWords }: ZkeyCoefficients,
  options: OperationOptions,
): Promise<FrMatrix> {
  const { order, frBytes } = backend.curve;
  const table = new ValueTable(frBytes / 4);
  const rowIndices = new Uint32Array(count);
  const columnIndices = new Uint32Array(count);
  const valueIndices = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; i++, at += entryWords) {
    rowIndices[i] = (words[at] as number) * domainSize + (words[at + 1] as number);
    columnIndices[i] = words[at + 2] as number;
    valueIndices[i] = table.indexOf(words, at + HEAD_WORDS);
  }
  // The file has them times the square of the radix: one factor goes with the encoding, the other here.
  const once = await backend.uploadFr(table.bytes(), { encoding: 'montgomery' });
  const inverse = modInverse(1n << BigInt(8 * frBytes), order);
  const factors = await backend.uploadFr(packScalars(backend.curve, new Array(table.count).fill(inverse)));
  const values = await backend.mulFr(once, factors, { signal: options.signal });
  try {
    return await backend.uploadMatrix(
      { rows: 2 * domainSize, columns: wireCount, rowIndices, columnIndices, valueIndices },
      values,
      options,
    );
  } finally {
    for (const vector of [once, factors, values]) vector.dispose();
  }
}
