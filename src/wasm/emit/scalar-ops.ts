import { doubleBits, type ResultType, signedLeb128, type ValueType } from './encoding.ts';
import { type Effect, Expr, type F64, type I32, type I64 } from './expression.ts';

/** A one-operand instruction. */
export function unary<A extends ValueType, R extends ResultType>(
  result: R,
  ...opcode: number[]
): (operand: Expr<A>) => Expr<R> {
  return (operand) => new Expr(result, [operand, opcode]);
}

/** A two-operand instruction. */
export function binary<A extends ValueType, B extends ValueType, R extends ResultType>(
  result: R,
  ...opcode: number[]
): (left: Expr<A>, right: Expr<B>) => Expr<R> {
  return (left, right) => new Expr(result, [left, right, opcode]);
}

type UnaryI32 = (operand: I32) => I32;
type BinaryI32 = (left: I32, right: I32) => I32;
type UnaryI64 = (operand: I64) => I64;
type BinaryI64 = (left: I64, right: I64) => I64;
type CompareI64 = (left: I64, right: I64) => I32;
type UnaryF64 = (operand: F64) => F64;
type BinaryF64 = (left: F64, right: F64) => F64;
type CompareF64 = (left: F64, right: F64) => I32;

const i32x = (code: number): BinaryI32 => binary('i32', code);
const i64x = (code: number): BinaryI64 => binary('i64', code);
const i64c = (code: number): CompareI64 => binary('i32', code);
const f64x = (code: number): BinaryF64 => binary('f64', code);
const f64c = (code: number): CompareF64 => binary('i32', code);

/** 32-bit integer arithmetic. Memory access is in `memory-ops.ts`. */
export const i32 = {
  /** Constant; any integer in [−2^31, 2^32). */
  const: (value: number): I32 => new Expr('i32', [[0x41, ...signedLeb128(BigInt(value | 0))]]),
  eqz: unary('i32', 0x45) as UnaryI32,
  eq: i32x(0x46) as BinaryI32,
  ne: i32x(0x47) as BinaryI32,
  ltS: i32x(0x48) as BinaryI32,
  ltU: i32x(0x49) as BinaryI32,
  gtS: i32x(0x4a) as BinaryI32,
  gtU: i32x(0x4b) as BinaryI32,
  leS: i32x(0x4c) as BinaryI32,
  leU: i32x(0x4d) as BinaryI32,
  geS: i32x(0x4e) as BinaryI32,
  geU: i32x(0x4f) as BinaryI32,
  clz: unary('i32', 0x67) as UnaryI32,
  ctz: unary('i32', 0x68) as UnaryI32,
  popcnt: unary('i32', 0x69) as UnaryI32,
  add: i32x(0x6a) as BinaryI32,
  sub: i32x(0x6b) as BinaryI32,
  mul: i32x(0x6c) as BinaryI32,
  divS: i32x(0x6d) as BinaryI32,
  divU: i32x(0x6e) as BinaryI32,
  remS: i32x(0x6f) as BinaryI32,
  remU: i32x(0x70) as BinaryI32,
  and: i32x(0x71) as BinaryI32,
  or: i32x(0x72) as BinaryI32,
  xor: i32x(0x73) as BinaryI32,
  shl: i32x(0x74) as BinaryI32,
  shrS: i32x(0x75) as BinaryI32,
  shrU: i32x(0x76) as BinaryI32,
  rotl: i32x(0x77) as BinaryI32,
  rotr: i32x(0x78) as BinaryI32,
  wrapI64: unary('i32', 0xa7) as (operand: I64) => I32,
};

/** 64-bit integer arithmetic. */
export const i64 = {
  /** Constant, taken modulo 2^64. */
  const: (value: bigint | number): I64 =>
    new Expr('i64', [[0x42, ...signedLeb128(BigInt.asIntN(64, BigInt(value)))]]),
  eqz: unary('i32', 0x50) as (operand: I64) => I32,
  eq: i64c(0x51) as CompareI64,
  ne: i64c(0x52) as CompareI64,
  ltS: i64c(0x53) as CompareI64,
  ltU: i64c(0x54) as CompareI64,
  gtS: i64c(0x55) as CompareI64,
  gtU: i64c(0x56) as CompareI64,
  leS: i64c(0x57) as CompareI64,
  leU: i64c(0x58) as CompareI64,
  geS: i64c(0x59) as CompareI64,
  geU: i64c(0x5a) as CompareI64,
  clz: unary('i64', 0x79) as UnaryI64,
  ctz: unary('i64', 0x7a) as UnaryI64,
  popcnt: unary('i64', 0x7b) as UnaryI64,
  add: i64x(0x7c) as BinaryI64,
  sub: i64x(0x7d) as BinaryI64,
  mul: i64x(0x7e) as BinaryI64,
  and: i64x(0x83) as BinaryI64,
  or: i64x(0x84) as BinaryI64,
  xor: i64x(0x85) as BinaryI64,
  shl: i64x(0x86) as BinaryI64,
  shrS: i64x(0x87) as BinaryI64,
  shrU: i64x(0x88) as BinaryI64,
  rotl: i64x(0x89) as BinaryI64,
  rotr: i64x(0x8a) as BinaryI64,
  extendI32S: unary('i64', 0xac) as (operand: I32) => I64,
  extendI32U: unary('i64', 0xad) as (operand: I32) => I64,
  reinterpretF64: unary('i64', 0xbd) as (operand: F64) => I64,
};

/** Double arithmetic, rounding to nearest even. */
export const f64 = {
  const: (value: number): F64 => {
    const bits = doubleBits(value);
    const bytes = [0x44];
    for (let i = 0n; i < 8n; i++) bytes.push(Number((bits >> (8n * i)) & 255n));
    return new Expr('f64', [bytes]);
  },
  eq: f64c(0x61) as CompareF64,
  ne: f64c(0x62) as CompareF64,
  lt: f64c(0x63) as CompareF64,
  gt: f64c(0x64) as CompareF64,
  le: f64c(0x65) as CompareF64,
  ge: f64c(0x66) as CompareF64,
  abs: unary('f64', 0x99) as UnaryF64,
  neg: unary('f64', 0x9a) as UnaryF64,
  nearest: unary('f64', 0x9e) as UnaryF64,
  add: f64x(0xa0) as BinaryF64,
  sub: f64x(0xa1) as BinaryF64,
  mul: f64x(0xa2) as BinaryF64,
  div: f64x(0xa3) as BinaryF64,
  convertI32S: unary('f64', 0xb7) as (operand: I32) => F64,
  convertI64S: unary('f64', 0xb9) as (operand: I64) => F64,
  reinterpretI64: unary('f64', 0xbf) as (operand: I64) => F64,
};

/** `condition ? whenTrue : whenFalse`; both are evaluated. */
export function select<T extends ValueType>(whenTrue: Expr<T>, whenFalse: Expr<T>, condition: I32): Expr<T> {
  // The untyped select covers every number type; v128 needs the typed form.
  const opcode = whenTrue.type === 'v128' ? [0x1c, 1, 0x7b] : [0x1b];
  return new Expr(whenTrue.type, [whenTrue, whenFalse, condition, opcode]);
}

/** Traps. For branches that the generator proves unreachable. */
export function unreachable(): Effect {
  return new Expr('void', [[0x00]]);
}
