import { describe, expect, it } from 'vitest';
import {
  atomic,
  type FunctionBuilder,
  i32,
  i64,
  type Local,
  load,
  loadLane,
  memoryCopy,
  memoryFill,
  Ptr,
  store,
  storeLane,
} from '../../../src/wasm/emit/index.ts';
import { instantiate } from './instantiate.ts';

/** Runs `body(base)` with base = 256 over memory that counts 0, 1, 2, …; returns memory as it is afterwards. */
function over(body: (f: FunctionBuilder, base: Local<'i32'>) => void): DataView {
  const { memory, call } = instantiate((module) => ({
    run: module.define('run', ['i32'], 'void', (f, base) => body(f, base)),
  }));
  const bytes = new Uint8Array(memory.buffer, 0, 1024);
  for (let i = 0; i < 1024; i++) bytes[i] = i & 255;
  call('run', 256);
  return new DataView(memory.buffer);
}

describe('loads and stores', () => {
  it('has every width, with offsets on either side of the base', () => {
    const data = over((f, base) => {
      const results = new Ptr(base, 128);
      f.emit(store.i32(results, 0, load.i32(base, 4)));
      f.emit(store.i32(results, 4, load.i32From8U(base, -1)));
      f.emit(store.i32(results, 8, load.i32From16U(new Ptr(base, -6), 2)));
      f.emit(store.i64(results, 16, load.i64(base, 8)));
      f.emit(store.i64(results, 24, load.i64From32S(base, 0xfc - 256)));
      f.emit(store.i64(results, 32, load.i64From32U(base, 0xfc - 256)));
      f.emit(store.f64(results, 40, load.f64(base, 16)));
      f.emit(store.i32To8(results, 48, i32.const(0x1234)));
      f.emit(store.i32To16(results, 50, i32.const(0x12345)));
      f.emit(store.i64To32(results, 52, i64.const(0x1_2345_6789n)));
      f.emit(store.v128(results.plus(16), 48, load.v128(base, 16)));
    });
    const at = 256 + 128;
    expect(data.getUint32(at, true)).toBe(0x07060504);
    expect(data.getUint32(at + 4, true)).toBe(0xff);
    expect(data.getUint32(at + 8, true)).toBe(0xfdfc);
    expect(data.getBigUint64(at + 16, true)).toBe(0x0f0e0d0c0b0a0908n);
    expect(data.getBigInt64(at + 24, true)).toBe(BigInt.asIntN(32, 0xfffefdfcn));
    expect(data.getBigInt64(at + 32, true)).toBe(0xfffefdfcn);
    expect(data.getBigUint64(at + 40, true)).toBe(0x1716151413121110n);
    expect([48, 49, 50, 51].map((i) => data.getUint8(at + i))).toEqual([0x34, 49 + 128, 0x45, 0x23]);
    expect(data.getUint32(at + 52, true)).toBe(0x23456789);
    expect(data.getBigUint64(at + 64, true)).toBe(0x1716151413121110n);
    expect(data.getBigUint64(at + 72, true)).toBe(0x1f1e1d1c1b1a1918n);
  });

  it('loads and stores single lanes', () => {
    const data = over((f, base) => {
      const vector = f.let(load.v128From64Zero(base, 8));
      f.set(vector, loadLane(64, base, 24, vector, 1));
      f.emit(store.v128(base, 128, vector));
      f.set(vector, loadLane(32, base, 0, vector, 2));
      f.emit(store.v128(base, 144, vector));
      f.emit(storeLane(32, base, 160, vector, 2));
      f.emit(storeLane(64, base, 168, vector, 0));
      f.emit(store.v128(base, 176, load.v128From64Splat(base, 8)));
      f.emit(store.v128(base, 192, load.v128From32Splat(base, 8)));
    });
    const words = (at: number): bigint[] => [data.getBigUint64(at, true), data.getBigUint64(at + 8, true)];
    expect(words(256 + 128)).toEqual([0x0f0e0d0c0b0a0908n, 0x1f1e1d1c1b1a1918n]);
    expect(words(256 + 144)).toEqual([0x0f0e0d0c0b0a0908n, 0x1f1e1d1c03020100n]);
    expect(data.getUint32(256 + 160, true)).toBe(0x03020100);
    expect(data.getBigUint64(256 + 168, true)).toBe(0x0f0e0d0c0b0a0908n);
    expect(words(256 + 176)).toEqual([0x0f0e0d0c0b0a0908n, 0x0f0e0d0c0b0a0908n]);
    expect(words(256 + 192)).toEqual([0x0b0a09080b0a0908n, 0x0b0a09080b0a0908n]);
  });

  it('copies and fills', () => {
    const data = over((f, base) => {
      f.emit(memoryCopy(new Ptr(base, 128).address, new Ptr(base, -16).address, i32.const(20)));
      f.emit(memoryFill(new Ptr(base, 160).address, i32.const(0x1ee), i32.const(3)));
    });
    const byte = (i: number): number => data.getUint8(256 + i);
    expect([128, 147, 148].map(byte)).toEqual([240, 3, 148]);
    expect([159, 160, 162, 163].map(byte)).toEqual([159, 0xee, 0xee, 163]);
  });

  it('has atomics on shared memory', () => {
    const { memory, call } = instantiate(
      (module) => ({
        add: module.define('add', ['i32', 'i32'], 'i32', (_f, at, by) => atomic.add32(at, 4, by)),
        load: module.define('load', ['i32'], 'i32', (_f, at) => atomic.load32(at, 4)),
        store: module.define('store', ['i32', 'i32'], 'void', (f, at, x) => f.emit(atomic.store32(at, 4, x))),
      }),
      { shared: true, maxPages: 2 },
    );
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    call('store', 64, 40);
    expect(call('add', 64, 2)).toBe(40);
    expect(call('load', 64)).toBe(42);
    expect(new Int32Array(memory.buffer)[17]).toBe(42);
  });

  it('makes no address of its own for offset 0', () => {
    const base = i32.const(5);
    expect(new Ptr(base).address).toBe(base);
    expect(new Ptr(base, 3).plus(0).offset).toBe(3);
  });
});
