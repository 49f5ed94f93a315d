/**
 * How elements of a prime field stand in single-precision floats, which hold integers up to 2^24 exactly and no further.
 *
 * An element is Σ limb_j·2^(9j) with signed limbs, |limb_j| ≤ 257 where a carry has just been passed on, the last limb taking what is
 * left. It is one of many representations of a residue: nothing is compared until it is back on the CPU.
 *
 * Why 9 bits. A step of the point addition sums two products of linear combinations. A column of two products of n limbs each is
 * at most 2·n·m², m the largest limb. Signed limbs of w bits have m ≈ 2^(w−1), so 2·n·2^(2w−2) < 2^24 is asked for: with w = 9,
 * 2·44·2^16 = 2^22.5 for a 381-bit field; with w = 10, 2·39·2^18 = 2^24.3, which is no longer exact. Unsigned limbs would lose one bit
 * more, and subtraction with it. {@link limbSpec} takes the fewest limbs with which every bound below holds, carries, linear
 * combinations and the last limb included: 30 for 254 and 255 bits, 44 for 381.
 *
 * Reduction is a product with a table instead of Montgomery's: limbs from the (n−1)st up times 2^(9i) mod p, all columns at once. No carry
 * has to ripple, so one thread computes one limb.
 */

import { InternalError } from '../errors.ts';

/** Bits of a limb, its radix, and half of it. */
export const LIMB_BITS = 9;
export const LIMB_RADIX: number = 2 ** LIMB_BITS;
const HALF = LIMB_RADIX / 2;
/** Largest limb after a carry was passed on: half a radix and a carry of one. */
const CARRIED = HALF + 1;
/** Integers below are exact, also with the half added that rounding takes. */
const EXACT = 2 ** 24 - LIMB_RADIX;

/** One field in limbs. */
export interface LimbSpec {
  readonly modulus: bigint;
  /** Limbs of an element. */
  readonly limbs: number;
  /** Columns of a product, 2·limbs − 1. */
  readonly columns: number;
  /** Limbs of a product whose carries are passed on, 2·limbs + 1. */
  readonly digits: number;
  /** First limb of a product that is folded, limbs − 1: row i − folded of the table is 2^(9i) mod p. */
  readonly folded: number;
  /** Rows of `limbs` limbs each, 2^(9i) mod p of least magnitude for folded ≤ i < digits. */
  readonly table: Float32Array;
}

/** Largest magnitudes that kernels meet. */
export interface LimbBounds {
  /** A column of a sum of two products. */
  readonly column: number;
  /** A limb of a folded product. */
  readonly folded: number;
  /** The last limb of an element. */
  readonly top: number;
}

/**
 * Bounds for elements of `limbs` limbs, where the factors of a product are linear combinations of elements whose coefficients' magnitudes
 * add up to `weight`.
 */
export function limbBounds(modulus: bigint, limbs: number, weight: number): LimbBounds {
  const rows = limbs + 2;
  const folded = CARRIED + rows * CARRIED * HALF;
  // The value of a folded product over the weight of the last limb, and one for what the lower limbs hold.
  const weightOfTop = 1n << BigInt(LIMB_BITS * (limbs - 1));
  const value = weightOfTop + BigInt(rows * CARRIED) * ((modulus >> 1n) + 1n);
  const top = Number(value / weightOfTop) + 2;
  // A combination passes its own carry on, except the last limb.
  const carry = Math.floor((weight * CARRIED) / LIMB_RADIX + 0.5);
  const limb = HALF + carry;
  const last = weight * top + carry;
  const inner = limbs * limb * limb + 2 * limb * last;
  return { column: 2 * Math.max(inner, last * last), folded: Math.max(folded, last), top };
}

/** The field with the fewest limbs that are exact throughout; `weight` as for {@link limbBounds}. */
export function limbSpec(modulus: bigint, weight = 1): LimbSpec {
  const bits = modulus.toString(2).length;
  for (let limbs = Math.ceil(bits / LIMB_BITS); limbs <= 2 * bits; limbs++) {
    const bounds = limbBounds(modulus, limbs, weight);
    if (Math.max(bounds.column, bounds.folded) < EXACT) return specOf(modulus, limbs);
  }
  throw new InternalError(`No number of limbs is exact for a modulus of ${bits} bits.`);
}

function specOf(modulus: bigint, limbs: number): LimbSpec {
  const digits = 2 * limbs + 1;
  const folded = limbs - 1;
  const table = new Float32Array((digits - folded) * limbs);
  for (let i = folded; i < digits; i++) {
    const residue = (1n << BigInt(LIMB_BITS * i)) % modulus;
    const least = 2n * residue > modulus ? residue - modulus : residue;
    table.set(signedLimbs(least, limbs), (i - folded) * limbs);
  }
  return { modulus, limbs, columns: 2 * limbs - 1, digits, folded, table };
}

/** Limbs of an integer, each from −256 to 255, the last taking what is left. */
export function signedLimbs(value: bigint, limbs: number): Float32Array {
  const out = new Float32Array(limbs);
  let rest = value;
  for (let j = 0; j < limbs - 1; j++) {
    const limb = BigInt.asIntN(LIMB_BITS, rest);
    out[j] = Number(limb);
    rest = (rest - limb) >> BigInt(LIMB_BITS);
  }
  out[limbs - 1] = Number(rest);
  return out;
}
