/** Polynomials and vectors over a prime field, coefficients in ascending order. Reference arithmetic on bigints. */

import { mod } from './modular.ts';

/** [first, first·base, first·base², …], `count` elements. */
export function powers(base: bigint, count: number, modulus: bigint, first = 1n): bigint[] {
  const out: bigint[] = new Array(count);
  let power = mod(first, modulus);
  for (let i = 0; i < count; i++) {
    out[i] = power;
    power = (power * base) % modulus;
  }
  return out;
}

/** Coefficients of Π_j (1 + c_j·X^(2^j)), 2^(number of factors) of them: coefficient i is Π over the set bits j of i of c_j. */
export function expandBinaryProduct(factors: readonly bigint[], modulus: bigint): bigint[] {
  let coefficients = [1n];
  for (const factor of factors) {
    coefficients = [...coefficients, ...coefficients.map((c) => (c * factor) % modulus)];
  }
  return coefficients;
}

/** Value of Π_j (1 + c_j·X^(2^j)) at `point`. */
export function evaluateBinaryProduct(factors: readonly bigint[], point: bigint, modulus: bigint): bigint {
  let value = 1n;
  let power = mod(point, modulus);
  for (const factor of factors) {
    value = (value * (1n + factor * power)) % modulus;
    power = (power * power) % modulus;
  }
  return value;
}

/** Coefficients of (f(X) − f(point)) / (X − point), one fewer than f has. */
export function divideByLinear(coefficients: readonly bigint[], point: bigint, modulus: bigint): bigint[] {
  const quotient: bigint[] = new Array(Math.max(coefficients.length - 1, 0));
  let carry = 0n;
  for (let i = coefficients.length - 1; i > 0; i--) {
    carry = mod((coefficients[i] as bigint) + carry * point, modulus);
    quotient[i - 1] = carry;
  }
  return quotient;
}
