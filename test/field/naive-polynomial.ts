/** Polynomials by their definitions, coefficients in ascending order: oracles for src/field/polynomial.ts. */

import { mod, modPow } from '../../src/field/modular.ts';

/** Σ c_i·point^i, each power computed anew. */
export function evaluate(coefficients: readonly bigint[], point: bigint, modulus: bigint): bigint {
  let sum = 0n;
  for (const [i, c] of coefficients.entries()) sum += c * modPow(point, BigInt(i), modulus);
  return mod(sum, modulus);
}

/** The schoolbook product; empty when a factor is. */
export function multiplyPolynomials(a: readonly bigint[], b: readonly bigint[], modulus: bigint): bigint[] {
  if (a.length === 0 || b.length === 0) return [];
  const out = new Array<bigint>(a.length + b.length - 1).fill(0n);
  for (const [i, x] of a.entries()) {
    for (const [j, y] of b.entries()) out[i + j] = mod((out[i + j] as bigint) + x * y, modulus);
  }
  return out;
}
