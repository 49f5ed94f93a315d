/** Groth16 proofs and batch members in the one form the library works on, checked when made. */

import { sha256 } from '@noble/hashes/sha2.js';
import { packScalars } from '../curve/affine.ts';
import type { Curve } from '../curve/curve.ts';
import { g1FromBytes, g2FromBytes } from '../curve/points.ts';
import {
  type ErrorContext,
  MixedCurvesError,
  PointAtInfinityError,
  PublicInputCountError,
} from '../errors.ts';
import { concatBytes, copyBytes, toHex, utf8 } from '../field/bytes.ts';
import { checkAtOnce, type PointChecks } from './point-checks.ts';
import type { VerificationKey } from './verification-key.ts';

/** A checked proof: A, C in G1 and B in G2, in memory form, in their subgroups and not infinity. */
export interface Groth16Proof {
  readonly curve: Curve;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Uint8Array;
}

/** Where a batch member came from, for messages. */
export interface MemberOrigin {
  /** File or archive entry. */
  readonly file?: string | undefined;
  /** Position in a list within that file. */
  readonly index?: number | undefined;
}

/** One claim with its proof: what a batch is made of. */
export interface BatchMember {
  readonly key: VerificationKey;
  readonly proof: Groth16Proof;
  /** Public inputs, 32 bytes little-endian each, exactly as many as the key takes, each below the order. */
  readonly inputs: Uint8Array;
  /** The system that made it: `snarkjs`, `risc0`, `sp1`, `gnark` or a caller's own short name. */
  readonly system: string;
  readonly origin: MemberOrigin;
}

/**
 * Checks A, B, C and makes a proof. Throws the point errors of errors.ts, infinity included.
 *
 * @param checks where curve and subgroup are checked: at once by default. With {@link GatheredChecks} the proof may be used only
 * when they are settled.
 */
export function createProof(
  curve: Curve,
  points: { readonly a: Uint8Array; readonly b: Uint8Array; readonly c: Uint8Array },
  context: ErrorContext = {},
  checks: PointChecks = checkAtOnce,
): Groth16Proof {
  const a = copyBytes(points.a);
  const b = copyBytes(points.b);
  const c = copyBytes(points.c);
  for (const [name, bytes] of [
    ['a', a],
    ['c', c],
  ] as const) {
    const what = `Proof, ${name.toUpperCase()}`;
    const at = { ...context, field: name };
    if (g1FromBytes(curve, bytes, what, at).is0()) throw new PointAtInfinityError(what, at);
    checks.g1(curve, bytes, what, at);
  }
  const at = { ...context, field: 'b' };
  if (g2FromBytes(curve, b, 'Proof, B', at).is0()) throw new PointAtInfinityError('Proof, B', at);
  checks.g2(curve, b, 'Proof, B', at);
  return { curve, a, b, c };
}

/** Systems are named by short lower-case words, since the name goes into the composite. */
const SYSTEM_NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** Whether `name` can name a system in a composite. */
export function isSystemName(name: string): boolean {
  return SYSTEM_NAME.test(name);
}

/**
 * Joins key, proof and public inputs into a batch member. Throws {@link PublicInputCountError}, ScalarOutOfRangeError or
 * {@link MixedCurvesError}. Does not verify the proof; see verify.ts.
 */
export function createMember(
  key: VerificationKey,
  proof: Groth16Proof,
  inputs: readonly bigint[],
  system: string,
  origin: MemberOrigin = {},
): BatchMember {
  const context: ErrorContext = {
    ...(origin.file === undefined ? {} : { file: origin.file }),
    ...(origin.index === undefined ? {} : { index: origin.index }),
  };
  if (key.curve !== proof.curve) throw new MixedCurvesError(key.curve.name, proof.curve.name, context);
  if (inputs.length !== key.inputCount)
    throw new PublicInputCountError(key.inputCount, inputs.length, context);
  return { key, proof, inputs: packScalars(key.curve, inputs, 'Public input', context), system, origin };
}

const STATEMENT_TAG = utf8('sheaf/groth16-statement/1');

/**
 * Identity of what a member claims: a digest of key and public inputs. Proof bytes play no part, since anyone can
 * re-randomise a Groth16 proof.
 */
export function statementId(member: Pick<BatchMember, 'key' | 'inputs'>): string {
  return toHex(sha256(concatBytes(STATEMENT_TAG, member.key.digest, member.inputs)));
}
