import { InternalError } from '../../errors.ts';
import {
  type FunctionBuilder,
  i32x4,
  i64x2,
  type Local,
  lanesToBytes,
  type V128,
  v128,
} from '../emit/index.ts';
import type { IntegerLayout } from './integer-layout.ts';

/** Two vectors of packed limbs to multiply; `isSquare` says that they are one and that doubled limbs fit. */
export interface SimdTerm {
  readonly a: readonly Local<'v128'>[];
  readonly b: readonly Local<'v128'>[];
  readonly isSquare: boolean;
}

const W = 29;

/*
 * Σ a·b / R mod p, one Montgomery row q_i = T_i·(−1/p) mod 2^29 per limb, balanced.
 *
 * Column T_k, two 64-bit lanes, starts from 2^63 (less 2^34 for what the bias of the column below carries in): its true value
 * is within ±(2^63 − 2^40), so the biased one is positive and a logical shift carries exactly. 2^63 and 2^34 are 0 mod 2^32,
 * so the low halves, which give q and the result, do not see the bias. Result columns also start 2^28 higher: their low
 * 29 bits less 2^28 are the balanced limb.
 */

/** Emits Σ a·b/R; returns the packed limbs of the result in new locals. */
export function emitSimdProducts(
  f: FunctionBuilder,
  form: IntegerLayout,
  terms: readonly SimdTerm[],
): Local<'v128'>[] {
  const n = form.limbCount;
  const columns = new SimdColumns(f, form);
  const operands = terms.map((term) => columns.operands(term));
  for (let i = 0; i < n; i++) {
    for (const row of operands) row(i);
    columns.montgomeryRow(i);
  }
  return columns.finish();
}

class SimdColumns {
  readonly #f: FunctionBuilder;
  readonly #form: IntegerLayout;
  readonly #sums: (Local<'v128'> | undefined)[] = [];
  readonly #temporaries: Local<'v128'>[] = [];

  constructor(f: FunctionBuilder, form: IntegerLayout) {
    this.#f = f;
    this.#form = form;
  }

  /** Prepares a term; the result adds row i, a_i·b_j for all j. */
  operands({ a, b, isSquare }: SimdTerm): (i: number) => void {
    const n = this.#form.limbCount;
    const swapped = b.map((limbs) => this.#let(v128.shuffle32(limbs, limbs, [2, 3, 0, 1])));
    const twice = isSquare ? a.map((limbs) => this.#let(i32x4.add(limbs, limbs))) : a;
    return (i) => {
      const high = i % 2 === 1;
      for (let j = isSquare ? i : 0; j < n; j++) {
        const left = (i === j ? a : twice)[i >> 1];
        // Both factors must lie in the same half.
        const right = (i % 2 === j % 2 ? b : swapped)[j >> 1];
        this.#accumulate(i + j, multiply(high, left as V128, right as V128));
      }
    };
  }

  /** Adds q·p so that column i vanishes mod 2^29, and carries out of it. */
  montgomeryRow(i: number): void {
    const { limbCount: n, modulusLimbs, inverse } = this.#form;
    const sum = this.#sum(i);
    // The product by 8/(−p) mod 2^32 has q in its upper 29 bits; the arithmetic shift balances it.
    const inverse8 = (inverse << 3n) & 0xffffffffn;
    const low = v128.shuffle32(sum, sum, [0, 2, 0, 2]);
    const q = this.#f.let(i32x4.shrS(i32x4.mul(low, this.#constant(inverse8, inverse8)), 3));
    for (let j = 0; j < n; j++) {
      const even = j & ~1;
      const packed = this.#constant(BigInt(modulusLimbs[even] ?? 0), BigInt(modulusLimbs[even + 1] ?? 0));
      this.#accumulate(i + j, multiply(j % 2 === 1, q, packed));
    }
    this.#f.release(q);
    this.#carry(i);
  }

  /** Carries through the upper half; the packed limbs of the result. */
  finish(): Local<'v128'>[] {
    const n = this.#form.limbCount;
    const top = 2 * n - 1;
    const result: Local<'v128'>[] = [];
    for (let k = n; k <= top; k += 2) {
      const low = this.#sum(k);
      if (k < top) this.#accumulate(k + 1, i64x2.shrU(low, W));
      if (k + 1 < top) this.#accumulate(k + 2, i64x2.shrU(this.#sum(k + 1), W));
      const high = k < top ? this.#sum(k + 1) : v128.const(0n);
      const packed = v128.shuffle32(low, high, [0, 2, 4, 6]);
      // The top limb keeps all its bits; the padding above an odd count is 0 already.
      const [lowMask, lowHalf] = k < top ? [MASK, HALF] : [ALL, 0n];
      const [highMask, highHalf] = k + 1 < top ? [MASK, HALF] : [ALL, 0n];
      const masked = v128.and(packed, this.#constant(lowMask, highMask));
      result.push(this.#f.let(i32x4.sub(masked, this.#constant(lowHalf, highHalf))));
    }
    for (let k = n; k <= top; k++) this.#f.release(this.#sum(k));
    this.#f.release(...this.#temporaries);
    return result;
  }

  #carry(column: number): void {
    const sum = this.#sum(column);
    this.#accumulate(column + 1, i64x2.shrU(sum, W));
    this.#f.release(sum);
  }

  #accumulate(column: number, summand: V128): void {
    const sum = this.#sums[column];
    if (sum) this.#f.set(sum, i64x2.add(sum, summand));
    else this.#sums[column] = this.#f.let(i64x2.add(summand, this.#bias(column)));
  }

  #bias(column: number): V128 {
    const n = this.#form.limbCount;
    const bias =
      (column === 2 * n - 1 ? 0n : 1n << 63n) -
      (column === 0 ? 0n : 1n << 34n) +
      (column >= n && column < 2 * n - 1 ? HALF : 0n);
    return this.#f.constant(lanesToBytes(bias));
  }

  /** Two packed limbs, the same in both lanes. */
  #constant(low: bigint, high: bigint): V128 {
    const both = (limb: bigint): bigint => BigInt.asUintN(32, limb) * 0x100000001n;
    return this.#f.constant(lanesToBytes(both(low), both(high)));
  }

  #sum(column: number): Local<'v128'> {
    const sum = this.#sums[column];
    if (!sum) throw new InternalError(`Column ${column} was never added to.`);
    return sum;
  }

  #let(value: V128): Local<'v128'> {
    const local = this.#f.let(value);
    this.#temporaries.push(local);
    return local;
  }
}

const MASK = (1n << BigInt(W)) - 1n;
const HALF = 1n << BigInt(W - 1);
const ALL = 0xffffffffn;

function multiply(high: boolean, x: V128, y: V128): V128 {
  return high ? i64x2.extmulHighI32x4S(x, y) : i64x2.extmulLowI32x4S(x, y);
}
