/** Roots of unity of the scalar fields. */

import { OptionError } from '../errors.ts';
import { modPow } from '../field/modular.ts';

/** The largest s with 2^s dividing order − 1: 28 for BN254, 32 for BLS12-381. */
function twoAdicity(order: bigint): number {
  let exponent = 0;
  while (((order - 1n) >> BigInt(exponent)) % 2n === 0n) exponent++;
  return exponent;
}

/**
 * The Jacobi symbol of a small candidate, by quadratic reciprocity: a process that has just begun would take milliseconds
 * for Euler's criterion.
 */
function jacobi(candidate: bigint, order: bigint): number {
  let [top, bottom, sign] = [candidate % order, order, 1];
  while (top !== 0n) {
    while (top % 2n === 0n) {
      top /= 2n;
      const rest = bottom % 8n;
      if (rest === 3n || rest === 5n) sign = -sign;
    }
    [top, bottom] = [bottom, top];
    if (top % 4n === 3n && bottom % 4n === 3n) sign = -sign;
    top %= bottom;
  }
  return bottom === 1n ? sign : 0;
}

/** The least quadratic non-residue from 2 on: 5 for both curves. */
function nonResidue(order: bigint): bigint {
  let candidate = 2n;
  while (jacobi(candidate, order) === 1) candidate++;
  return candidate;
}

/** Roots of orders 1, 2, 4 … of the fields asked for so far. */
const known = new Map<bigint, readonly bigint[]>();

/**
 * The root of unity of order 2^log2 that snarkjs uses: nqr^((order − 1)/2^log2) for the least quadratic non-residue nqr
 * (`Fr.w[log2]` in ffjavascript's src/wasm_field1.js). Squares of it are the roots of lower orders.
 */
export function rootOfUnity(order: bigint, log2: number): bigint {
  let roots = known.get(order);
  if (!roots) {
    const highest = twoAdicity(order);
    const descending = [modPow(nonResidue(order), (order - 1n) >> BigInt(highest), order)];
    for (let i = 0; i < highest; i++) descending.push((descending[i] as bigint) ** 2n % order);
    roots = descending.reverse();
    known.set(order, roots);
  }
  const root = roots[log2];
  if (root === undefined) {
    throw new OptionError(
      `Expected a root of unity of an order from 1 to 2^${roots.length - 1}, got 2^${log2}.`,
    );
  }
  return root;
}
