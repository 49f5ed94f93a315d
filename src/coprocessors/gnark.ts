/** gnark circuits: plain Groth16 proofs as JSON, in gnark's binary forms, or as the eight words that a contract takes. */

import { type Curve, curveByName } from '../curve/curve.ts';
import { type ErrorContext, ProofFormatError } from '../errors.ts';
import { concatBytes, writeBigintBE } from '../field/bytes.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import { type BatchMember, createMember, type Groth16Proof, type MemberOrigin } from '../groth16/proof.ts';
import { readBytes } from './bytes-field.ts';
import { type Coprocessor, contextOf, refuseWithoutKey, requirePublicInputs } from './coprocessor.ts';
import { readGnarkBinaryProof, readGnarkWitness } from './gnark-binary.ts';
import { looksLikeGnarkProof, readGnarkJsonProof, requirePlainGnark } from './gnark-json.ts';
import { describe, isJsonObject, type JsonObject, ownField, readInteger, readPublicInputs } from './json.ts';
import { readVerificationKey } from './verification-keys.ts';

const NAME = 'gnark';
const SOLIDITY_WORDS = 8;

/** What gnark hands out for one proof. */
export interface GnarkProof {
  /** JSON object {Ar, Bs, Krs}; bytes or hexadecimal of WriteTo, WriteRawTo or MarshalSolidity; or eight words. */
  readonly proof: unknown;
  /** Public witness: a list of integers, or the bytes of its binary form. */
  readonly publicInputs: unknown;
  /** Key as JSON, in binary, as the source of gnark's Solidity verifier, in snarkjs form, or one that was read before. */
  readonly verificationKey: unknown;
  /** Curve of the proof; where it is left out, the key's. */
  readonly curve?: string | undefined;
  readonly origin?: MemberOrigin | undefined;
  /** Where curve and subgroup of the proof's points are checked. Default: at once. */
  readonly checks?: PointChecks | undefined;
}

function readEightWords(
  words: readonly unknown[],
  curve: Curve,
  context: ErrorContext,
  checks: PointChecks | undefined,
): Groth16Proof {
  const encoded = words.map((word, i) => {
    const value = readInteger(word, `Proof, word ${i}`, context);
    if (value >> 256n !== 0n) {
      throw new ProofFormatError(`Proof, word ${i}: expected at most 256 bits.`, context);
    }
    const out = new Uint8Array(32);
    writeBigintBE(value, out, 0, 32);
    return out;
  });
  return readGnarkBinaryProof(concatBytes(...encoded), curve, context, checks);
}

function readGnarkProof(
  value: unknown,
  curve: Curve,
  context: ErrorContext,
  checks: PointChecks | undefined,
): Groth16Proof {
  if (isJsonObject(value)) {
    if (looksLikeGnarkProof(value)) return readGnarkJsonProof(value, curve, context, checks);
    throw new ProofFormatError(`gnark proof: expected Ar, Bs and Krs, got ${describe(value)}.`, context);
  }
  if (Array.isArray(value) && value.length === SOLIDITY_WORDS)
    return readEightWords(value, curve, context, checks);
  return readGnarkBinaryProof(readBytes(value, 'gnark proof', context), curve, context, checks);
}

/**
 * Makes a batch member of a plain gnark Groth16 proof on BN254 or BLS12-381. Points, ranges and counts are checked; the
 * proof itself is not verified here. Throws UnsupportedProofError for proofs or keys with Pedersen commitments, and
 * otherwise as fromSnarkjs.
 */
export function fromGnark({
  proof,
  publicInputs,
  verificationKey,
  curve,
  origin,
  checks,
}: GnarkProof): BatchMember {
  const context = contextOf(origin);
  const at = { ...context, field: 'proof' };
  const key = readVerificationKey(verificationKey, context);
  return createMember(
    key,
    readGnarkProof(proof, curve === undefined ? key.curve : curveByName(curve), at, checks),
    publicInputs instanceof Uint8Array
      ? readGnarkWitness(publicInputs, context)
      : readPublicInputs(publicInputs, context),
    NAME,
    origin,
  );
}

/** Whether a value is a proof in one of gnark's forms that no other system shares. */
function isGnarkForm(proof: unknown): boolean {
  if (proof instanceof Uint8Array) return true;
  if (typeof proof === 'string') return /^(?:0x)?[0-9a-fA-F]{256,}$/.test(proof);
  if (Array.isArray(proof))
    return proof.length === SOLIDITY_WORDS && proof.every((word) => !Array.isArray(word));
  return isJsonObject(proof) && looksLikeGnarkProof(proof);
}

/** The adapter. */
export const gnark: Coprocessor = {
  name: NAME,
  fields: 'Ar, Bs, Krs, or a proof with them, in hexadecimal or as eight words',
  takesPublicInputs: true,
  builtinKeys: [],
  recognises: (member) => looksLikeGnarkProof(member) || isGnarkForm(ownField(member, 'proof')),
  read: (member: JsonObject, { key, origin, checks }) => {
    const context = contextOf(origin);
    const proof = ownField(member, 'proof') ?? member;
    // Before the key is asked for: that commitments cannot be folded is worth more than that a key is missing.
    if (isJsonObject(proof)) requirePlainGnark(proof, 'gnark proof', context);
    const verificationKey = key ?? refuseWithoutKey(context);
    return fromGnark({
      proof,
      publicInputs: requirePublicInputs(member, context),
      verificationKey,
      origin,
      checks,
    });
  },
};
