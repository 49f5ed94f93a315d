import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expr, f64, i32, i64, select } from '../../../src/wasm/emit/index.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { instantiate } from './instantiate.ts';

type Op<T extends 'i32' | 'i64' | 'f64'> = (...operands: Expr<T>[]) => Expr<'i32' | 'i64' | 'f64'>;

const runs = { numRuns: fuzzRuns(60) };
const s32 = (x: number | bigint): number => Number(BigInt.asIntN(32, BigInt(x)));
const u32 = (x: number): number => x >>> 0;
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const bool = (x: boolean): number => (x ? 1 : 0);
const rotate = (x: bigint, by: bigint, width: bigint): bigint =>
  (x << (by % width)) | (BigInt.asUintN(Number(width), x) >> (width - (by % width)));
const leadingZeros = (x: bigint, width: number): number => (x === 0n ? width : width - x.toString(2).length);
const trailingZeros = (x: bigint, width: number): number => {
  for (let i = 0; i < width; i++) if ((x >> BigInt(i)) & 1n) return i;
  return width;
};
const ones = (x: bigint): number => x.toString(2).replaceAll('0', '').length;

const I32_UNARY: Record<string, (x: number) => number> = {
  eqz: (x) => bool(x === 0),
  clz: (x) => Math.clz32(x),
  ctz: (x) => trailingZeros(BigInt(u32(x)), 32),
  popcnt: (x) => ones(BigInt(u32(x))),
};
const I32_BINARY: Record<string, (x: number, y: number) => number> = {
  eq: (x, y) => bool(x === y),
  ne: (x, y) => bool(x !== y),
  ltS: (x, y) => bool(x < y),
  ltU: (x, y) => bool(u32(x) < u32(y)),
  gtS: (x, y) => bool(x > y),
  gtU: (x, y) => bool(u32(x) > u32(y)),
  leS: (x, y) => bool(x <= y),
  leU: (x, y) => bool(u32(x) <= u32(y)),
  geS: (x, y) => bool(x >= y),
  geU: (x, y) => bool(u32(x) >= u32(y)),
  add: (x, y) => s32(x + y),
  sub: (x, y) => s32(x - y),
  mul: (x, y) => Math.imul(x, y),
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => x << y,
  shrS: (x, y) => x >> y,
  shrU: (x, y) => s32(x >>> y),
  rotl: (x, y) => s32(rotate(BigInt(u32(x)), BigInt(u32(y)), 32n)),
  rotr: (x, y) => s32(rotate(BigInt(u32(x)), 32n - (BigInt(u32(y)) % 32n), 32n)),
  divU: (x, y) => s32(Math.floor(u32(x) / u32(y))),
  remU: (x, y) => s32(u32(x) % u32(y)),
  divS: (x, y) => Math.trunc(x / y),
  remS: (x, y) => (x % y) + 0,
};
const I64_UNARY: Record<string, (x: bigint) => number | bigint> = {
  eqz: (x) => bool(x === 0n),
  clz: (x) => BigInt(leadingZeros(u64(x), 64)),
  ctz: (x) => BigInt(trailingZeros(u64(x), 64)),
  popcnt: (x) => BigInt(ones(u64(x))),
};
const I64_BINARY: Record<string, (x: bigint, y: bigint) => number | bigint> = {
  eq: (x, y) => bool(x === y),
  ne: (x, y) => bool(x !== y),
  ltS: (x, y) => bool(x < y),
  ltU: (x, y) => bool(u64(x) < u64(y)),
  gtS: (x, y) => bool(x > y),
  gtU: (x, y) => bool(u64(x) > u64(y)),
  leS: (x, y) => bool(x <= y),
  leU: (x, y) => bool(u64(x) <= u64(y)),
  geS: (x, y) => bool(x >= y),
  geU: (x, y) => bool(u64(x) >= u64(y)),
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => x << (y & 63n),
  shrS: (x, y) => x >> (y & 63n),
  shrU: (x, y) => u64(x) >> (y & 63n),
  rotl: (x, y) => rotate(u64(x), y & 63n, 64n),
  rotr: (x, y) => rotate(u64(x), 64n - (y & 63n), 64n),
};
const F64_UNARY: Record<string, (x: number) => number> = {
  abs: Math.abs,
  neg: (x) => -x,
  nearest: (x) => {
    const [down, fraction] = [Math.floor(x), x - Math.floor(x)];
    if (fraction !== 0.5) return Math.round(x) === 0 && (x < 0 || Object.is(x, -0)) ? -0 : Math.round(x);
    return down % 2 === 0 ? (down === 0 && x < 0 ? -0 : down) : down + 1 === 0 ? -0 : down + 1;
  },
};
const F64_BINARY: Record<string, (x: number, y: number) => number> = {
  eq: (x, y) => bool(x === y),
  ne: (x, y) => bool(x !== y),
  lt: (x, y) => bool(x < y),
  gt: (x, y) => bool(x > y),
  le: (x, y) => bool(x <= y),
  ge: (x, y) => bool(x >= y),
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
};

const CONVERSIONS = ['const', 'wrapI64', 'extendI32S', 'extendI32U', 'reinterpretF64', 'convertI32S'].concat([
  'convertI64S',
  'reinterpretI64',
]);

const edges32 = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 31, 32, 2 ** 31 - 1, -(2 ** 31)));
const edges64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.constantFrom(0n, 1n, -1n, 63n, 64n, (1n << 63n) - 1n, -(1n << 63n)),
);
const doubles = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -9, max: 9 }).map((x) => x / 2),
);

describe.each([
  { type: 'i32', ops: i32, unary: I32_UNARY, binary: I32_BINARY, operand: edges32, wrap: s32 },
  {
    type: 'i64',
    ops: i64,
    unary: I64_UNARY,
    binary: I64_BINARY,
    operand: edges64,
    wrap: (x: number | bigint) => (typeof x === 'bigint' ? BigInt.asIntN(64, x) : x),
  },
  { type: 'f64', ops: f64, unary: F64_UNARY, binary: F64_BINARY, operand: doubles, wrap: (x: number) => x },
] as const)('$type instructions', ({ type, ops, unary, binary, operand, wrap }) => {
  it('are all tried', () => {
    const tried = [...Object.keys(unary), ...Object.keys(binary), ...CONVERSIONS];
    expect(Object.keys(ops).filter((name) => !tried.includes(name))).toEqual([]);
  });

  const table = ops as unknown as Record<string, Op<typeof type>>;
  const resultType = (name: string, arity: number): 'i32' | 'i64' | 'f64' => {
    const zero = { i32: i32.const(0), i64: i64.const(0), f64: f64.const(0) }[type] as Expr<typeof type>;
    return table[name]?.(...new Array(arity).fill(zero)).type ?? 'i32';
  };
  const run = instantiate((module) => {
    const one = Object.keys(unary).map((name) => [
      name,
      module.define(name, [type], resultType(name, 1), (_f, x) => table[name]?.(x as never) as never),
    ]);
    const two = Object.keys(binary).map((name) => [
      name,
      module.define(
        name,
        [type, type],
        resultType(name, 2),
        (_f, x, y) => table[name]?.(x as never, y as never) as never,
      ),
    ]);
    return Object.fromEntries([...one, ...two]);
  });

  it.each(Object.keys(unary))('%s', (name) => {
    const reference = unary[name as keyof typeof unary] as (x: unknown) => never;
    fc.assert(
      fc.property(operand as fc.Arbitrary<number | bigint>, (x) => {
        expect(run.call(name, x)).toBe(wrap(reference(x)));
      }),
      runs,
    );
  });

  it.each(Object.keys(binary))('%s', (name) => {
    const reference = binary[name as keyof typeof binary] as (x: unknown, y: unknown) => never;
    const divides = /div|rem/.test(name) && type === 'i32';
    fc.assert(
      fc.property(
        operand as fc.Arbitrary<number | bigint>,
        operand as fc.Arbitrary<number | bigint>,
        (x, y) => {
          fc.pre(!divides || (Number(y) !== 0 && Number(y) !== -1));
          expect(run.call(name, x, y)).toBe(wrap(reference(x, y)));
        },
      ),
      runs,
    );
  });
});

describe('constants, conversions and select', () => {
  it('encodes constants of every size', () => {
    const ints = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1];
    const longs = [...ints.map(BigInt), 1n << 62n, -(1n << 63n), (1n << 63n) - 1n, (1n << 64n) - 1n];
    const floats = [0, -0, 1.5, -1e300, Number.MIN_VALUE, Number.POSITIVE_INFINITY];
    const { call } = instantiate((module) =>
      Object.fromEntries([
        ...ints.map((x, i) => [`i32.${i}`, module.define('c', [], 'i32', () => i32.const(x))]),
        ...longs.map((x, i) => [`i64.${i}`, module.define('c', [], 'i64', () => i64.const(x))]),
        ...floats.map((x, i) => [`f64.${i}`, module.define('c', [], 'f64', () => f64.const(x))]),
      ]),
    );
    for (const [i, x] of ints.entries()) expect(call(`i32.${i}`)).toBe(s32(x));
    for (const [i, x] of longs.entries()) expect(call(`i64.${i}`)).toBe(BigInt.asIntN(64, x));
    for (const [i, x] of floats.entries()) expect(call(`f64.${i}`)).toBe(x);
  });

  it('converts', () => {
    const { call } = instantiate((module) => ({
      wrap: module.define('wrap', ['i64'], 'i32', (_f, x) => i32.wrapI64(x)),
      extendS: module.define('extendS', ['i32'], 'i64', (_f, x) => i64.extendI32S(x)),
      extendU: module.define('extendU', ['i32'], 'i64', (_f, x) => i64.extendI32U(x)),
      bits: module.define('bits', ['f64'], 'i64', (_f, x) => i64.reinterpretF64(x)),
      double: module.define('double', ['i64'], 'f64', (_f, x) => f64.reinterpretI64(x)),
      fromI32: module.define('fromI32', ['i32'], 'f64', (_f, x) => f64.convertI32S(x)),
      fromI64: module.define('fromI64', ['i64'], 'f64', (_f, x) => f64.convertI64S(x)),
    }));
    expect(call('wrap', 0x1_8000_0001n)).toBe(-0x7fffffff);
    expect(call('extendS', -2)).toBe(-2n);
    expect(call('extendU', -2)).toBe(0xfffffffen);
    expect(call('bits', 1)).toBe(0x3ff0_0000_0000_0000n);
    expect(call('double', 0x3ff0_0000_0000_0000n)).toBe(1);
    expect(call('fromI32', -7)).toBe(-7);
    expect(call('fromI64', -(1n << 60n))).toBe(-(2 ** 60));
  });

  it('selects', () => {
    const { call } = instantiate((module) => ({
      pick: module.define('pick', ['i64', 'i64', 'i32'], 'i64', (_f, x, y, c) => select(x, y, c)),
    }));
    expect(call('pick', 5n, 6n, 1)).toBe(5n);
    expect(call('pick', 5n, 6n, 0)).toBe(6n);
  });
});
