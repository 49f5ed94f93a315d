/**
 * The Fiat–Shamir transcript: a SHA-256 chain over labelled, length-prefixed messages. SHA-256 because zkVMs and the EVM
 * both have it natively, so that a composite can be checked there cheaply.
 *
 *     state₀      = SHA-256(0x00 ‖ len(domain) ‖ domain)
 *     absorb      state ← SHA-256(0x01 ‖ state ‖ len(label) ‖ label ‖ len(message) ‖ message)
 *     challenge   state ← SHA-256(0x02 ‖ state ‖ len(label) ‖ label)
 *                 wide  = SHA-256(0x03 ‖ state) ‖ SHA-256(0x04 ‖ state), read big-endian
 *
 * Lengths are 64-bit little-endian. A challenge is 1 + (wide mod (order − 1)): 512 bits against a 255-bit range leave a bias
 * below 2^−256.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { bigintFromBytesBE, concatBytes, utf8 } from '../field/bytes.ts';

/** What prover and verifier need of a transcript. */
export interface FiatShamir {
  /** Binds a message under a label. */
  absorb(label: string, message: Uint8Array): void;
  /** Draws a scalar uniform in [1, order). Everything absorbed before is bound into it, and it into everything after. */
  challenge(label: string, order: bigint): bigint;
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + bytes.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(bytes.length), true);
  out.set(bytes, 8);
  return out;
}

/** The transcript of a composite proof. */
export class Transcript implements FiatShamir {
  #state: Uint8Array;

  /** @param domain names protocol and format; two formats never share a challenge */
  constructor(domain: string) {
    this.#state = sha256(concatBytes(Uint8Array.of(0), lengthPrefixed(utf8(domain))));
  }

  absorb(label: string, message: Uint8Array): void {
    this.#state = sha256(
      concatBytes(Uint8Array.of(1), this.#state, lengthPrefixed(utf8(label)), lengthPrefixed(message)),
    );
  }

  challenge(label: string, order: bigint): bigint {
    this.#state = sha256(concatBytes(Uint8Array.of(2), this.#state, lengthPrefixed(utf8(label))));
    const half = (tag: number): Uint8Array => sha256(concatBytes(Uint8Array.of(tag), this.#state));
    return 1n + (bigintFromBytesBE(concatBytes(half(3), half(4))) % (order - 1n));
  }
}
