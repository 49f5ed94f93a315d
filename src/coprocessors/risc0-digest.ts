/**
 * RISC Zero's structured hashes over SHA-256 (risc0-binfmt, `hash.rs`): a tag, the digests of the fields, plain data as
 * little-endian words, and the number of fields.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { bigintFromBytesLE, concatBytes, u32le, utf8, writeBigintBE } from '../field/bytes.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';

/** The digest that stands for "nothing": an absent option, an empty list. */
export const ZERO_DIGEST: Uint8Array = new Uint8Array(32);

/** sha256(sha256(tag) ‖ fields ‖ data ‖ u16le(number of fields)). */
export function taggedStruct(
  tag: string,
  fields: readonly Uint8Array[],
  data: readonly number[] = [],
): Uint8Array {
  const count = Uint8Array.of(fields.length & 0xff, fields.length >> 8);
  return sha256(concatBytes(sha256(utf8(tag)), ...fields, ...data.map(u32le), count));
}

/** A list folded from its last element to its first, each step a {@link taggedStruct} of head and tail. */
export function taggedList(tag: string, items: readonly Uint8Array[]): Uint8Array {
  return items.reduceRight((tail, head) => taggedStruct(tag, [head, tail]), ZERO_DIGEST);
}

/** SHA-256 of a point's coordinates, 32 bytes big-endian each, in the order given. */
function pointDigest(point: Uint8Array, order: readonly number[]): Uint8Array {
  const out = new Uint8Array(32 * order.length);
  for (const [i, slot] of order.entries()) {
    writeBigintBE(bigintFromBytesLE(point.subarray(32 * slot, 32 * slot + 32)), out, 32 * i, 32);
  }
  return sha256(out);
}

const G1_ORDER = [0, 1];
/** The imaginary part first, as in Solidity. */
const G2_ORDER = [1, 0, 3, 2];

/** `risc0_groth16::VerifyingKey::digest` of a BN254 key. */
export function risc0KeyDigest(key: VerificationKey): Uint8Array {
  const { g1Bytes } = key.curve;
  const ic = Array.from({ length: key.inputCount + 1 }, (_, i) =>
    pointDigest(key.ic.subarray(i * g1Bytes, (i + 1) * g1Bytes), G1_ORDER),
  );
  return taggedStruct('risc0_groth16.VerifyingKey', [
    pointDigest(key.alpha, G1_ORDER),
    pointDigest(key.beta, G2_ORDER),
    pointDigest(key.gamma, G2_ORDER),
    pointDigest(key.delta, G2_ORDER),
    taggedList('risc0_groth16.VerifyingKey.IC', ic),
  ]);
}
