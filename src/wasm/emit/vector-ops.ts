import { lanesToBytes, leb128, type ResultType, type ValueType } from './encoding.ts';
import { Expr, type F64, type I32, type I64, type V128 } from './expression.ts';
import { binary, i32, unary } from './scalar-ops.ts';

type UnaryV = (operand: V128) => V128;
type BinaryV = (left: V128, right: V128) => V128;
type TernaryV = (a: V128, b: V128, c: V128) => V128;
type TestV = (operand: V128) => I32;
type ShiftV = (operand: V128, bits: number) => V128;
type ExtractLane<T extends ValueType> = (operand: V128, lane: number) => Expr<T>;
type ReplaceLane<T extends ValueType> = (operand: V128, lane: number, value: Expr<T>) => V128;

const simd = (code: number): number[] => [0xfd, ...leb128(code)];
const un = (code: number): UnaryV => unary('v128', ...simd(code));
const bin = (code: number): BinaryV => binary('v128', ...simd(code));
const test = (code: number): TestV => unary('i32', ...simd(code));
const shift =
  (code: number): ShiftV =>
  (operand, bits) =>
    new Expr('v128', [operand, i32.const(bits), simd(code)]);
const ternary =
  (code: number): TernaryV =>
  (a, b, c) =>
    new Expr('v128', [a, b, c, simd(code)]);
const extract =
  <R extends ResultType>(result: R, code: number) =>
  (operand: V128, lane: number): Expr<R> =>
    new Expr(result, [operand, [...simd(code), lane]]);
const replace =
  <A extends ValueType>(code: number) =>
  (operand: V128, lane: number, value: Expr<A>): V128 =>
    new Expr('v128', [operand, value, [...simd(code), lane]]);

/** Whole-vector operations. Memory access is in `memory-ops.ts`. */
export const v128 = {
  /** Constant from two 64-bit lanes. Costly to materialise: prefer {@link FunctionBuilder.constant} in kernels. */
  const: (lane0: bigint, lane1: bigint = lane0): V128 =>
    new Expr('v128', [[...simd(12), ...lanesToBytes(lane0, lane1)]]),
  /** Picks 16 bytes out of the 32 of `left ‖ right`. */
  shuffle: (left: V128, right: V128, bytes: readonly number[]): V128 =>
    new Expr('v128', [left, right, [...simd(13), ...bytes]]),
  /** Picks four 32-bit lanes out of the eight of `left ‖ right`. */
  shuffle32: (left: V128, right: V128, lanes: readonly [number, number, number, number]): V128 =>
    v128.shuffle(
      left,
      right,
      lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ),
  not: un(0x4d) as UnaryV,
  and: bin(0x4e) as BinaryV,
  /** `left & ~right`. */
  andnot: bin(0x4f) as BinaryV,
  or: bin(0x50) as BinaryV,
  xor: bin(0x51) as BinaryV,
  /** Bits of `whenSet` where `mask` is 1, of `whenClear` where it is 0. */
  bitselect: (whenSet: V128, whenClear: V128, mask: V128): V128 =>
    new Expr('v128', [whenSet, whenClear, mask, simd(0x52)]),
  anyTrue: test(0x53) as TestV,
};

/** Four 32-bit integer lanes. */
export const i32x4 = {
  splat: unary('v128', ...simd(0x11)) as (operand: I32) => V128,
  extractLane: extract('i32', 0x1b) as ExtractLane<'i32'>,
  replaceLane: replace<'i32'>(0x1c) as ReplaceLane<'i32'>,
  eq: bin(0x37) as BinaryV,
  ne: bin(0x38) as BinaryV,
  ltS: bin(0x39) as BinaryV,
  gtS: bin(0x3b) as BinaryV,
  abs: un(0xa0) as UnaryV,
  neg: un(0xa1) as UnaryV,
  allTrue: test(0xa3) as TestV,
  bitmask: test(0xa4) as TestV,
  shl: shift(0xab) as ShiftV,
  shrS: shift(0xac) as ShiftV,
  shrU: shift(0xad) as ShiftV,
  add: bin(0xae) as BinaryV,
  sub: bin(0xb1) as BinaryV,
  mul: bin(0xb5) as BinaryV,
  /** Truncates four floats, saturating. */
  truncSatF32x4S: un(0xf8) as UnaryV,
};

/** Two 64-bit integer lanes. */
export const i64x2 = {
  splat: unary('v128', ...simd(0x12)) as (operand: I64) => V128,
  extractLane: extract('i64', 0x1d) as ExtractLane<'i64'>,
  replaceLane: replace<'i64'>(0x1e) as ReplaceLane<'i64'>,
  neg: un(0xc1) as UnaryV,
  allTrue: test(0xc3) as TestV,
  bitmask: test(0xc4) as TestV,
  extendLowI32x4S: un(0xc7) as UnaryV,
  extendHighI32x4S: un(0xc8) as UnaryV,
  extendLowI32x4U: un(0xc9) as UnaryV,
  extendHighI32x4U: un(0xca) as UnaryV,
  shl: shift(0xcb) as ShiftV,
  shrS: shift(0xcc) as ShiftV,
  shrU: shift(0xcd) as ShiftV,
  add: bin(0xce) as BinaryV,
  sub: bin(0xd1) as BinaryV,
  mul: bin(0xd5) as BinaryV,
  eq: bin(0xd6) as BinaryV,
  ne: bin(0xd7) as BinaryV,
  ltS: bin(0xd8) as BinaryV,
  gtS: bin(0xd9) as BinaryV,
  /** Full products of the two low 32-bit lanes. */
  extmulLowI32x4S: bin(0xdc) as BinaryV,
  extmulHighI32x4S: bin(0xdd) as BinaryV,
  extmulLowI32x4U: bin(0xde) as BinaryV,
  extmulHighI32x4U: bin(0xdf) as BinaryV,
};

/** Four float lanes: only what a quotient estimate needs. */
export const f32x4 = {
  splat: (value: number): V128 => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    const bits = BigInt(view.getUint32(0));
    return v128.const(bits | (bits << 32n));
  },
  add: bin(0xe4) as BinaryV,
  sub: bin(0xe5) as BinaryV,
  mul: bin(0xe6) as BinaryV,
  convertI32x4S: un(0xfa) as UnaryV,
};

/** Two double lanes. */
export const f64x2 = {
  splat: unary('v128', ...simd(0x14)) as (operand: F64) => V128,
  extractLane: extract('f64', 0x21) as ExtractLane<'f64'>,
  replaceLane: replace<'f64'>(0x22) as ReplaceLane<'f64'>,
  eq: bin(0x47) as BinaryV,
  ne: bin(0x48) as BinaryV,
  lt: bin(0x49) as BinaryV,
  gt: bin(0x4a) as BinaryV,
  nearest: un(0x94) as UnaryV,
  abs: un(0xec) as UnaryV,
  neg: un(0xed) as UnaryV,
  add: bin(0xf0) as BinaryV,
  sub: bin(0xf1) as BinaryV,
  mul: bin(0xf2) as BinaryV,
  div: bin(0xf3) as BinaryV,
  /** Relaxed SIMD: a·b + c. The engine uses it only where {@link chooseForm} found it fused, that is rounded once. */
  relaxedMadd: ternary(0x107) as TernaryV,
  /** Relaxed SIMD: c − a·b, under the same condition. */
  relaxedNmadd: ternary(0x108) as TernaryV,
};
