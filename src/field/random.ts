/** Randomness for weights and secrets, always from the platform's CSPRNG. */

import { bigintFromBytesBE } from '../field/bytes.ts';

/** Fills 64 bytes from the CSPRNG: enough that a reduction to a 256-bit range has no visible bias. */
function wide(): bigint {
  return bigintFromBytesBE(globalThis.crypto.getRandomValues(new Uint8Array(64)));
}

/** Uniform in [1, order). */
export function randomScalar(order: bigint): bigint {
  return 1n + (wide() % (order - 1n));
}

/** Uniform in [1, 2^128): weights of a random linear combination with soundness error 2^−128. */
export function randomWeight(): bigint {
  return 1n + (wide() % ((1n << 128n) - 1n));
}
