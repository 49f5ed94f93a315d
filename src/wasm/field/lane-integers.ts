import {
  type Address,
  type Expr,
  type FunctionBuilder,
  i64,
  i64x2,
  type Local,
  lanesToBytes,
  load,
  loadLane,
  store,
  storeLane,
  type V128,
  v128,
} from '../emit/index.ts';

/** A 64-bit integer per lane: one v128 expression, or two i64 expressions. */
export type LaneInteger = readonly Expr<'v128' | 'i64'>[];

/** 64-bit integer arithmetic on both lanes at once, for the conversions that every form shares. */
export interface LaneIntegers {
  constant(value: bigint): LaneInteger;
  add(a: LaneInteger, b: LaneInteger): LaneInteger;
  and(a: LaneInteger, b: LaneInteger): LaneInteger;
  or(a: LaneInteger, b: LaneInteger): LaneInteger;
  shl(a: LaneInteger, bits: number): LaneInteger;
  shrU(a: LaneInteger, bits: number): LaneInteger;
  shrS(a: LaneInteger, bits: number): LaneInteger;
  /** Loads 64 bits per lane. */
  load(at0: Address, at1: Address, offset: number): LaneInteger;
  store(at0: Address, at1: Address, offset: number, value: LaneInteger): void;
  /** Computes into locals, for repeated use. */
  let(value: LaneInteger): readonly Local<'v128' | 'i64'>[];
}

/** Both lanes in one v128. */
export function vectorIntegers(f: FunctionBuilder): LaneIntegers {
  const only = (a: LaneInteger): V128 => a[0] as V128;
  return {
    constant: (value) => [f.constant(lanesToBytes(value))],
    add: (a, b) => [i64x2.add(only(a), only(b))],
    and: (a, b) => [v128.and(only(a), only(b))],
    or: (a, b) => [v128.or(only(a), only(b))],
    shl: (a, bits) => [i64x2.shl(only(a), bits)],
    shrU: (a, bits) => [i64x2.shrU(only(a), bits)],
    shrS: (a, bits) => [i64x2.shrS(only(a), bits)],
    load: (at0, at1, offset) => [loadLane(64, at1, offset, load.v128From64Zero(at0, offset), 1)],
    store: (at0, at1, offset, value) => {
      const local = f.let(only(value));
      f.emit(storeLane(64, at0, offset, local, 0));
      f.emit(storeLane(64, at1, offset, local, 1));
      f.release(local);
    },
    let: (value) => [f.let(only(value))],
  };
}

/** One i64 per lane. */
export function scalarIntegers(f: FunctionBuilder): LaneIntegers {
  type I64 = Expr<'i64'>;
  const each = (op: (a: I64, b: I64) => I64) => (a: LaneInteger, b: LaneInteger) =>
    [0, 1].map((lane) => op(a[lane] as I64, b[lane] as I64));
  const shift = (op: (a: I64, b: I64) => I64) => (a: LaneInteger, bits: number) =>
    [0, 1].map((lane) => op(a[lane] as I64, i64.const(bits)));
  return {
    constant: (value) => [i64.const(value), i64.const(value)],
    add: each(i64.add),
    and: each(i64.and),
    or: each(i64.or),
    shl: shift(i64.shl),
    shrU: shift(i64.shrU),
    shrS: shift(i64.shrS),
    load: (at0, at1, offset) => [load.i64(at0, offset), load.i64(at1, offset)],
    store: (at0, at1, offset, value) => {
      f.emit(store.i64(at0, offset, value[0] as I64));
      f.emit(store.i64(at1, offset, value[1] as I64));
    },
    let: (value) => value.map((lane) => f.let(lane)),
  };
}

/**
 * The limbs in [0, 2^w) of x mod p, for limbs of some x with |x| < p. A first pass of floor carries leaves the sign of x in the
 * top limb; p is added where it is negative, and a second pass carries again.
 */
export function canonicalLimbs(
  ints: LaneIntegers,
  limbs: readonly LaneInteger[],
  limbBits: number,
  modulusLimbs: readonly bigint[],
): LaneInteger[] {
  const mask = (1n << BigInt(limbBits)) - 1n;
  const carryAll = (input: readonly LaneInteger[]): LaneInteger[] => {
    let carry: LaneInteger | undefined;
    return input.map((limb, i) => {
      const sum = ints.let(carry ? ints.add(limb, carry) : limb);
      if (i === input.length - 1) return sum;
      carry = ints.let(ints.shrS(sum, limbBits));
      return ints.let(ints.and(sum, ints.constant(mask)));
    });
  };
  const first = carryAll(limbs);
  const negative = ints.let(ints.shrS(first.at(-1) ?? ints.constant(0n), 63));
  return carryAll(
    first.map((limb, i) => ints.add(limb, ints.and(negative, ints.constant(modulusLimbs[i] ?? 0n)))),
  );
}

/** Splits 64-bit words into `count` limbs in [0, 2^w); the top limb takes all that is left. */
export function wordsToLimbs(
  ints: LaneIntegers,
  words: readonly LaneInteger[],
  limbBits: number,
  count: number,
): LaneInteger[] {
  return Array.from({ length: count }, (_, i) => {
    const [word, shift] = [Math.floor((i * limbBits) / 64), (i * limbBits) % 64];
    const low = words[word];
    if (!low) return ints.constant(0n);
    let limb = shift === 0 ? low : ints.shrU(low, shift);
    const high = words[word + 1];
    if (high && shift + limbBits > 64) limb = ints.or(limb, ints.shl(high, 64 - shift));
    return i === count - 1 ? limb : ints.and(limb, ints.constant((1n << BigInt(limbBits)) - 1n));
  });
}

/** Joins limbs in [0, 2^w) to `count` 64-bit words. */
export function limbsToWords(
  ints: LaneIntegers,
  limbs: readonly LaneInteger[],
  limbBits: number,
  count: number,
): LaneInteger[] {
  return Array.from({ length: count }, (_, word) => {
    const parts = limbs.flatMap((limb, i) => {
      const shift = i * limbBits - 64 * word;
      if (shift <= -limbBits || shift >= 64) return [];
      return [shift === 0 ? limb : shift > 0 ? ints.shl(limb, shift) : ints.shrU(limb, -shift)];
    });
    return parts.reduce((sum, part) => ints.or(sum, part));
  });
}
