/**
 * The Groth16 prover (Groth, EUROCRYPT 2016, section 3.2), for keys of snarkjs:
 *
 *     A  = α + Σ w_i·A_i + r·δ         B = β + Σ w_i·B_i + s·δ
 *     C  = Σ_private w_i·C_i + Σ h_j·H_j + s·A + r·B − r·s·δ
 */

import type { Backend, FrVector } from '../../backend/backend.ts';
import { phase, type RunOptions } from '../../backend/progress.ts';
import type { Curve } from '../../curve/curve.ts';
import { g1FromBytes, g1ToBytes, g2FromBytes, g2ToBytes } from '../../curve/points.ts';
import { ScalarOutOfRangeError, throwIfAborted, WitnessError } from '../../errors.ts';
import type { Witness } from '../files/wtns.ts';
import type { ZkeyPoints } from '../files/zkey.ts';
import { type Blinding, drawBlinding } from './blinding.ts';
import type { PreparedKey } from './proving-key.ts';
import { quotientScalars } from './quotient.ts';

/** Options of {@link proveGroth16}. */
export interface ProveOptions extends Omit<RunOptions, 'backend'> {
  /**
   * Blinding instead of fresh randomness, for tests that need the same proof twice. Whoever knows it can test guesses of the witness
   * against the proof.
   */
  readonly blinding?: Blinding | undefined;
}

/** The three points of a proof in memory form. They are sums of the key's points and not checked. */
export interface ProofPoints {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Uint8Array;
}

/** The sums of a proof before blinding, in memory form. */
interface Sums {
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  readonly c: Uint8Array;
  readonly h: Uint8Array;
}

/** Anything with the group law of noble's points. */
interface Summand<P> {
  multiply(scalar: bigint): P;
}

/** scalar·point by the form whose time does not tell the scalar. */
function times<P extends Summand<P>>(point: P, scalar: bigint, zero: P): P {
  return scalar === 0n ? zero : point.multiply(scalar);
}

/** Adds what is constant and what is random. */
function blind(curve: Curve, key: ZkeyPoints, sums: Sums, { r, s }: Blinding): ProofPoints {
  const { order } = curve;
  const g1 = (bytes: Uint8Array): ReturnType<typeof g1FromBytes> => g1FromBytes(curve, bytes);
  const g2 = (bytes: Uint8Array): ReturnType<typeof g2FromBytes> => g2FromBytes(curve, bytes);
  const zero = curve.g1.ZERO;
  const delta1 = g1(key.delta1);
  const a = g1(sums.a)
    .add(g1(key.alpha1))
    .add(times(delta1, r, zero));
  const b1 = g1(sums.b1)
    .add(g1(key.beta1))
    .add(times(delta1, s, zero));
  const b = g2(sums.b2)
    .add(g2(key.beta2))
    .add(times(g2(key.delta2), s, curve.g2.ZERO));
  const c = g1(sums.c)
    .add(g1(sums.h))
    .add(times(a, s, zero))
    .add(times(b1, r, zero))
    .subtract(times(delta1, (r * s) % order, zero));
  return { a: g1ToBytes(curve, a), b: g2ToBytes(curve, b), c: g1ToBytes(curve, c) };
}

async function uploadWitness(backend: Backend, values: Uint8Array): Promise<FrVector> {
  try {
    return await backend.uploadFr(values);
  } catch (error) {
    if (!(error instanceof ScalarOutOfRangeError)) throw error;
    const { index } = error.context;
    throw new WitnessError(`Witness: the value of wire ${index} is not below the field's order.`, { index });
  }
}

/** Throws WitnessError where the witness is of another curve or has another number of values. */
function checkWitness({ info }: PreparedKey, { curve, values }: Witness): void {
  if (curve !== info.curve) {
    throw new WitnessError(
      `Curve of the witness does not match the curve of the proving key: expected ${info.curve.name}, got ${curve.name}.`,
      { expected: info.curve.name, got: curve.name },
    );
  }
  const count = values.length / curve.frBytes;
  if (count !== info.wireCount) {
    throw new WitnessError(
      `Invalid witness length. Circuit: ${info.wireCount}, witness: ${count}. Witness and key must be of the same circuit.`,
      { expected: info.wireCount, got: count },
    );
  }
}

/** How much of the whole each step takes, about. */
const SHARES = { matrix: 0.02, quotient: 0.17, h: 0.4, a: 0.5, b1: 0.58, b2: 0.84, c: 0.97 } as const;

/**
 * Makes a proof. Does not verify it: where the witness does not satisfy the circuit, it is false. The witness is neither changed nor
 * kept, and what was derived from it is overwritten in the backend. Throws {@link WitnessError} or AbortedError.
 */
export async function proveGroth16(
  key: PreparedKey,
  witness: Witness,
  options: ProveOptions = {},
): Promise<ProofPoints> {
  const { backend, info, points } = key;
  checkWitness(key, witness);
  throwIfAborted(options.signal);
  const run = { signal: options.signal, onProgress: options.onProgress };
  const wires = await uploadWitness(backend, witness.values);
  const sum = async (which: 'a' | 'b1' | 'c' | 'h', scalars: FrVector, start: number): Promise<Uint8Array> =>
    backend.msmG1(key[which], scalars, phase(run, 'prove', start, SHARES[which]));
  try {
    const h = await sumQuotient(key, wires, run, (scalars) => sum('h', scalars, SHARES.quotient));
    const a = await sum('a', wires, SHARES.h);
    const b1 = await sum('b1', wires, SHARES.a);
    const b2 = await backend.msmG2(key.b2, wires, phase(run, 'prove', SHARES.b1, SHARES.b2));
    const c = await sum('c', wires.slice(info.publicCount + 1, info.wireCount), SHARES.b2);
    const blinding = options.blinding ?? drawBlinding(info.curve.order);
    return blind(info.curve, points, { a, b1, b2, c, h }, blinding);
  } finally {
    wires.dispose();
  }
}

/** Hands the quotient's scalars to `sum`, and gives them back. */
async function sumQuotient(
  { backend, constraints }: PreparedKey,
  wires: FrVector,
  run: RunOptions,
  sum: (scalars: FrVector) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const values = await backend.mulMatrix(constraints, wires, phase(run, 'constraints', 0, SHARES.matrix));
  let scalars: FrVector;
  try {
    scalars = await quotientScalars(backend, values, run, [SHARES.matrix, SHARES.quotient]);
  } finally {
    values.dispose();
  }
  try {
    return await sum(scalars);
  } finally {
    scalars.dispose();
  }
}
