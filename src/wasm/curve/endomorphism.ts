/**
 * Short decompositions of scalars under an endomorphism that acts on a group of order r as multiplication by λ:
 * k ≡ k_0 + k_1·λ + … + k_(D−1)·λ^(D−1) mod r with every k_j of about r^(1/D). Galbraith, Lin, Scott, "Endomorphisms for
 * faster elliptic curve cryptography on a large class of curves" (2009); the rounding is Babai's.
 */

import { InternalError } from '../../errors.ts';
import { mod } from '../../field/modular.ts';

/** A lattice of relations Σ_j row[j]·λ^j ≡ 0 mod r and the constants that reduce a scalar by it. */
export interface Decomposition {
  readonly order: bigint;
  readonly eigenvalue: bigint;
  /** D short vectors of the lattice. */
  readonly rows: readonly (readonly bigint[])[];
  /** round(2^256·x_i), where (k, 0, …, 0) = k·Σ_i x_i·rows[i]. */
  readonly multipliers: readonly bigint[];
  /** No |k_j| is above this if 0 ≤ k < r. */
  readonly partBound: bigint;
}

/** Binary places of {@link Decomposition.multipliers}. */
export const QUOTIENT_SHIFT = 256n;

const abs = (x: bigint): bigint => (x < 0n ? -x : x);

/** Determinant by expansion along the first row: the matrices here are at most 4 by 4. */
function determinant(rows: readonly (readonly bigint[])[]): bigint {
  const [first, ...rest] = rows;
  if (!first) return 1n;
  return first.reduce((sum, entry, column) => {
    const minor = rest.map((row) => row.filter((_, j) => j !== column));
    return sum + (column % 2 === 0 ? entry : -entry) * determinant(minor);
  }, 0n);
}

/** round(a / b) for b ≠ 0, halves up. */
function divideRounded(a: bigint, b: bigint): bigint {
  const [n, d] = b < 0n ? [-a, -b] : [a, b];
  return (2n * n + d - mod(2n * n + d, 2n * d)) / (2n * d);
}

/** Checks that the rows are relations of λ and a basis of their lattice, and derives the constants. */
export function createDecomposition(
  order: bigint,
  eigenvalue: bigint,
  rows: readonly (readonly bigint[])[],
): Decomposition {
  for (const row of rows) {
    if (
      mod(
        row.reduce((sum, entry, j) => sum + entry * eigenvalue ** BigInt(j), 0n),
        order,
      ) !== 0n
    ) {
      throw new InternalError('A row of a decomposition lattice is no relation of its eigenvalue.');
    }
  }
  const whole = determinant(rows);
  if (abs(whole) !== order) throw new InternalError('A decomposition lattice has the wrong determinant.');
  const unit = rows.map((_, j) => (j === 0 ? 1n : 0n));
  // Cramer's rule on Σ x_i·rows[i] = (1, 0, …, 0); transposing does not change a determinant.
  const multipliers = rows.map((_, i) =>
    divideRounded(determinant(rows.map((row, k) => (k === i ? unit : row))) << QUOTIENT_SHIFT, whole),
  );
  // Each quotient is off by at most 1/2 for its own rounding and r/2^257 for its multiplier's.
  const bounds = rows.map(
    (_, j) =>
      (rows.reduce((sum, row) => sum + abs(row[j] as bigint), 0n) * ((1n << QUOTIENT_SHIFT) + order)) >>
      (QUOTIENT_SHIFT + 1n),
  );
  const partBound = bounds.reduce((most, b) => (b > most ? b : most)) + 1n;
  return { order, eigenvalue, rows, multipliers, partBound };
}

/** Two short relations a + b·λ ≡ 0 mod r by the extended Euclidean algorithm, stopped half way. */
export function shortRelations(order: bigint, eigenvalue: bigint): readonly (readonly bigint[])[] {
  let [previous, current] = [
    [order, 0n],
    [eigenvalue, -1n],
  ] as [[bigint, bigint], [bigint, bigint]];
  // Every (r_i, t_i) satisfies r_i + t_i·λ ≡ 0.
  while (current[0] * current[0] > order) {
    const quotient = previous[0] / current[0];
    const next: [bigint, bigint] = [previous[0] - quotient * current[0], previous[1] - quotient * current[1]];
    [previous, current] = [current, next];
  }
  const quotient = previous[0] / current[0];
  const next: [bigint, bigint] = [previous[0] - quotient * current[0], previous[1] - quotient * current[1]];
  const size = ([a, b]: [bigint, bigint]): bigint => (abs(a) > abs(b) ? abs(a) : abs(b));
  return [current, size(previous) < size(next) ? previous : next];
}

/** The parts k_0 … k_(D−1): the reference for the generated code. */
export function decompose({ rows, multipliers }: Decomposition, scalar: bigint): bigint[] {
  const quotients = multipliers.map((g) => {
    const size = (scalar * abs(g) + (1n << (QUOTIENT_SHIFT - 1n))) >> QUOTIENT_SHIFT;
    return g < 0n ? -size : size;
  });
  return rows.map((_, j) =>
    rows.reduce(
      (part, row, i) => part - (quotients[i] as bigint) * (row[j] as bigint),
      j === 0 ? scalar : 0n,
    ),
  );
}
