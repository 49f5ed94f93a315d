/** RISC Zero claims: what a receipt says of a run, and its digest (risc0-zkvm, `claim/receipt.rs`). */

import { bigintFromBytesLE } from '../field/bytes.ts';
import { taggedStruct, ZERO_DIGEST } from './risc0-digest.ts';

/** How a run ended. `system`: 0 halted, 1 paused, 2 split or stopped by the host; `user`: the guest's own code. */
export interface Risc0Exit {
  readonly system: number;
  readonly user: number;
}

/** The end of a run that succeeded: Halted(0). */
export const HALTED_OK: Risc0Exit = { system: 0, user: 0 };

/** The digests that a claim is made of, 32 bytes each. */
export interface Risc0Claim {
  /** Digest of the state before the run: the image id. */
  readonly pre: Uint8Array;
  /** Digest of the state after the run. */
  readonly post: Uint8Array;
  readonly exit: Risc0Exit;
  /** Digest of the input; zero in every release so far. */
  readonly input: Uint8Array;
  /** Digest of journal and assumptions. */
  readonly output: Uint8Array;
}

/** Digest of a system state. A halted run ends in pc 0 and memory root zero. */
export function systemStateDigest(merkleRoot: Uint8Array = ZERO_DIGEST, pc = 0): Uint8Array {
  return taggedStruct('risc0.SystemState', [merkleRoot], [pc]);
}

/** Digest of an output without open assumptions. */
export function outputDigest(journalDigest: Uint8Array, assumptions: Uint8Array = ZERO_DIGEST): Uint8Array {
  return taggedStruct('risc0.Output', [journalDigest, assumptions]);
}

/** Digest of a claim. */
export function claimDigest(claim: Risc0Claim): Uint8Array {
  const { input, pre, post, output, exit } = claim;
  return taggedStruct('risc0.ReceiptClaim', [input, pre, post, output], [exit.system, exit.user]);
}

/** A digest as two public inputs: its first and its last 16 bytes, each as a little-endian number. */
export function splitDigest(digest: Uint8Array): [bigint, bigint] {
  return [bigintFromBytesLE(digest.subarray(0, 16)), bigintFromBytesLE(digest.subarray(16, 32))];
}
