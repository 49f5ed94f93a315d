/** The two random scalars that make a Groth16 proof zero-knowledge. */

import { bigintFromBytesLE } from '../../field/bytes.ts';

/** r blinds A, s blinds B; each in [0, order). */
export interface Blinding {
  readonly r: bigint;
  readonly s: bigint;
}

/** Uniform in [0, order), by drawing until what comes is below it. */
function uniformScalar(order: bigint): bigint {
  const bits = order.toString(2).length;
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  try {
    for (;;) {
      globalThis.crypto.getRandomValues(bytes);
      const top = bytes.length - 1;
      bytes[top] = (bytes[top] as number) & (0xff >> (8 * bytes.length - bits));
      const value = bigintFromBytesLE(bytes);
      if (value < order) return value;
    }
  } finally {
    bytes.fill(0);
  }
}

/** Fresh blinding from the platform's CSPRNG. */
export function drawBlinding(order: bigint): Blinding {
  return { r: uniformScalar(order), s: uniformScalar(order) };
}
