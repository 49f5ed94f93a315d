/**
 * The folded commitment keys are evaluations of two polynomials at τ, fixed by the challenges (x_1 the first round's):
 *
 *     f_v(X) = Π_{j<l} (1 + x_{l−j}^{−1} X^{2^j})        f_w(X) = X^N Π_{j<l} (1 + x_{l−j} (X/r)^{2^j})
 */

import { mod, modInverse, modPow } from '../../field/modular.ts';
import { evaluateBinaryProduct } from '../../field/polynomial.ts';

/** Factors c_j of Π (1 + c_j·X^(2^j)) for both polynomials. */
export interface KeyPolynomials {
  readonly v: readonly bigint[];
  readonly w: readonly bigint[];
}

/** The factors from the rounds' challenges and r. */
export function keyPolynomials(challenges: readonly bigint[], r: bigint, order: bigint): KeyPolynomials {
  const reversed = [...challenges].reverse();
  let power = modInverse(r, order);
  const w = reversed.map((x) => {
    const factor = mod(x * power, order);
    power = mod(power * power, order);
    return factor;
  });
  return { v: reversed.map((x) => modInverse(x, order)), w };
}

/** f_v(z) and f_w(z). */
export function evaluateKeyPolynomials(
  { v, w }: KeyPolynomials,
  capacity: number,
  z: bigint,
  order: bigint,
): { v: bigint; w: bigint } {
  const shift = modPow(z, BigInt(capacity), order);
  return {
    v: evaluateBinaryProduct(v, z, order),
    w: mod(shift * evaluateBinaryProduct(w, z, order), order),
  };
}
