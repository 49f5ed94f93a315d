import { leb128, type ValueType } from './encoding.ts';
import { type Address, type Effect, Expr, type I32, toPtr, type V128 } from './expression.ts';
import { i32 } from './scalar-ops.ts';

/** Base expression and memarg of an access. `alignLog2` is the natural alignment: a hint that never traps. */
function memarg(address: Address, offset: number, alignLog2: number): { base: I32; arg: number[] } {
  const ptr = toPtr(address, offset);
  // A memarg's offset is unsigned: a negative one is added to the base, where i32 arithmetic wraps as it should.
  if (ptr.offset < 0) return { base: i32.add(ptr.base, i32.const(ptr.offset)), arg: [alignLog2, 0] };
  return { base: ptr.base, arg: [alignLog2, ...leb128(ptr.offset)] };
}

function loader<R extends ValueType>(result: R, opcode: readonly number[], alignLog2: number) {
  return (address: Address, offset = 0): Expr<R> => {
    const { base, arg } = memarg(address, offset, alignLog2);
    return new Expr(result, [base, [...opcode, ...arg]]);
  };
}

function storer<A extends ValueType>(opcode: readonly number[], alignLog2: number) {
  return (address: Address, offset: number, value: Expr<A>): Effect => {
    const { base, arg } = memarg(address, offset, alignLog2);
    return new Expr('void', [base, value, [...opcode, ...arg]]);
  };
}

type Load<R extends ValueType> = (address: Address, offset?: number) => Expr<R>;
type Store<A extends ValueType> = (address: Address, offset: number, value: Expr<A>) => Effect;

/** Loads, named by result type and width. Offsets are in bytes and may be negative. */
export const load: {
  readonly i32: Load<'i32'>;
  readonly i32From8U: Load<'i32'>;
  readonly i32From16U: Load<'i32'>;
  readonly i64: Load<'i64'>;
  readonly i64From32S: Load<'i64'>;
  readonly i64From32U: Load<'i64'>;
  readonly f64: Load<'f64'>;
  readonly v128: Load<'v128'>;
  /** 64 bits into lane 0, zero into lane 1. */
  readonly v128From64Zero: Load<'v128'>;
  /** The same 64 bits into both lanes. */
  readonly v128From64Splat: Load<'v128'>;
  /** The same 32 bits into all four lanes. */
  readonly v128From32Splat: Load<'v128'>;
} = {
  i32: loader('i32', [0x28], 2),
  i32From8U: loader('i32', [0x2d], 0),
  i32From16U: loader('i32', [0x2f], 1),
  i64: loader('i64', [0x29], 3),
  i64From32S: loader('i64', [0x34], 2),
  i64From32U: loader('i64', [0x35], 2),
  f64: loader('f64', [0x2b], 3),
  v128: loader('v128', [0xfd, 0x00], 4),
  v128From64Zero: loader('v128', [0xfd, 0x5d], 3),
  v128From64Splat: loader('v128', [0xfd, 0x0a], 3),
  v128From32Splat: loader('v128', [0xfd, 0x09], 2),
};

/** Stores, named by the value's type and the width written. */
export const store: {
  readonly i32: Store<'i32'>;
  readonly i32To8: Store<'i32'>;
  readonly i32To16: Store<'i32'>;
  readonly i64: Store<'i64'>;
  readonly i64To32: Store<'i64'>;
  readonly f64: Store<'f64'>;
  readonly v128: Store<'v128'>;
} = {
  i32: storer([0x36], 2),
  i32To8: storer([0x3a], 0),
  i32To16: storer([0x3b], 1),
  i64: storer([0x37], 3),
  i64To32: storer([0x3e], 2),
  f64: storer([0x39], 3),
  v128: storer([0xfd, 0x0b], 4),
};

/** `vector` with the given lane of `width` bits replaced from memory. */
export function loadLane(width: 32 | 64, address: Address, offset: number, vector: V128, lane: number): V128 {
  const { base, arg } = memarg(address, offset, width === 32 ? 2 : 3);
  return new Expr('v128', [base, vector, [0xfd, width === 32 ? 0x56 : 0x57, ...arg, lane]]);
}

/** Stores one lane of `width` bits. */
export function storeLane(
  width: 32 | 64,
  address: Address,
  offset: number,
  vector: V128,
  lane: number,
): Effect {
  const { base, arg } = memarg(address, offset, width === 32 ? 2 : 3);
  return new Expr('void', [base, vector, [0xfd, width === 32 ? 0x5a : 0x5b, ...arg, lane]]);
}

/** Copies `bytes` bytes; the ranges may overlap. */
export function memoryCopy(destination: I32, source: I32, bytes: I32): Effect {
  return new Expr('void', [destination, source, bytes, [0xfc, 0x0a, 0, 0]]);
}

/** Fills `bytes` bytes with the low byte of `value`. */
export function memoryFill(destination: I32, value: I32, bytes: I32): Effect {
  return new Expr('void', [destination, value, bytes, [0xfc, 0x0b, 0]]);
}

/** Sequentially consistent accesses to naturally aligned 32-bit words, for work queues between threads. */
export const atomic = {
  load32: loader('i32', [0xfe, 0x10], 2) as Load<'i32'>,
  store32: storer([0xfe, 0x17], 2) as Store<'i32'>,
  /** Adds and returns the value from before. */
  add32: (address: Address, offset: number, value: I32): I32 => {
    const { base, arg } = memarg(address, offset, 2);
    return new Expr('i32', [base, value, [0xfe, 0x1e, ...arg]]);
  },
};
