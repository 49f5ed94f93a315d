/** Field elements between little-endian bytes, limbs and bigints. */

import { mod } from '../field/modular.ts';
import { LIMB_BITS, LIMB_RADIX, type LimbSpec } from './limb-spec.ts';

/** Writes the element at `at` of little-endian `bytes` (`size` bytes, below the modulus) as limbs at `to` of `out`. */
export function writeLimbs(
  spec: LimbSpec,
  bytes: Uint8Array,
  at: number,
  size: number,
  out: Float32Array,
  to: number,
): void {
  let carry = 0;
  const last = spec.limbs - 1;
  for (let j = 0; j <= last; j++) {
    const bit = j * LIMB_BITS;
    const byte = bit >> 3;
    const low = byte < size ? (bytes[at + byte] as number) : 0;
    const high = byte + 1 < size ? (bytes[at + byte + 1] as number) : 0;
    let limb = (((low | (high << 8)) >> (bit & 7)) & (LIMB_RADIX - 1)) + carry;
    carry = 0;
    if (j < last && limb >= LIMB_RADIX / 2) {
      limb -= LIMB_RADIX;
      carry = 1;
    }
    out[to + j] = limb;
  }
}

/** Limbs that one double sums without loss: 5·9 bits and a sign, far from 2^53. */
const GROUP = 5;

/** The residue that limbs at `at` stand for, from 0 up to, not including, the modulus. */
export function readLimbs(spec: LimbSpec, limbs: Float32Array, at: number): bigint {
  let value = 0n;
  for (let start = GROUP * Math.floor((spec.limbs - 1) / GROUP); start >= 0; start -= GROUP) {
    let group = 0;
    for (let j = Math.min(start + GROUP, spec.limbs) - 1; j >= start; j--) {
      group = group * LIMB_RADIX + (limbs[at + j] as number);
    }
    value = (value << BigInt(GROUP * LIMB_BITS)) + BigInt(group);
  }
  return mod(value, spec.modulus);
}
