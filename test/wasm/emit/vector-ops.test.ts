import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Expr,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64,
  i64x2,
  load,
  select,
  store,
  v128,
} from '../../../src/wasm/emit/index.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { instantiate } from './instantiate.ts';

/** A vector as its 16 bytes, and how to see and make one by lanes. */
type Bytes = Uint8Array;
const view = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, 16);
const i32Lanes = (bytes: Bytes): number[] => [0, 4, 8, 12].map((at) => view(bytes).getInt32(at, true));
const i64Lanes = (bytes: Bytes): bigint[] => [0, 8].map((at) => view(bytes).getBigInt64(at, true));
const u64Lanes = (bytes: Bytes): bigint[] => [0, 8].map((at) => view(bytes).getBigUint64(at, true));
const f64Lanes = (bytes: Bytes): number[] => [0, 8].map((at) => view(bytes).getFloat64(at, true));
const f32Lanes = (bytes: Bytes): number[] => [0, 4, 8, 12].map((at) => view(bytes).getFloat32(at, true));
const of32 = (lanes: readonly number[]): Bytes => new Uint8Array(Int32Array.from(lanes).buffer);
const of64 = (lanes: readonly bigint[]): Bytes =>
  new Uint8Array(BigUint64Array.from(lanes, (x) => BigInt.asUintN(64, x)).buffer);
const ofF64 = (lanes: readonly number[]): Bytes => new Uint8Array(Float64Array.from(lanes).buffer);
const ofF32 = (lanes: readonly number[]): Bytes => new Uint8Array(Float32Array.from(lanes).buffer);

const on32 = (op: (x: number, y: number) => number) => (a: Bytes, b: Bytes) =>
  of32(i32Lanes(a).map((x, i) => op(x, i32Lanes(b)[i] ?? 0)));
const on64 = (op: (x: bigint, y: bigint) => bigint) => (a: Bytes, b: Bytes) =>
  of64(i64Lanes(a).map((x, i) => op(x, i64Lanes(b)[i] ?? 0n)));
const onF64 = (op: (x: number, y: number) => number) => (a: Bytes, b: Bytes) =>
  ofF64(f64Lanes(a).map((x, i) => op(x, f64Lanes(b)[i] ?? 0)));
const onF32 = (op: (x: number, y: number) => number) => (a: Bytes, b: Bytes) =>
  ofF32(f32Lanes(a).map((x, i) => op(x, f32Lanes(b)[i] ?? 0)));
const onBytes = (op: (x: number, y: number) => number) => (a: Bytes, b: Bytes) =>
  a.map((x, i) => op(x, b[i] ?? 0));
const all32 = (test: boolean): number => (test ? -1 : 0);
const all64 = (test: boolean): bigint => (test ? -1n : 0n);
const low = (start: number, signed: boolean) => (a: Bytes, b: Bytes) =>
  of64(
    [start, start + 1].map((i) => {
      const [x, y] = [i32Lanes(a)[i] ?? 0, i32Lanes(b)[i] ?? 0];
      return signed ? BigInt(x) * BigInt(y) : BigInt(x >>> 0) * BigInt(y >>> 0);
    }),
  );
const extend = (start: number, signed: boolean) => (a: Bytes) =>
  of64([start, start + 1].map((i) => BigInt(signed ? (i32Lanes(a)[i] ?? 0) : (i32Lanes(a)[i] ?? 0) >>> 0)));

type Case = readonly [
  (a: Expr<'v128'>, b: Expr<'v128'>) => Expr<'v128'>,
  (a: Bytes, b: Bytes) => Uint8Array<ArrayBufferLike>,
];

/** Operations on any bits. */
const INTEGER_CASES: Record<string, Case> = {
  'v128.and': [v128.and, onBytes((x, y) => x & y)],
  'v128.andnot': [v128.andnot, onBytes((x, y) => x & ~y)],
  'v128.or': [v128.or, onBytes((x, y) => x | y)],
  'v128.xor': [v128.xor, onBytes((x, y) => x ^ y)],
  'v128.not': [(a) => v128.not(a), onBytes((x) => ~x)],
  'v128.bitselect': [(a, b) => v128.bitselect(a, b, b), onBytes((x, y) => (x & y) | (y & ~y))],
  'v128.shuffle': [
    (a, b) => v128.shuffle(a, b, [31, 0, 1, 2, 16, 17, 5, 6, 7, 8, 9, 10, 11, 12, 13, 30]),
    (a, b) =>
      Uint8Array.from([31, 0, 1, 2, 16, 17, 5, 6, 7, 8, 9, 10, 11, 12, 13, 30], (i) => [...a, ...b][i] ?? 0),
  ],
  'v128.shuffle32': [
    (a, b) => v128.shuffle32(a, b, [6, 1, 4, 3]),
    (a, b) => of32([6, 1, 4, 3].map((i) => [...i32Lanes(a), ...i32Lanes(b)][i] ?? 0)),
  ],
  'v128.const': [(a) => v128.xor(a, v128.const(0x0123_4567_89ab_cdefn, -2n)), (a) => xorConstant(a)],
  'i32x4.add': [i32x4.add, on32((x, y) => x + y)],
  'i32x4.sub': [i32x4.sub, on32((x, y) => x - y)],
  'i32x4.mul': [i32x4.mul, on32(Math.imul)],
  'i32x4.eq': [i32x4.eq, on32((x, y) => all32(x === y))],
  'i32x4.ne': [i32x4.ne, on32((x, y) => all32(x !== y))],
  'i32x4.ltS': [i32x4.ltS, on32((x, y) => all32(x < y))],
  'i32x4.gtS': [i32x4.gtS, on32((x, y) => all32(x > y))],
  'i32x4.neg': [(a) => i32x4.neg(a), on32((x) => -x)],
  'i32x4.abs': [(a) => i32x4.abs(a), on32((x) => Math.abs(x))],
  'i32x4.shl': [(a) => i32x4.shl(a, 5), on32((x) => x << 5)],
  'i32x4.shrS': [(a) => i32x4.shrS(a, 29), on32((x) => x >> 29)],
  'i32x4.shrU': [(a) => i32x4.shrU(a, 3), on32((x) => x >>> 3)],
  'i64x2.add': [i64x2.add, on64((x, y) => x + y)],
  'i64x2.sub': [i64x2.sub, on64((x, y) => x - y)],
  'i64x2.mul': [i64x2.mul, on64((x, y) => x * y)],
  'i64x2.eq': [i64x2.eq, on64((x, y) => all64(x === y))],
  'i64x2.ne': [i64x2.ne, on64((x, y) => all64(x !== y))],
  'i64x2.ltS': [i64x2.ltS, on64((x, y) => all64(x < y))],
  'i64x2.gtS': [i64x2.gtS, on64((x, y) => all64(x > y))],
  'i64x2.neg': [(a) => i64x2.neg(a), on64((x) => -x)],
  'i64x2.shl': [(a) => i64x2.shl(a, 51), on64((x) => x << 51n)],
  'i64x2.shrS': [(a) => i64x2.shrS(a, 29), on64((x) => x >> 29n)],
  'i64x2.shrU': [(a) => i64x2.shrU(a, 29), (a) => of64(u64Lanes(a).map((x) => x >> 29n))],
  'i64x2.extmulLowI32x4S': [i64x2.extmulLowI32x4S, low(0, true)],
  'i64x2.extmulHighI32x4S': [i64x2.extmulHighI32x4S, low(2, true)],
  'i64x2.extmulLowI32x4U': [i64x2.extmulLowI32x4U, low(0, false)],
  'i64x2.extmulHighI32x4U': [i64x2.extmulHighI32x4U, low(2, false)],
  'i64x2.extendLowI32x4S': [(a) => i64x2.extendLowI32x4S(a), extend(0, true)],
  'i64x2.extendHighI32x4S': [(a) => i64x2.extendHighI32x4S(a), extend(2, true)],
  'i64x2.extendLowI32x4U': [(a) => i64x2.extendLowI32x4U(a), extend(0, false)],
  'i64x2.extendHighI32x4U': [(a) => i64x2.extendHighI32x4U(a), extend(2, false)],
  'f32x4.convertI32x4S': [(a) => f32x4.convertI32x4S(a), (a) => ofF32(i32Lanes(a))],
  select: [(a, b) => select(a, b, i32x4.extractLane(a, 0)), (a, b) => (i32Lanes(a)[0] === 0 ? b : a)],
};

/** Operations on doubles. */
const DOUBLE_CASES: Record<string, Case> = {
  'f64x2.add': [f64x2.add, onF64((x, y) => x + y)],
  'f64x2.sub': [f64x2.sub, onF64((x, y) => x - y)],
  'f64x2.mul': [f64x2.mul, onF64((x, y) => x * y)],
  'f64x2.div': [f64x2.div, onF64((x, y) => x / y)],
  'f64x2.neg': [(a) => f64x2.neg(a), onF64((x) => -x)],
  'f64x2.abs': [(a) => f64x2.abs(a), onF64(Math.abs)],
  'f64x2.nearest': [(a) => f64x2.nearest(f64x2.mul(a, a)), onF64((x) => Math.round(x * x))],
  'f64x2.eq': [f64x2.eq, (a, b) => compareF64(a, b, (x, y) => x === y)],
  'f64x2.ne': [f64x2.ne, (a, b) => compareF64(a, b, (x, y) => x !== y)],
  'f64x2.lt': [f64x2.lt, (a, b) => compareF64(a, b, (x, y) => x < y)],
  'f64x2.gt': [f64x2.gt, (a, b) => compareF64(a, b, (x, y) => x > y)],
  // Exact in a double, so fused or not: fusedness itself is chooseForm's to find out.
  'f64x2.relaxedMadd': [(a, b) => f64x2.relaxedMadd(a, b, b), onF64((x, y) => x * y + y)],
  'f64x2.relaxedNmadd': [(a, b) => f64x2.relaxedNmadd(a, b, b), onF64((x, y) => y - x * y)],
};

/** Operations on small floats. */
const FLOAT_CASES: Record<string, Case> = {
  'f32x4.add': [f32x4.add, onF32((x, y) => x + y)],
  'f32x4.sub': [f32x4.sub, onF32((x, y) => x - y)],
  'f32x4.mul': [f32x4.mul, onF32((x, y) => x * y)],
  'i32x4.truncSatF32x4S': [
    (a) => i32x4.truncSatF32x4S(f32x4.mul(a, f32x4.splat(0.5))),
    (a) => of32(f32Lanes(a).map((x) => Math.trunc(x / 2))),
  ],
};

function xorConstant(a: Bytes): Bytes {
  const [x, y] = u64Lanes(a);
  return of64([(x ?? 0n) ^ 0x0123_4567_89ab_cdefn, (y ?? 0n) ^ ((1n << 64n) - 2n)]);
}

function compareF64(a: Bytes, b: Bytes, test: (x: number, y: number) => boolean): Bytes {
  return of64(f64Lanes(a).map((x, i) => all64(test(x, f64Lanes(b)[i] ?? 0))));
}

const anyBytes = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc
    .array(fc.constantFrom(0n, -1n, 1n, 1n << 31n, 1n << 63n, (1n << 63n) - 1n), {
      minLength: 2,
      maxLength: 2,
    })
    .map(of64),
);
const smallDoubles = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 2 })
  .map(ofF64);
const smallFloats = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 4 })
  .map(ofF32);

describe.each([
  { kind: 'integer', cases: INTEGER_CASES, operand: anyBytes },
  { kind: 'double', cases: DOUBLE_CASES, operand: smallDoubles },
  { kind: 'float', cases: FLOAT_CASES, operand: smallFloats },
])('$kind vector instructions', ({ cases, operand }) => {
  const { memory, call } = instantiate((module) =>
    Object.fromEntries(
      Object.entries(cases).map(([name, [emit]]) => [
        name,
        module.define(name, ['i32'], 'void', (f, at) => {
          const [a, b] = [f.let(load.v128(at)), f.let(load.v128(at, 16))];
          f.emit(store.v128(at, 32, emit(a, b)));
        }),
      ]),
    ),
  );
  const bytes = new Uint8Array(memory.buffer);

  it.each(Object.keys(cases))('%s', (name) => {
    fc.assert(
      fc.property(operand, operand, fc.boolean(), (a, other, same) => {
        const b = same ? a : other;
        bytes.set(a, 0);
        bytes.set(b, 16);
        call(name, 0);
        const reference = cases[name]?.[1](a, b) ?? new Uint8Array();
        expect(bytes.slice(32, 48)).toEqual(new Uint8Array(reference));
      }),
      { numRuns: fuzzRuns(50) },
    );
  });
});

describe('lanes and tests', () => {
  it('leaves no instruction untried', () => {
    const tried = new Set([
      ...Object.keys(INTEGER_CASES),
      ...Object.keys(DOUBLE_CASES),
      ...Object.keys(FLOAT_CASES),
    ]);
    // What this block tries, and the splat that a float case uses.
    const here = /splat|extractLane|replaceLane|anyTrue|allTrue|bitmask/;
    const all = Object.entries({ v128, i32x4, i64x2, f32x4, f64x2 }).flatMap(([type, ops]) =>
      Object.keys(ops).map((name) => `${type}.${name}`),
    );
    expect(all.filter((name) => !tried.has(name) && !here.test(name))).toEqual([]);
  });

  it('splats, extracts and replaces every lane', () => {
    const { memory, call } = instantiate((module) => ({
      run: module.define('run', ['i32', 'i64', 'f64'], 'void', (f, x, y, z) => {
        const at = i32.const(0);
        const a = f.let(i32x4.splat(x));
        for (let i = 0; i < 4; i++) f.set(a, i32x4.replaceLane(a, i, i32.add(x, i32.const(i))));
        f.emit(store.v128(at, 0, a));
        f.emit(store.i32(at, 16, i32x4.extractLane(a, 3)));
        const b = f.let(i64x2.replaceLane(i64x2.splat(y), 1, i64.add(y, i64.const(1))));
        f.emit(store.v128(at, 32, b));
        f.emit(store.i64(at, 48, i64x2.extractLane(b, 1)));
        const c = f.let(f64x2.replaceLane(f64x2.splat(z), 0, f64.add(z, f64.const(1))));
        f.emit(store.v128(at, 64, c));
        f.emit(store.f64(at, 80, f64x2.extractLane(c, 1)));
      }),
    }));
    call('run', 7, 1n << 40n, 2.5);
    const data = new DataView(memory.buffer);
    expect([0, 4, 8, 12, 16].map((at) => data.getInt32(at, true))).toEqual([7, 8, 9, 10, 10]);
    expect([32, 40, 48].map((at) => data.getBigInt64(at, true) - (1n << 40n))).toEqual([0n, 1n, 1n]);
    expect([64, 72, 80].map((at) => data.getFloat64(at, true))).toEqual([3.5, 2.5, 2.5]);
  });

  it('tests and takes bit masks', () => {
    const tests = {
      anyTrue: v128.anyTrue,
      allTrue32: i32x4.allTrue,
      allTrue64: i64x2.allTrue,
      bitmask32: i32x4.bitmask,
      bitmask64: i64x2.bitmask,
    };
    const { memory, call } = instantiate((module) =>
      Object.fromEntries(
        Object.entries(tests).map(([name, emit]) => [
          name,
          module.define(name, [], 'i32', () => emit(load.v128(i32.const(0)))),
        ]),
      ),
    );
    for (let pattern = 0; pattern < 16; pattern++) {
      const lanes = [0, 1, 2, 3].map((i) => (pattern >> i) & 1);
      new Int32Array(memory.buffer).set(lanes.map((bit) => -bit));
      expect(call('anyTrue')).toBe(pattern ? 1 : 0);
      expect(call('allTrue32')).toBe(pattern === 15 ? 1 : 0);
      expect(call('allTrue64')).toBe(pattern & 3 && pattern & 12 ? 1 : 0);
      expect(call('bitmask32')).toBe(pattern);
      expect(call('bitmask64')).toBe(((pattern >> 1) & 1) | ((pattern >> 2) & 2));
    }
  });
});
