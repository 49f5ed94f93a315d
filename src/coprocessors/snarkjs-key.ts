/** Verification keys as snarkjs writes them (`snarkjs zkey export verificationkey`). */

import { type Curve, curveByName } from '../curve/curve.ts';
import {
  type ErrorContext,
  OptionError,
  ProofFormatError,
  PublicInputCountError,
  UnsupportedProofError,
} from '../errors.ts';
import { createVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';
import { curveOfG1, readSnarkjsG1, readSnarkjsG2 } from './affine-json.ts';
import { describe, hasAny, type JsonObject, ownField, readInteger } from './json.ts';

/** Whether an object has the fields of a snarkjs key, of any protocol. */
export function looksLikeSnarkjsKey(object: JsonObject): boolean {
  return (
    hasAny(object, ['vk_alpha_1', 'vk_beta_2', 'vk_gamma_2', 'vk_delta_2']) ||
    (hasAny(object, ['nPublic']) && hasAny(object, ['protocol', 'IC', 'power']))
  );
}

/** Refuses by name every proof system that is not Groth16. A file that names none is taken by its shape. */
export function requireGroth16(object: JsonObject, what: string, context: ErrorContext = {}): void {
  const protocol = ownField(object, 'protocol');
  if (protocol === undefined || protocol === 'groth16') return;
  const at = { ...context, field: 'protocol' };
  if (typeof protocol !== 'string') {
    throw new ProofFormatError(`${what}: expected the protocol's name, got ${describe(protocol)}.`, at);
  }
  throw new UnsupportedProofError(
    `${what}: the protocol is ${describe(protocol)}; only groth16 can be folded. Prove the circuit again with Groth16.`,
    at,
  );
}

/** The curve that the object's `curve` field names, or undefined where it names none. */
export function namedCurve(object: JsonObject, what: string, context: ErrorContext = {}): Curve | undefined {
  const name = ownField(object, 'curve');
  if (name === undefined) return undefined;
  const at = { ...context, field: 'curve' };
  if (typeof name !== 'string')
    throw new ProofFormatError(`${what}: expected a curve's name, got ${describe(name)}.`, at);
  try {
    return curveByName(name);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new UnsupportedProofError(
      `${what}: curve ${describe(name)} is not supported; expected bn128 or bls12381.`,
      at,
    );
  }
}

/** The curve of a G1 point in a file without a `curve` field. */
function curveOfSnarkjsG1(value: unknown, what: string, context: ErrorContext = {}): Curve {
  const [x, y] = Array.isArray(value) ? value : [undefined, undefined];
  return curveOfG1(
    readInteger(x, `${what}, x`, context),
    readInteger(y, `${what}, y`, context),
    what,
    context,
  );
}

/**
 * Reads a snarkjs Groth16 key. Throws {@link UnsupportedProofError} for other protocols, ProofFormatError for a malformed
 * file, {@link PublicInputCountError} where nPublic and IC disagree, and the point errors of createVerificationKey.
 */
export function readSnarkjsKey(object: JsonObject, context: ErrorContext = {}): VerificationKey {
  const what = 'Verification key';
  requireGroth16(object, what, context);
  const curve =
    namedCurve(object, what, context) ??
    curveOfSnarkjsG1(ownField(object, 'vk_alpha_1'), `${what}, vk_alpha_1`, context);
  const ic = ownField(object, 'IC');
  if (!Array.isArray(ic) || ic.length === 0) {
    throw new ProofFormatError(
      `${what}: expected IC, one point more than public inputs, got ${describe(ic)}.`,
      {
        ...context,
        field: 'IC',
      },
    );
  }
  const nPublic = ownField(object, 'nPublic');
  if (nPublic !== undefined) {
    const count = readInteger(nPublic, `${what}, nPublic`, { ...context, field: 'nPublic' });
    if (count !== BigInt(ic.length - 1)) {
      throw new PublicInputCountError(ic.length - 1, Number(count), { ...context, field: 'nPublic' });
    }
  }
  const at = (field: string): ErrorContext => ({ ...context, field });
  const g2 = (field: string): Uint8Array =>
    readSnarkjsG2(curve, ownField(object, field), `${what}, ${field}`, at(field));
  return createVerificationKey(
    curve,
    {
      alpha: readSnarkjsG1(curve, ownField(object, 'vk_alpha_1'), `${what}, vk_alpha_1`, at('vk_alpha_1')),
      beta: g2('vk_beta_2'),
      gamma: g2('vk_gamma_2'),
      delta: g2('vk_delta_2'),
      ic: ic.map((point, i) => readSnarkjsG1(curve, point, `${what}, IC[${i}]`, at(`IC[${i}]`))),
    },
    context,
  );
}
