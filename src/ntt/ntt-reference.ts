/** The number-theoretic transform by the book, on bigints: the oracle of every faster one. */

import { mod, modInverse } from '../field/modular.ts';
import { powers } from '../field/polynomial.ts';
import { rootOfUnity } from './roots.ts';

/** Which transform. */
export interface ReferenceNttOptions {
  readonly inverse?: boolean | undefined;
  readonly shift?: bigint | undefined;
}

/** A transform to be made level by level, so that others can work in between. */
export interface ReferenceNtt {
  readonly levels: number;
  /** Makes a level; all of them in ascending order from 0 make the transform. */
  step(level: number): void;
  /** What has come of it. */
  result(): bigint[];
}

function bitReversed<T>(values: readonly T[], log2: number): T[] {
  const reverse = (index: number): number =>
    Number.parseInt(index.toString(2).padStart(log2, '0').split('').reverse().join(''), 2);
  return values.map((_, i) => values[log2 === 0 ? 0 : reverse(i)] as T);
}

/**
 * Forward: the polynomial with these 2^k coefficients at shift·ω^i, i in ascending order, with ω of order 2^k as
 * {@link rootOfUnity} gives it. Inverse: the coefficients, given these values. The number of values and the shift are the
 * caller's to check. (Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms", section 30.3.)
 */
export function startNttReference(
  values: readonly bigint[],
  order: bigint,
  { inverse = false, shift = 1n }: ReferenceNttOptions = {},
): ReferenceNtt {
  const scale = (list: readonly bigint[], base: bigint, first: bigint): bigint[] => {
    const factors = powers(base, list.length, order, first);
    return list.map((value, i) => (value * (factors[i] as bigint)) % order);
  };
  const levels = Math.log2(values.length);
  const list = bitReversed(inverse ? values : scale(values, shift, 1n), levels);
  return {
    levels,
    step: (level) => {
      const half = 2 ** level;
      const root = rootOfUnity(order, level + 1);
      const factors = powers(inverse ? modInverse(root, order) : root, half, order);
      for (let block = 0; block < list.length; block += 2 * half) {
        for (let i = block; i < block + half; i++) {
          const product = ((list[i + half] as bigint) * (factors[i - block] as bigint)) % order;
          const other = list[i] as bigint;
          list[i] = mod(other + product, order);
          list[i + half] = mod(other - product, order);
        }
      }
    },
    result: () =>
      inverse ? scale(list, modInverse(shift, order), modInverse(BigInt(list.length), order)) : list,
  };
}

/** {@link startNttReference}, all levels at once. */
export function nttReference(
  values: readonly bigint[],
  order: bigint,
  options: ReferenceNttOptions = {},
): bigint[] {
  const transform = startNttReference(values, order, options);
  for (let level = 0; level < transform.levels; level++) transform.step(level);
  return transform.result();
}
