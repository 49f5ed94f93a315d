/** Section 4 of a proving key as one sparse matrix: the rows of A, then those of B. */

import type { Backend, FrMatrix, OperationOptions } from '../../backend/backend.ts';
import { packScalars } from '../../curve/affine.ts';
import { modInverse } from '../../field/modular.ts';
import type { ZkeyCoefficients } from '../files/coefficient-section.ts';
import type { ZkeyInfo } from '../files/zkey.ts';

/** Uploads the matrix of 2·domainSize rows and wireCount columns. */
export async function uploadConstraints(
  backend: Backend,
  { domainSize, wireCount }: ZkeyInfo,
  { values: encoded, ...indices }: ZkeyCoefficients,
  options: OperationOptions,
): Promise<FrMatrix> {
  const { order, frBytes } = backend.curve;
  // The file has them times the square of the radix: one factor goes with the encoding, the other here.
  const once = await backend.uploadFr(encoded, { encoding: 'montgomery' });
  const inverse = modInverse(1n << BigInt(8 * frBytes), order);
  const factors = await backend.uploadFr(packScalars(backend.curve, new Array(once.length).fill(inverse)));
  const values = await backend.mulFr(once, factors, { signal: options.signal });
  try {
    return await backend.uploadMatrix(
      { rows: 2 * domainSize, columns: wireCount, ...indices },
      values,
      options,
    );
  } finally {
    for (const vector of [once, factors, values]) vector.dispose();
  }
}
