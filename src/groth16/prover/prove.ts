/**
 * The Groth16 prover (Groth, EUROCRYPT 2016, section 3.2), for keys of snarkjs:
 *
 *     A  = α + Σ w_i·A_i + r·δ         B = β + Σ w_i·B_i + s·δ
 *     C  = Σ_private w_i·C_i + Σ h_j·H_j + s·A + r·B − r·s·δ
 */

import type { Backend, FrVector, G1Vector, G2Vector, OperationOptions } from '../../backend/backend.ts';
import { phase, type RunOptions } from '../../backend/progress.ts';
import type { Curve } from '../../curve/curve.ts';
import { g1FromBytes, g1ToBytes, g2FromBytes, g2ToBytes } from '../../curve/points.ts';
import { ScalarOutOfRangeError, throwIfAborted, WitnessError } from '../../errors.ts';
import { joinBytes } from '../../field/bytes.ts';
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

/** The sum of two points in memory form. */
function addG1(curve: Curve, left: Uint8Array, right: Uint8Array): Uint8Array {
  return g1ToBytes(curve, g1FromBytes(curve, left).add(g1FromBytes(curve, right)));
}

/**
 * Adds what is constant and what is random. With A₀ and B₀ the sums before blinding, C = ΣC + ΣH + s·A₀ + r·B: two folds of two
 * points each, whose operations on the WebAssembly backend do not depend on r and s. Other backends leave so few points to it.
 */
async function blind(
  backend: Backend,
  key: ZkeyPoints,
  sums: Sums,
  { r, s }: Blinding,
  options: OperationOptions,
): Promise<ProofPoints> {
  const { curve } = backend;
  const a0 = addG1(curve, sums.a, key.alpha1);
  const [b1, c1] = await foldG1(
    backend,
    [addG1(curve, sums.b1, key.beta1), addG1(curve, sums.c, sums.h)],
    [key.delta1, a0],
    s,
    options,
  );
  const [a, c] = await foldG1(backend, [a0, c1], [key.delta1, b1], r, options);
  const b0 = g2FromBytes(curve, sums.b2).add(g2FromBytes(curve, key.beta2));
  return { a, b: await foldG2(backend, g2ToBytes(curve, b0), key.delta2, s, options), c };
}

/** left_i + x·right_i in G1, in memory form. */
async function foldG1(
  backend: Backend,
  left: readonly [Uint8Array, Uint8Array],
  right: readonly [Uint8Array, Uint8Array],
  x: bigint,
  options: OperationOptions,
): Promise<[Uint8Array, Uint8Array]> {
  const { g1Bytes } = backend.curve;
  const alive = [await backend.uploadG1(joinBytes([...left, ...right]))];
  try {
    const points = alive[0] as G1Vector;
    const sums = await backend.foldG1(points.slice(0, 2), points.slice(2, 4), x, options);
    alive.push(sums);
    const bytes = await backend.read(sums);
    return [bytes.slice(0, g1Bytes), bytes.slice(g1Bytes)];
  } finally {
    for (const vector of alive) vector.dispose();
  }
}

/** left + x·right in G2, in memory form. */
async function foldG2(
  backend: Backend,
  left: Uint8Array,
  right: Uint8Array,
  x: bigint,
  options: OperationOptions,
): Promise<Uint8Array> {
  const alive = [await backend.uploadG2(joinBytes([left, right]))];
  try {
    const points = alive[0] as G2Vector;
    alive.push(await backend.foldG2(points.slice(0, 1), points.slice(1, 2), x, options));
    return await backend.read(alive[1] as G2Vector);
  } finally {
    for (const vector of alive) vector.dispose();
  }
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

/** How much of the whole is done after each step, about. */
const SHARES = { matrix: 0.02, quotient: 0.17, sums: 0.97 } as const;

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
  let factors: FrVector | undefined;
  try {
    factors = await quotientFactors(key, wires, run);
    const { g1, g2 } = await backend.msmSums(
      {
        g1: [
          { bases: key.h, scalars: factors, onSpent: () => factors?.dispose() },
          { bases: key.a, scalars: wires },
          { bases: key.b1, scalars: wires },
          { bases: key.c, scalars: wires.slice(info.publicCount + 1, info.wireCount) },
        ],
        g2: [{ bases: key.b2, scalars: wires }],
      },
      phase(run, 'prove', SHARES.quotient, SHARES.sums),
    );
    const size = info.curve.g1Bytes;
    const [h, a, b1, c] = [0, 1, 2, 3].map((i) => g1.subarray(i * size, (i + 1) * size)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const blinding = options.blinding ?? drawBlinding(info.curve.order);
    return await blind(backend, points, { a, b1, b2: g2, c, h }, blinding, { signal: options.signal });
  } finally {
    factors?.dispose();
    wires.dispose();
  }
}

/** The quotient's scalars, for the H points. */
async function quotientFactors(
  { backend, constraints }: PreparedKey,
  wires: FrVector,
  run: RunOptions,
): Promise<FrVector> {
  const values = await backend.mulMatrix(constraints, wires, phase(run, 'constraints', 0, SHARES.matrix));
  try {
    return await quotientScalars(backend, values, run, [SHARES.matrix, SHARES.quotient]);
  } finally {
    values.dispose();
  }
}
