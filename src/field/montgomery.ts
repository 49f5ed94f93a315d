/** Montgomery form as iden3's file formats have it: little-endian, radix 2^(8·bytes of an element). */

import { FieldElementOutOfRangeError } from '../errors.ts';
import { bigintFromBytesLE, writeBigintLE } from './bytes.ts';
import { modInverse } from './modular.ts';

/**
 * Montgomery to canonical, element by element of `size` bytes, into new bytes. For few elements: backends convert long vectors.
 * Throws {@link FieldElementOutOfRangeError} for an element that is not below the modulus.
 */
export function fromMontgomery(bytes: Uint8Array, size: number, modulus: bigint, what: string): Uint8Array {
  const inverse = modInverse(1n << BigInt(8 * size), modulus);
  const out = new Uint8Array(bytes.length);
  for (let offset = 0; offset < bytes.length; offset += size) {
    const value = bigintFromBytesLE(bytes.subarray(offset, offset + size));
    if (value >= modulus) throw new FieldElementOutOfRangeError(what, { offset });
    writeBigintLE((value * inverse) % modulus, out, offset, size);
  }
  return out;
}
