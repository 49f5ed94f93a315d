/** Why a proof that was just made is false: the key is damaged, or the witness does not satisfy the circuit. */

import type { Backend } from '../../backend/backend.ts';
import { checkG1, checkG2, g1FromBytes, g2FromBytes } from '../../curve/points.ts';
import { ProvingKeyError, SheafError, UnsatisfiedCircuitError } from '../../errors.ts';
import type { ZkeyBases, ZkeyReader } from '../files/zkey.ts';

/** Throws the error of the first point of a section that is not in its group. */
async function checkBases(backend: Backend, reader: ZkeyReader, which: ZkeyBases): Promise<void> {
  const bytes = await reader.bases(which);
  const encoding = { encoding: 'montgomery' } as const;
  const vector = await (which === 'b2'
    ? backend.uploadG2(bytes, encoding)
    : backend.uploadG1(bytes, encoding));
  const points = await backend.read(vector);
  vector.dispose();
  await (which === 'b2' ? backend.checkG2(points) : backend.checkG1(points));
}

/** Checks that β and δ are the same in both groups. Throws a point error where one is none. */
function headerIsSound(backend: Backend, { points }: ZkeyReader): boolean {
  const { curve } = backend;
  return (['beta', 'delta'] as const).every((name) => {
    const first = g1FromBytes(curve, points[`${name}1`], `${name} in G1`);
    const second = g2FromBytes(curve, points[`${name}2`], `${name} in G2`);
    checkG1(curve, first, `${name} in G1`);
    checkG2(curve, second, `${name} in G2`);
    const left = curve.pair.pairing(first, curve.g2.BASE);
    return curve.fields.Fp12.eql(left, curve.pair.pairing(curve.g1.BASE, second));
  });
}

/** The error to throw about a false proof. Reads the key again. */
export async function explainFalseProof(
  backend: Backend,
  reader: ZkeyReader,
  file: string,
): Promise<SheafError> {
  const damaged = (what: string, reason: string, cause?: unknown): ProvingKeyError =>
    new ProvingKeyError(
      `${file}: the ${what} are damaged: ${reason} Fetch the key again.`,
      { file, field: what },
      cause,
    );
  try {
    if (!headerIsSound(backend, reader)) {
      return damaged('points of the header', 'β or δ differ between the two groups.');
    }
  } catch (error) {
    if (!(error instanceof SheafError)) throw error;
    return damaged('points of the header', error.message, error);
  }
  for (const which of ['a', 'b1', 'b2', 'c', 'h'] as const) {
    try {
      await checkBases(backend, reader, which);
    } catch (error) {
      if (!(error instanceof SheafError)) throw error;
      return damaged(`${which.toUpperCase()} points`, error.message, error);
    }
  }
  return new UnsatisfiedCircuitError(
    `The witness does not satisfy the circuit of ${file}: the proof made of it is false. Compute the witness with the generator of the same circuit; if it is right, the key is damaged.`,
    { file },
  );
}
