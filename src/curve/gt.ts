/** The target group: memory form, membership, and products of powers. Reference arithmetic. */

import {
  assertLength,
  type ErrorContext,
  FieldElementOutOfRangeError,
  GtNotInSubgroupError,
} from '../errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../field/bytes.ts';
import type { Curve, Fp2, Fp6, Fp12 } from './curve.ts';

/** Visits the twelve Fp coefficients in tower order. */
function coefficients({ c0, c1 }: Fp12): bigint[] {
  return [c0, c1].flatMap((half) => [half.c0, half.c1, half.c2]).flatMap((pair) => [pair.c0, pair.c1]);
}

/** Writes a GT (or any Fp12) element in memory form. */
export function writeGt(curve: Curve, value: Fp12, out: Uint8Array, offset: number): void {
  coefficients(value).forEach((c, i) => {
    writeBigintLE(c, out, offset + i * curve.fpBytes, curve.fpBytes);
  });
}

/** Memory form of a GT (or any Fp12) element. */
export function gtToBytes(curve: Curve, value: Fp12): Uint8Array {
  const out = new Uint8Array(curve.gtBytes);
  writeGt(curve, value, out, 0);
  return out;
}

/** Reads an Fp12 element from memory form; coefficients must be canonical, the subgroup is not checked. */
export function gtFromBytes(
  curve: Curve,
  bytes: Uint8Array,
  what = 'GT element',
  context: ErrorContext = {},
): Fp12 {
  assertLength(`${what}, bytes`, curve.gtBytes, bytes.length, context);
  const read = (i: number): bigint => {
    const value = bigintFromBytesLE(bytes.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes));
    if (value >= curve.modulus) throw new FieldElementOutOfRangeError(what, context);
    return value;
  };
  const pair = (i: number): Fp2 => ({ c0: read(i), c1: read(i + 1) });
  const half = (i: number): Fp6 => ({ c0: pair(i), c1: pair(i + 2), c2: pair(i + 4) });
  return { c0: half(0), c1: half(6) };
}

/** base^exponent for a base in the cyclotomic subgroup, where inverses are conjugates. `exponent` may be negative. */
function cyclotomicPow(curve: Curve, base: Fp12, exponent: bigint): Fp12 {
  const { Fp12 } = curve.fields;
  const start = exponent < 0n ? Fp12.conjugate(base) : base;
  let result: Fp12 = Fp12.ONE;
  for (const bit of (exponent < 0n ? -exponent : exponent).toString(2)) {
    result = Fp12._cyclotomicSquare(result);
    if (bit === '1') result = Fp12.mul(result, start);
  }
  return result;
}

/**
 * Whether an Fp12 element lies in GT: first in the cyclotomic subgroup (x^(p⁴)·x = x^(p²)), then of order r by
 * x^p = x^e with the curve's {@link Curve.gtFrobeniusExponent} (Scott, ePrint 2021/1130, section 5).
 */
export function isInGt(curve: Curve, value: Fp12): boolean {
  const { Fp12 } = curve.fields;
  if (Fp12.is0(value)) return false;
  const p2 = Fp12.frobeniusMap(value, 2);
  if (!Fp12.eql(Fp12.mul(Fp12.frobeniusMap(p2, 2), value), p2)) return false;
  return Fp12.eql(Fp12.frobeniusMap(value, 1), cyclotomicPow(curve, value, curve.gtFrobeniusExponent));
}

/** Throws {@link GtNotInSubgroupError} unless {@link isInGt}. */
export function checkGt(curve: Curve, value: Fp12, what = 'GT element', context: ErrorContext = {}): void {
  if (!isInGt(curve, value)) throw new GtNotInSubgroupError(what, context);
}

const WINDOW_BITS = 4;

/** Signed base-16 digits of a scalar, least significant first, each in [−8, 8]. */
function signedDigits(scalar: bigint): number[] {
  const digits: number[] = [];
  const base = 1n << BigInt(WINDOW_BITS);
  for (let rest = scalar; rest > 0n; ) {
    let digit = Number(rest % base);
    if (digit > 1 << (WINDOW_BITS - 1)) digit -= 1 << WINDOW_BITS;
    digits.push(digit);
    rest = (rest - BigInt(digit)) / base;
  }
  return digits;
}

/**
 * Π bases[i]^scalars[i] for bases in the cyclotomic subgroup and scalars in [0, order): Straus' method with signed
 * windows, since inversion is a conjugation. Not constant-time; folding has no secrets.
 */
export function gtMultiExp(curve: Curve, bases: readonly Fp12[], scalars: readonly bigint[]): Fp12 {
  const { Fp12 } = curve.fields;
  assertLength('GT multi-exponentiation, scalars', bases.length, scalars.length);
  const tables = bases.map((base) => {
    const table: Fp12[] = [base];
    for (let k = 2; k <= 1 << (WINDOW_BITS - 1); k++) table.push(Fp12.mul(table[k - 2] as Fp12, base));
    return table;
  });
  const digits = scalars.map(signedDigits);
  let result: Fp12 = Fp12.ONE;
  for (let w = Math.max(0, ...digits.map((d) => d.length)) - 1; w >= 0; w--) {
    for (let i = 0; i < WINDOW_BITS; i++) result = Fp12._cyclotomicSquare(result);
    for (const [i, d] of digits.entries()) {
      const digit = d[w] ?? 0;
      if (digit === 0) continue;
      const factor = tables[i]?.[Math.abs(digit) - 1] as Fp12;
      result = Fp12.mul(result, digit < 0 ? Fp12.conjugate(factor) : factor);
    }
  }
  return result;
}
