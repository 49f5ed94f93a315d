/** What a coprocessor adapter is: how its members are told from others, and how one becomes a checked batch member. */

import { type ErrorContext, ProofFormatError } from '../errors.ts';
import { equalBytes } from '../field/bytes.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import type { BatchMember, Groth16Proof, MemberOrigin } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import {
  describe,
  isJsonObject,
  type JsonObject,
  ownField,
  PUBLIC_FIELDS,
  pick,
  readPublicInputs,
} from './json.ts';
import type { Risc0Options } from './risc0-parameters.ts';
import { readSnarkjsProof } from './snarkjs-proof.ts';
import type { Sp1Options } from './sp1-releases.ts';

/** Settings that single systems take. */
export interface SystemOptions {
  readonly risc0?: Risc0Options | undefined;
  readonly sp1?: Sp1Options | undefined;
}

/** What surrounds a member: the key found for it, where it came from, and the caller's settings. */
export interface Surroundings extends SystemOptions {
  /** The key the caller chose, or that came with the member or its folder. Undefined when there is none. */
  readonly key?: VerificationKey | undefined;
  readonly origin?: MemberOrigin | undefined;
  /** Where curve and subgroup of the proof's points are checked. Default: at once. */
  readonly checks?: PointChecks | undefined;
}

/** A verification key that comes with the library. */
export interface BuiltinKey {
  /** The system that proves under it. */
  readonly system: string;
  /** Name to ask for it by: the system, with the release where there are several. */
  readonly name: string;
  /** Selectors (first four bytes of a proof, in hexadecimal) of the releases that use it, and their versions. */
  readonly releases: readonly { readonly selector: string; readonly version: string }[];
  /** Reads and checks the key on first use. */
  key(): VerificationKey;
}

/** One system. Adding one is a file that exports such an object, and a line in registry.ts. */
export interface Coprocessor {
  /** Short lower-case name; it goes into the composite. */
  readonly name: string;
  /** The fields that tell its members from others, for messages. */
  readonly fields: string;
  /** Whether members bring their public inputs as such, so that they may stand in a file of their own. */
  readonly takesPublicInputs: boolean;
  /** The keys that come with the library. */
  readonly builtinKeys: readonly BuiltinKey[];
  /** Whether the object carries fields that only this system writes. Must not throw. */
  recognises(member: JsonObject): boolean;
  /** Reads one member and checks everything but the proof's truth, its points where `checks` says. Throws typed errors only. */
  read(member: JsonObject, surroundings: Surroundings): BatchMember;
}

/** Where a member came from, as error context. */
export function contextOf(origin: MemberOrigin | undefined): ErrorContext {
  return {
    ...(origin?.file === undefined ? {} : { file: origin.file }),
    ...(origin?.index === undefined ? {} : { index: origin.index }),
  };
}

/** The public inputs of a member, which must be stated. */
export function requirePublicInputs(member: JsonObject, context: ErrorContext): unknown {
  const stated = pick(member, PUBLIC_FIELDS, context);
  if (stated) return stated.value;
  throw new ProofFormatError(
    `The proof has no public inputs: expected them in a field "public" (or ${PUBLIC_FIELDS.slice(1).join(', ')}), or in a file public.json beside proof.json (public_3.json beside proof_3.json). A circuit without inputs has [].`,
    { ...context, field: 'public' },
  );
}

/** Refuses a member for which no key was found. */
export function refuseWithoutKey(context: ErrorContext): never {
  throw new ProofFormatError(
    'There is no verification key for the proof: expected verification_key.json beside the file or in a folder above it, a field "verificationKey", or the key option.',
    { ...context, field: 'verificationKey' },
  );
}

/**
 * Holds inputs that were recomputed from a claim against those that the file states, where it states any. Throws
 * {@link ProofFormatError}: a file that contradicts itself must not be read in either sense.
 */
export function requireStatedInputs(
  system: string,
  recomputed: readonly bigint[],
  member: JsonObject,
  context: ErrorContext,
): void {
  const stated = pick(member, PUBLIC_FIELDS, context);
  if (!stated) return;
  const at = { ...context, field: stated.name };
  const inputs = readPublicInputs(stated.value, at);
  const wrong =
    inputs.length === recomputed.length
      ? inputs.findIndex((input, i) => input !== recomputed[i])
      : inputs.length;
  if (wrong === -1) return;
  throw new ProofFormatError(
    inputs.length === recomputed.length
      ? `${system}: public input ${wrong} in the file is not the one that follows from the claim. The claim or the inputs were altered; leave "${stated.name}" out to use the claim alone.`
      : `${system}: the claim has ${recomputed.length} public inputs, the file states ${inputs.length}.`,
    at,
  );
}

/** Holds the proof against a second copy in snarkjs form, where the file has one. As {@link requireStatedInputs}. */
export function requireStatedProof(
  system: string,
  proof: Groth16Proof,
  member: JsonObject,
  context: ErrorContext,
  checks?: PointChecks,
): void {
  const stated = ownField(member, 'proof');
  if (!isJsonObject(stated)) return;
  const at = { ...context, field: 'proof' };
  const copy = readSnarkjsProof(stated, proof.curve, at, checks);
  if (equalBytes(copy.a, proof.a) && equalBytes(copy.b, proof.b) && equalBytes(copy.c, proof.c)) return;
  throw new ProofFormatError(
    `${system}: the file holds two different proofs, the system's own and ${describe(stated)} in "proof". Leave one out.`,
    at,
  );
}
