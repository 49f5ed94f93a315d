/** Circom circuits proved with snarkjs or rapidsnark, and everything else that hands out files in their form. */

import type { PointChecks } from '../groth16/point-checks.ts';
import { type BatchMember, createMember, type MemberOrigin } from '../groth16/proof.ts';
import { type Coprocessor, contextOf, refuseWithoutKey, requirePublicInputs } from './coprocessor.ts';
import { isJsonObject, ownField, readPublicInputs } from './json.ts';
import { looksLikeSnarkjsProof, readSnarkjsProof } from './snarkjs-proof.ts';
import { readVerificationKey } from './verification-keys.ts';

const NAME = 'snarkjs';

/** What snarkjs hands out for one proof. */
export interface SnarkjsProof {
  /** proof.json: {pi_a, pi_b, pi_c, protocol, curve}. */
  readonly proof: unknown;
  /** public.json: decimal strings, 0x strings or integers. */
  readonly publicSignals: unknown;
  /** verification_key.json, or a key that was read before. */
  readonly verificationKey: unknown;
  readonly origin?: MemberOrigin | undefined;
  /** Where curve and subgroup of the proof's points are checked. Default: at once. */
  readonly checks?: PointChecks | undefined;
}

/**
 * Makes a batch member of a snarkjs proof on BN254 or BLS12-381. Points, ranges and counts are checked; the proof itself
 * is not verified here. Throws UnsupportedProofError for PLONK and FFLONK, ProofFormatError for malformed files,
 * PublicInputCountError, ScalarOutOfRangeError, MixedCurvesError or a point error.
 */
export function fromSnarkjs({
  proof,
  publicSignals,
  verificationKey,
  origin,
  checks,
}: SnarkjsProof): BatchMember {
  const context = contextOf(origin);
  const key = readVerificationKey(verificationKey, context);
  return createMember(
    key,
    readSnarkjsProof(proof, key.curve, context, checks),
    readPublicInputs(publicSignals, context),
    NAME,
    origin,
  );
}

/** The adapter. */
export const snarkjs: Coprocessor = {
  name: NAME,
  fields: 'pi_a, pi_b, pi_c or a proof object with them',
  takesPublicInputs: true,
  builtinKeys: [],
  recognises: (member) => {
    const proof = ownField(member, 'proof');
    return (
      looksLikeSnarkjsProof(member) ||
      (isJsonObject(proof) && (looksLikeSnarkjsProof(proof) || 'protocol' in proof))
    );
  },
  read: (member, { key, origin, checks }) => {
    const context = contextOf(origin);
    const proof = ownField(member, 'proof') ?? member;
    const verificationKey = key ?? refuseWithoutKey(context);
    return fromSnarkjs({
      proof,
      publicSignals: requirePublicInputs(member, context),
      verificationKey,
      origin,
      checks,
    });
  },
};
