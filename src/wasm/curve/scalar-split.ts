/**
 * Scalars into short parts. Scalar i becomes D signed integers k_j (see endomorphism.ts), to each of which a bias is added:
 * with the bias Σ_w 2^(c−1)·2^(c·w) the digit of window w is (bits c·w … c·w + c − 1) − 2^(c−1), in [−2^(c−1), 2^(c−1)), so
 * signed digits need no carries and negative parts no sign.
 */

import { OptionError } from '../../errors.ts';
import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  load,
  store,
} from '../emit/index.ts';
import { type Decomposition, QUOTIENT_SHIFT } from './endomorphism.ts';
import type { Group } from './kit.ts';

/** Bytes of a scalar in memory form. */
export const SCALAR_BYTES = 32;

/** Bytes of a biased part: 128 bits and a window, or 64 bits and a window, with room for a 32-bit read at any bit. */
export function partBytes(dimensions: number): number {
  return dimensions === 4 ? 16 : 24;
}

/** Bytes of a bias in linear memory. */
export const BIAS_BYTES = 24;

/** The bias of windows of `windowBits` bits, `windows` of them. */
export function windowBias(windowBits: number, windows: number): bigint {
  let bias = 0n;
  for (let w = 0; w < windows; w++) bias |= 1n << BigInt(w * windowBits + windowBits - 1);
  return bias;
}

/** Windows for parts of at most `partBound`, either sign: the largest digits, 2^(windowBits−1) − 1, must add up to it. */
export function windowCount(partBound: bigint, windowBits: number): number {
  if (windowBits < 2)
    throw new OptionError(`Windows of ${windowBits} bits have no signed digits: take at least 2.`);
  const digit = (1n << BigInt(windowBits - 1)) - 1n;
  let windows = 0;
  for (let reach = 0n; reach < partBound; windows++) reach += digit << BigInt(windows * windowBits);
  return windows;
}

const WORD = 32n;
const MASK = 0xffffffffn;

function words(value: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => (value >> (WORD * BigInt(i))) & MASK);
}

const wordCount = (value: bigint): number => Math.max(1, Math.ceil(value.toString(16).length / 8));
const abs = (x: bigint): bigint => (x < 0n ? -x : x);

type Words = readonly Local<'i64'>[];

/** Emits x·constant, schoolbook, keeping the words below `limit`; `start` is added. */
function multiplyWords(f: FunctionBuilder, x: Words, constant: bigint, limit: number, start: bigint): Words {
  const result = words(start, limit).map((word) => f.let(i64.const(word)));
  const carry = f.local('i64');
  words(constant, wordCount(constant)).forEach((factor, j) => {
    if (factor === 0n) return;
    f.set(carry, i64.const(0));
    for (let i = 0; i + j < limit; i++) {
      const xi = x[i];
      const at = result[i + j] as Local<'i64'>;
      const product = xi ? i64.mul(xi, i64.const(factor)) : i64.const(0);
      f.set(carry, i64.add(i64.add(at, carry), product));
      f.set(at, i64.and(carry, i64.const(MASK)));
      f.set(carry, i64.shrU(carry, i64.const(WORD)));
    }
  });
  f.release(carry);
  return result;
}

/** Emits target ± x modulo 2^(32·length), with words kept in [0, 2^32). */
function accumulate(f: FunctionBuilder, target: Words, x: Words, subtract: boolean): void {
  const carry = f.let(i64.const(0));
  target.forEach((word, i) => {
    const summand: I64 = x[i] ?? i64.const(0);
    // An arithmetic shift makes the borrow −1.
    f.set(carry, i64.add(i64.add(carry, word), subtract ? i64.sub(i64.const(0), summand) : summand));
    f.set(word, i64.and(carry, i64.const(MASK)));
    f.set(carry, i64.shrS(carry, i64.const(WORD)));
  });
  f.release(carry);
}

/** Emits the parts of the scalar in `k`, eight words, each as `length` words of two's complement. */
function emitParts(
  f: FunctionBuilder,
  { rows, multipliers }: Decomposition,
  k: Words,
  length: number,
): Words[] {
  const parts = rows.map((_, j) =>
    Array.from({ length }, (_, i) => f.let(j === 0 ? (k[i] as I64) : i64.const(0))),
  );
  multipliers.forEach((multiplier, i) => {
    f.scope(() => {
      const shift = Number(QUOTIENT_SHIFT / WORD);
      const limit = k.length + wordCount(abs(multiplier));
      const product = multiplyWords(f, k, abs(multiplier), limit, 1n << (QUOTIENT_SHIFT - 1n));
      const quotient = product.slice(shift);
      parts.forEach((part, j) => {
        const entry = rows[i]?.[j] ?? 0n;
        if (entry === 0n) return;
        const term = multiplyWords(f, quotient, abs(entry), length, 0n);
        accumulate(f, part, term, entry < 0n === multiplier < 0n);
      });
    });
  });
  return parts;
}

/** (to, scalar, bias): the biased parts of one scalar; see {@link splitFunction}. */
export function decomposeFunction<E>(
  group: Group<E>,
  dimensions: 1 | 2 | 4,
): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { spec } = group;
  const decomposition = dimensions === 4 ? spec.frobenius?.decomposition : spec.decomposition;
  const bytes = partBytes(dimensions);
  const length = bytes / 4 - 1;
  return group.define(`decompose${dimensions}`, ['i32', 'i32', 'i32'], 'void', (f, to, scalar, bias) => {
    const k = Array.from({ length: SCALAR_BYTES / 4 }, (_, i) => f.let(load.i64From32U(scalar, 4 * i)));
    const parts =
      dimensions === 1 || !decomposition
        ? [Array.from({ length }, (_, i) => (i < 4 ? (k[i] as Local<'i64'>) : f.let(i64.const(0))))]
        : emitParts(f, decomposition, k, length);
    const biasWords = Array.from({ length }, (_, i) => f.let(load.i64From32U(bias, 4 * i)));
    parts.forEach((part, j) => {
      accumulate(f, part, biasWords, false);
      part.forEach((word, i) => {
        f.emit(store.i64To32(to, j * bytes + 4 * i, word));
      });
      f.emit(store.i32(to, j * bytes + 4 * length, i32.const(0)));
    });
  });
}

/**
 * (to, scalars, count, bias): parts of `count` scalars of 32 bytes, each `partBytes` long, D parts a scalar. `bias` is the
 * address of a bias of 24 bytes. D is 1 (scalars below 2^128, taken whole), 2 (φ) or 4 (ψ).
 */
export function splitFunction<E>(
  group: Group<E>,
  dimensions: 1 | 2 | 4,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const decompose = decomposeFunction(group, dimensions);
  return group.define(
    `split${dimensions}`,
    ['i32', 'i32', 'i32', 'i32'],
    'void',
    (f, to, scalars, count, bias) => {
      f.repeat(count, () => {
        f.run(decompose, to, scalars, bias);
        f.set(to, i32.add(to, i32.const(dimensions * partBytes(dimensions))));
        f.set(scalars, i32.add(scalars, i32.const(SCALAR_BYTES)));
      });
    },
  );
}

/** Not 0 if any bit other than signs is set in the 64-bit words of `bytes` bytes at `at + offset`. */
export function anyWord(at: I32, offset: number, bytes: number): I32 {
  let all: I64 = i64.const(0);
  for (let i = 0; i < bytes; i += 8) all = i64.or(all, load.i64(at, offset + i));
  // A double's −0 is a zero too.
  return i64.ne(i64.shl(all, i64.const(1)), i64.const(0));
}

/** Emits the bits of window `position` … of a biased part, minus half a window: the signed digit. */
export function signedDigit(
  f: FunctionBuilder,
  part: I32,
  position: I32,
  windowMask: I32,
  half: I32,
): Local<'i32'> {
  const at = f.let(position);
  const word = load.i32(i32.add(part, i32.shrU(at, i32.const(3))));
  const digit = f.let(i32.sub(i32.and(i32.shrU(word, i32.and(at, i32.const(7))), windowMask), half));
  f.release(at);
  return digit;
}
