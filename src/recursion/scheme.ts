/** What a proof system for composites is. The table of those that exist is schemes.ts. */

import type { Backend, OperationOptions } from '../backend/backend.ts';
import type { Groth16Proof } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import type { LineStore } from './srs/line-store.ts';
import type { Srs, VerifierSrs } from './srs/srs.ts';
import type { Statement } from './statement.ts';

/** What a scheme's prover is given. */
export interface SchemeProveInput {
  readonly backend: Backend;
  readonly srs: Srs;
  readonly statement: Statement;
  /** The proofs in the statement's order. */
  readonly proofs: readonly Groth16Proof[];
  /** What an accumulator gathered beforehand, in the scheme's own form. */
  readonly precomputed?: Uint8Array | undefined;
  /** Keeps lines of the reference string between folds. */
  readonly lines?: LineStore | undefined;
}

/** What a scheme's verifier is given. */
export interface SchemeVerifyInput {
  readonly backend: Backend;
  readonly srs: VerifierSrs;
  readonly statement: Statement;
  /** Trusted keys in the statement's order; their digests match it. */
  readonly keys: readonly VerificationKey[];
  readonly proof: Uint8Array;
}

/** One way to prove a statement. */
export interface Scheme {
  /** Name in files: 1 to 32 characters of a-z, 0-9 and "-". */
  readonly name: string;
  /** Bytes of the proof for a statement of this shape. */
  proofBytes(statement: Pick<Statement, 'curve' | 'capacity' | 'keys'>): number;
  /** Makes the proof; the caller verifies it. */
  prove(input: SchemeProveInput, options?: OperationOptions): Promise<Uint8Array>;
  /** `false` for a well-formed false proof; throws InputError subclasses for bytes that are no proof. */
  verify(input: SchemeVerifyInput, options?: OperationOptions): Promise<boolean>;
}
