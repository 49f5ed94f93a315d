/** Points as zkey and ptau files hold them: coordinates in Montgomery form. */

import { FieldElementOutOfRangeError } from '../errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../field/bytes.ts';
import { mod, modInverse } from '../field/modular.ts';
import type { Curve } from './curve.ts';

/**
 * Points in memory form out of points whose coordinates are x·2^(8·fpBytes) mod p, little-endian; `pointBytes` each.
 * Throws {@link FieldElementOutOfRangeError}, with the point's `index`, for a coordinate that is not below p.
 */
export function pointsFromMontgomery(curve: Curve, bytes: Uint8Array, pointBytes: number): Uint8Array {
  const { modulus, fpBytes } = curve;
  const inverse = modInverse(mod(1n << BigInt(8 * fpBytes), modulus), modulus);
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at + fpBytes <= bytes.length; at += fpBytes) {
    const value = bigintFromBytesLE(bytes.subarray(at, at + fpBytes));
    const index = Math.floor(at / pointBytes);
    if (value >= modulus) throw new FieldElementOutOfRangeError(`Point ${index}, coordinate`, { index });
    writeBigintLE((value * inverse) % modulus, out, at, fpBytes);
  }
  return out;
}
