/** Proving keys made ready for many proofs: bases prepared and constraints laid out, where the backend wants them. */

import type { Backend, FrMatrix, G1Bases, G2Bases, OperationOptions } from '../../backend/backend.ts';
import { phase, type RunOptions } from '../../backend/progress.ts';
import { addContext, FieldElementOutOfRangeError, ProvingKeyError, throwIfAborted } from '../../errors.ts';
import type { ZkeyInfo, ZkeyPoints, ZkeyReader } from '../files/zkey.ts';
import { GatheredChecks } from '../point-checks.ts';
import type { VerificationKey } from '../verification-key.ts';
import { uploadConstraints } from './constraint-matrix.ts';

/** A proving key on a backend. Immutable; serves any number of proofs, also at once. */
export interface PreparedKey {
  readonly backend: Backend;
  readonly info: ZkeyInfo;
  readonly points: ZkeyPoints;
  readonly verificationKey: VerificationKey;
  /** A above B: 2·domainSize rows. */
  readonly constraints: FrMatrix;
  readonly a: G1Bases;
  readonly b1: G1Bases;
  readonly b2: G2Bases;
  /** Of the private wires only. */
  readonly c: G1Bases;
  readonly h: G1Bases;
  /** Gives everything back. */
  dispose(): void;
}

/** A coordinate that is not below the modulus: damage, told as such. */
function asKeyError(error: unknown, what: string, file: string): unknown {
  if (!(error instanceof FieldElementOutOfRangeError)) return addContext(error, { file });
  return new ProvingKeyError(
    `${file}: the ${what} are damaged (${error.message}) Fetch the key again.`,
    { ...error.context, file, field: what },
    error,
  );
}

/**
 * Reads a key section by section, handing each to the backend. Throws ProvingKeyError, the point errors of
 * createVerificationKey, or AbortedError.
 */
export async function prepareKey(
  reader: ZkeyReader,
  backend: Backend,
  file: string,
  options: RunOptions,
): Promise<PreparedKey> {
  backend.wake?.();
  const made: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(thing: T): T => {
    made.push(thing);
    return thing;
  };
  const part = (start: number, end: number): OperationOptions => phase(options, 'key', start, end);
  const g1 = async (which: 'a' | 'b1' | 'c' | 'h', start: number, end: number): Promise<G1Bases> => {
    try {
      throwIfAborted(options.signal);
      const points = await backend.uploadG1(await reader.bases(which), { encoding: 'montgomery' });
      try {
        return keep(await backend.prepareG1(points, part(start, end)));
      } finally {
        points.dispose();
      }
    } catch (error) {
      throw asKeyError(error, `${which.toUpperCase()} points`, file);
    }
  };
  const g2 = async (): Promise<G2Bases> => {
    try {
      throwIfAborted(options.signal);
      const points = await backend.uploadG2(await reader.bases('b2'), { encoding: 'montgomery' });
      try {
        return keep(await backend.prepareG2(points, part(0.3, 0.6)));
      } finally {
        points.dispose();
      }
    } catch (error) {
      throw asKeyError(error, 'B2 points', file);
    }
  };
  try {
    const coefficients = await reader.coefficients();
    const checks = new GatheredChecks();
    const verificationKey = await checks.settled(
      () => reader.verificationKey(checks),
      () => backend,
      { signal: options.signal },
    );
    const constraints = keep(await uploadConstraints(backend, reader.info, coefficients, part(0, 0.3)));
    const b2 = await g2();
    const a = await g1('a', 0.6, 0.7);
    const b1 = await g1('b1', 0.7, 0.8);
    const c = await g1('c', 0.8, 0.9);
    const h = await g1('h', 0.9, 1);
    return {
      backend,
      info: reader.info,
      points: reader.points,
      verificationKey,
      constraints,
      a,
      b1,
      b2,
      c,
      h,
      dispose: () => {
        for (const thing of made.splice(0)) thing.dispose();
      },
    };
  } catch (error) {
    for (const thing of made) thing.dispose();
    throw error;
  }
}
