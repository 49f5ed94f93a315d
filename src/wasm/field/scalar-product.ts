import { type FunctionBuilder, type I64, i64, type Local } from '../emit/index.ts';
import type { IntegerLayout } from './integer-layout.ts';

/** The limbs of two factors, one lane; `isSquare` says that they are one and that doubled limbs fit. */
export interface ScalarTerm {
  readonly a: readonly Local<'i64'>[];
  readonly b: readonly Local<'i64'>[];
  readonly isSquare: boolean;
}

const W = 29n;

/**
 * Emits Σ a·b/R mod p of one lane: after each row Σ a_i·b a Montgomery row q·p, |q| ≤ 2^28, clears the lowest limb of the sum,
 * which moves down by one. Column bounds are those of IntegerLayout.productRange, so i64 never overflows. Returns the limbs in
 * new locals.
 */
export function emitScalarProducts(
  f: FunctionBuilder,
  form: IntegerLayout,
  terms: readonly ScalarTerm[],
): Local<'i64'>[] {
  const { limbCount: n, modulusLimbs, inverse } = form;
  const doubled = terms.map(({ a, isSquare }) =>
    isSquare ? a.map((x) => f.let(i64.shl(x, i64.const(1)))) : a,
  );
  /** a_i·b_j of every term, except where a square has counted it in an earlier row. */
  const termProducts = (i: number, j: number): I64[] =>
    terms.flatMap(({ a, b, isSquare }, t) => {
      if (isSquare && j < i) return [];
      return [i64.mul((i === j ? a : doubled[t])?.[i] as I64, b[j] as I64)];
    });
  let sums: Local<'i64'>[] = [];
  for (let i = 0; i < n; i++) {
    const lowest = f.let([...sums.slice(0, 1), ...termProducts(i, 0)].reduce(i64.add));
    // The product by 2^35/(−p) mod 2^64 has q in its upper 29 bits; the arithmetic shift balances it.
    const q = f.let(i64.shrS(i64.mul(lowest, i64.const(inverse << (64n - W))), i64.const(64n - W)));
    const multiple = (j: number): I64 => i64.mul(q, i64.const(modulusLimbs[j] ?? 0));
    const carry = f.let(i64.shrS(i64.add(lowest, multiple(0)), i64.const(W)));
    const next: Local<'i64'>[] = [];
    for (let j = 1; j < n; j++) {
      const parts: I64[] = [...termProducts(i, j), multiple(j)];
      const sum = sums[j];
      if (sum) parts.unshift(sum);
      if (j === 1) parts.push(carry);
      next.push(f.let(parts.reduce(i64.add)));
    }
    f.release(lowest, q, carry, ...sums);
    sums = next;
  }
  for (const [t, { isSquare }] of terms.entries()) if (isSquare) f.release(...(doubled[t] ?? []));
  sums.push(f.let(i64.const(0)));
  carryScalars(f, sums);
  return sums;
}

/**
 * Balances the limbs in place, lowest first; the top limb takes the last carry. Halves are added up front, so that only an addition
 * and a shift per limb wait for the limb below.
 */
export function carryScalars(f: FunctionBuilder, limbs: readonly Local<'i64'>[]): void {
  const half = i64.const(1n << (W - 1n));
  const lower = limbs.slice(0, -1);
  for (const limb of lower) f.set(limb, i64.add(limb, half));
  lower.forEach((limb, i) => {
    const next = limbs[i + 1] as Local<'i64'>;
    f.set(next, i64.add(next, i64.shrS(limb, i64.const(W))));
    f.set(limb, i64.sub(i64.and(limb, i64.const((1n << W) - 1n)), half));
  });
}
