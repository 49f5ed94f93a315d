/** gnark's Groth16 proofs and verification keys as `encoding/json` writes the Go structs. */

import type { Curve } from '../curve/curve.ts';
import { type ErrorContext, ProofFormatError, UnsupportedProofError } from '../errors.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import { createProof, type Groth16Proof } from '../groth16/proof.ts';
import { createVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';
import { curveOfG1, readGnarkG1, readGnarkG2 } from './affine-json.ts';
import { describe, hasAny, isJsonObject, type JsonObject, ownField, readInteger } from './json.ts';

/** Whether an object has the fields of a gnark proof. */
export function looksLikeGnarkProof(object: JsonObject): boolean {
  return hasAny(object, ['Ar', 'Bs', 'Krs']);
}

/** Whether an object has the fields of a gnark verification key. */
export function looksLikeGnarkKey(object: JsonObject): boolean {
  return isJsonObject(ownField(object, 'G1')) && isJsonObject(ownField(object, 'G2'));
}

/** Refuses gnark's Groth16 with Pedersen commitments: another verification equation, which Sheaf does not fold. */
export function refuseCommitments(what: string, field: string, context: ErrorContext): never {
  throw new UnsupportedProofError(
    `${what}: gnark Groth16 with Pedersen commitments (${field}) is not plain Groth16 and cannot be folded. Compile the circuit without Commit calls (range checks and lookups make them too), or wrap the proof in a plain one.`,
    { ...context, field },
  );
}

/** Whether a JSON value holds anything but zeros, empty lists and empty objects. */
function holdsAnything(value: unknown, depth = 0): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) {
    return depth > 4 || Object.values(value).some((part) => holdsAnything(part, depth + 1));
  }
  return (
    value !== null && value !== undefined && value !== 0 && value !== '0' && value !== '' && value !== false
  );
}

/** Every gnark release that commits keeps the traces in fields of these names. */
const COMMITMENT_FIELD = /^(?:Commitment|PublicAndCommitmentCommitted)/;

/** Throws {@link UnsupportedProofError} where a proof or key has commitments. */
export function requirePlainGnark(object: JsonObject, what: string, context: ErrorContext): void {
  for (const [field, value] of Object.entries(object)) {
    if (COMMITMENT_FIELD.test(field) && holdsAnything(value)) refuseCommitments(what, field, context);
  }
}

/** gnark's JSON names no curve; the first G1 point tells. */
function curveOfPoint(value: unknown, what: string, context: ErrorContext): Curve {
  if (!isJsonObject(value)) {
    throw new ProofFormatError(`${what}: expected {"X": …, "Y": …}, got ${describe(value)}.`, context);
  }
  return curveOfG1(
    readInteger(ownField(value, 'X'), `${what}.X`, context),
    readInteger(ownField(value, 'Y'), `${what}.Y`, context),
    what,
    context,
  );
}

/** Reads {Ar, Bs, Krs}. Throws {@link UnsupportedProofError} for a proof with commitments, and the point errors. */
export function readGnarkJsonProof(
  object: JsonObject,
  curve?: Curve,
  context: ErrorContext = {},
  checks?: PointChecks,
): Groth16Proof {
  const what = 'gnark proof';
  requirePlainGnark(object, what, context);
  const at = (field: string): ErrorContext => ({ ...context, field });
  const on = curve ?? curveOfPoint(ownField(object, 'Ar'), `${what}, Ar`, at('Ar'));
  return createProof(
    on,
    {
      a: readGnarkG1(on, ownField(object, 'Ar'), `${what}, Ar`, at('Ar')),
      b: readGnarkG2(on, ownField(object, 'Bs'), `${what}, Bs`, at('Bs')),
      c: readGnarkG1(on, ownField(object, 'Krs'), `${what}, Krs`, at('Krs')),
    },
    context,
    checks,
  );
}

/** Reads {G1: {Alpha, K}, G2: {Beta, Gamma, Delta}}. Throws {@link UnsupportedProofError} for a key with commitments. */
export function readGnarkJsonKey(object: JsonObject, context: ErrorContext = {}): VerificationKey {
  const what = 'gnark verification key';
  requirePlainGnark(object, what, context);
  const g1 = ownField(object, 'G1');
  const g2 = ownField(object, 'G2');
  if (!isJsonObject(g1) || !isJsonObject(g2)) {
    throw new ProofFormatError(`${what}: expected objects G1 and G2, got ${describe(object)}.`, context);
  }
  const at = (field: string): ErrorContext => ({ ...context, field });
  const k = ownField(g1, 'K');
  if (!Array.isArray(k) || k.length === 0) {
    throw new ProofFormatError(
      `${what}: expected G1.K, one point more than public inputs, got ${describe(k)}.`,
      at('G1.K'),
    );
  }
  const curve = curveOfPoint(ownField(g1, 'Alpha'), `${what}, G1.Alpha`, at('G1.Alpha'));
  const readG2 = (name: string): Uint8Array =>
    readGnarkG2(curve, ownField(g2, name), `${what}, G2.${name}`, at(`G2.${name}`));
  return createVerificationKey(
    curve,
    {
      alpha: readGnarkG1(curve, ownField(g1, 'Alpha'), `${what}, G1.Alpha`, at('G1.Alpha')),
      beta: readG2('Beta'),
      gamma: readG2('Gamma'),
      delta: readG2('Delta'),
      ic: k.map((point, i) => readGnarkG1(curve, point, `${what}, G1.K[${i}]`, at(`G1.K[${i}]`))),
    },
    context,
  );
}
