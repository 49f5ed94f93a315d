/** Host-side conversion between integers and signed limbs in radix 2^w. */

/**
 * The limbs of `value`, lowest first: all but the top one in [−2^(w−1), 2^(w−1)), the top one takes what is left and keeps the
 * sign.
 */
export function toBalancedLimbs(value: bigint, limbBits: number, count: number): bigint[] {
  const limbs: bigint[] = [];
  let rest = value;
  for (let i = 0; i < count - 1; i++) {
    const limb = BigInt.asIntN(limbBits, rest);
    limbs.push(limb);
    rest = (rest - limb) >> BigInt(limbBits);
  }
  limbs.push(rest);
  return limbs;
}

/** The integer Σ limbs[i]·2^(w·i). */
export function fromLimbs(limbs: readonly bigint[], limbBits: number): bigint {
  return limbs.reduceRight((sum, limb) => (sum << BigInt(limbBits)) + limb, 0n);
}

/** The representative of `value` mod `modulus` of least magnitude. */
export function balance(value: bigint, modulus: bigint): bigint {
  const rest = ((value % modulus) + modulus) % modulus;
  return rest > modulus / 2n ? rest - modulus : rest;
}
