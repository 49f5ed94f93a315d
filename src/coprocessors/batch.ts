/** What reading a batch takes and gives. */

import type { Backend, OperationOptions } from '../backend/backend.ts';
import type { Curve } from '../curve/curve.ts';
import type { BatchMember } from '../groth16/proof.ts';
import type { SystemOptions } from './coprocessor.ts';

/** A file to read, from wherever it comes. */
export interface NamedFile {
  /** Path with forward slashes, as messages shall show it; `-` for standard input. Folders in it say what lies beside what. */
  readonly name: string;
  /** The content, or how to get it; files that cannot hold proofs are never asked for theirs. */
  readonly bytes: Uint8Array | (() => Promise<Uint8Array>);
  /** Whether the caller named this very file, so that finding no proof in it is an error. Default: false. */
  readonly required?: boolean | undefined;
}

/** Bounds against hostile archives and mistaken folders. */
export interface ReadBatchLimits {
  /** Bytes that all archives together may unpack to. Default: 256 MiB. */
  readonly unpackedBytes?: number | undefined;
  /** Files, archive entries included. Default: 100,000. */
  readonly files?: number | undefined;
}

/** Options of reading a batch. */
export interface ReadBatchOptions extends OperationOptions, SystemOptions {
  /** The system that made the proofs: `auto` (default), or the name of one in registry.ts. */
  readonly from?: string | undefined;
  /** Verification key for every member, in any form that readVerificationKey takes. Default: what the files give. */
  readonly key?: unknown;
  /** Skips the verification of the proofs; points, ranges and counts are checked all the same. Default: false. */
  readonly trusted?: boolean | undefined;
  /**
   * Gives the backend that checks points and verifies proofs on a curve. It stays the caller's. Where it is left out, which takes
   * `trusted`, points are checked one by one with the reference arithmetic: milliseconds a proof.
   */
  readonly backend?: ((curve: Curve) => Backend | Promise<Backend>) | undefined;
  readonly limits?: ReadBatchLimits | undefined;
}

/** A file in which no proof was looked for, and why. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** Members in the order of the files, and what was left out. */
export interface Batch {
  readonly members: BatchMember[];
  readonly skipped: SkippedFile[];
}
