/** Modular arithmetic on bigints in [0, modulus): the slow, obvious reference for every faster field kernel. */

/** The representative of `value` in [0, modulus). */
export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** base^exponent mod modulus, exponent ≥ 0. Not constant-time. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  let square = mod(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The inverse of `value` modulo a prime. Throws RangeError for 0, which no caller may pass. */
export function modInverse(value: bigint, modulus: bigint): bigint {
  let [a, b] = [mod(value, modulus), modulus];
  if (a === 0n) throw new RangeError('0 has no inverse');
  let [x, y] = [1n, 0n];
  while (a !== 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
    if (a === 0n) throw new RangeError('value and modulus share a factor');
  }
  return mod(x, modulus);
}
