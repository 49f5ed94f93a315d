import { afterEach, describe, expect, it } from 'vitest';
import { DisposedError, InternalError, MemoryLimitError, OptionError } from '../../../src/errors.ts';
import { createPool, type PoolOptions, type WasmPool } from '../../../src/wasm/pool/index.ts';
import { createLinearMemory } from '../../../src/wasm/pool/linear-memory.ts';
import { kernels } from './kernels.ts';

const MIB = 1 << 20;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const pools: WasmPool[] = [];

async function poolWith(options: Partial<PoolOptions> = {}): Promise<WasmPool> {
  const pool = await createPool({ module: kernels(), threads: 2, ...options });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

describe.each([
  ['shared', { threads: 3, mainThread: false }],
  ['unshared', { threads: 1, mainThread: true }],
])('%s linear memory', (_, options) => {
  it('grows, keeps its content, and every thread sees the growth', async () => {
    const pool = await poolWith({ ...options, memory: { initialBytes: MIB, maximumBytes: 256 * MIB } });
    const before = pool.memory.stats();
    expect(before.currentBytes).toBe(MIB);
    const low = pool.memory.alloc(64);
    pool.memory.write(low, Uint8Array.of(1, 2, 3, 4));
    // The threads have looked at the memory while it was small.
    await pool.run('peek', new Array(12).fill([low]));
    const high = pool.memory.alloc(100 * MIB);
    expect(pool.memory.stats().currentBytes).toBeGreaterThan(100 * MIB);
    expect(pool.memory.copyOut(low, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    const places = Array.from({ length: 40 }, (_, i) => high + i * 2.5 * MIB);
    await pool.run(
      'poke',
      places.map((place, i) => [place, i + 1]),
    );
    const words = pool.memory.words();
    expect(places.map((place) => words[place / 4])).toEqual(places.map((_, i) => i + 1));
    expect([
      ...(await pool.run(
        'peek',
        places.map((place) => [place]),
      )),
    ]).toEqual(places.map((_, i) => i + 1));
  });

  it('throws MemoryLimitError past its maximum, for a piece and for the arguments of a job', async () => {
    const pool = await poolWith({ ...options, memory: { initialBytes: MIB, maximumBytes: 2 * MIB } });
    const { availableBytes } = pool.memory.stats();
    expect(() => pool.memory.alloc(availableBytes + 1)).toThrow(MemoryLimitError);
    const all = pool.memory.alloc(availableBytes);
    await expect(pool.run('square', [[1]])).rejects.toThrow(MemoryLimitError);
    pool.memory.free(all);
    expect([...(await pool.run('square', [[5]]))]).toEqual([25]);
  });

  it('gives back what a job held', async () => {
    const pool = await poolWith(options);
    await pool.run('square', new Array(100_000).fill([3]));
    const grown = pool.memory.stats();
    expect(grown.usedBytes).toBe(0);
    for (let i = 0; i < 20; i++) await pool.run('square', new Array(100_000).fill([3]));
    expect(pool.memory.stats()).toEqual(grown);
  });

  it('frees an arena after a result and after an error', async () => {
    const pool = await poolWith(options);
    const sum = await pool.memory.withArena(async (arena) => {
      const at = arena.copyIn(Uint8Array.of(7, 0, 0, 0));
      const more = arena.alloc(1000);
      expect(pool.memory.stats().pieces).toBe(2);
      await pool.run('poke', [[more, 35]]);
      const [a, b] = await pool.run('peek', [[at], [more]]);
      return (a ?? 0) + (b ?? 0);
    });
    expect(sum).toBe(42);
    expect(pool.memory.stats().pieces).toBe(0);
    const failing = pool.memory.withArena((arena) => {
      arena.alloc(10);
      throw new RangeError('mine');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(pool.memory.stats().pieces).toBe(0);
  });

  it('is replaced by reset, once nothing is allocated', async () => {
    const pool = await poolWith({ ...options, module: kernels({ initShared: true }), staticBytes: 4096 });
    const address = pool.memory.alloc(50 * MIB);
    expect(await pool.reset()).toBe(false);
    expect(pool.memory.stats().currentBytes).toBeGreaterThan(50 * MIB);
    pool.memory.free(address);
    expect(await pool.reset()).toBe(true);
    expect(pool.memory.stats().currentBytes).toBe(MIB);
    expect([...(await pool.run('square', [[2], [3], [4]]))]).toEqual([4, 9, 16]);
    // init_shared, which adds 1 to this word, ran on the new memory, and once.
    expect([...(await pool.run('peek', new Array(8).fill([1024])))]).toEqual(new Array(8).fill(1));
  });

  it('is given back when it is large and nothing was allocated for a while', async () => {
    const pool = await poolWith({ ...options, memory: { keepBytes: 8 * MIB, idleMs: 60 } });
    const size = (): number => pool.memory.stats().currentBytes;
    pool.memory.free(pool.memory.alloc(6 * MIB));
    await pause(200);
    expect(size()).toBeGreaterThan(6 * MIB);
    for (let round = 0; round < 2; round++) {
      const held = pool.memory.alloc(1);
      pool.memory.free(pool.memory.alloc(30 * MIB));
      await pool.run('poke', [[held, 5]]);
      await pause(200);
      expect(pool.call('peek', held)).toBe(5);
      expect(size()).toBeGreaterThan(30 * MIB);
      pool.memory.free(held);
      // Whoever goes on at once is not made to wait.
      await pool.run('square', [[2], [3]]);
      expect(size()).toBeGreaterThan(30 * MIB);
      await expect.poll(size).toBe(MIB);
      expect([...(await pool.run('square', [[2], [3], [4]]))]).toEqual([4, 9, 16]);
    }
  });

  it('is kept when the engine grants less than before', async () => {
    const pool = await poolWith(options);
    pool.memory.free(pool.memory.alloc(20 * MIB));
    const { currentBytes } = pool.memory.stats();
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if ((descriptor.maximum ?? 0) > 40_000) throw new RangeError('could not allocate memory');
        super(descriptor);
      }
    };
    try {
      expect(await pool.reset()).toBe(false);
    } finally {
      WebAssembly.Memory = Memory;
    }
    expect(pool.memory.stats().currentBytes).toBe(currentBytes);
    expect([...(await pool.run('square', [[2], [3], [4]]))]).toEqual([4, 9, 16]);
  });

  it('is gone after dispose', async () => {
    const pool = await poolWith(options);
    const arena = pool.memory.createArena();
    arena.alloc(100);
    await pool.dispose();
    expect(() => pool.memory.alloc(1)).toThrow(DisposedError);
    expect(() => pool.memory.view(0, 1)).toThrow(DisposedError);
    expect(() => pool.memory.stats()).toThrow(DisposedError);
    arena.free();
  });
});

it('has room for data, stacks and module below the heap', async () => {
  const module = kernels({ dataAt: 200_000, initShared: true, minimumPages: 7 });
  const pool = await poolWith({ module, staticBytes: 100_000, stackBytes: 4096, threads: 3 });
  expect(pool.memory.alloc(1)).toBeGreaterThanOrEqual(200_008 + 3 * 4096);
  expect(pool.memory.stats().currentBytes).toBe(MIB);
  expect(pool.memory.copyOut(200_000, 8)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  // init_shared ran once, not once a thread.
  expect(pool.call('peek', 1024)).toBe(1);
  expect([...(await pool.run('peek', new Array(20).fill([1024])))]).toEqual(new Array(20).fill(1));
});

it('erases what it is told to, and nothing beside it', async () => {
  const pool = await poolWith();
  const at = pool.memory.alloc(64);
  for (let length = 0; length <= 24; length++) {
    pool.memory.write(at, new Uint8Array(64).fill(255));
    pool.memory.erase(at + 8, length);
    const expected = new Uint8Array(64).fill(255).fill(0, 8, 8 + length);
    expect(pool.memory.copyOut(at, 64)).toEqual(expected);
  }
  await pool.dispose();
  pool.memory.erase(at, 8);
});

it('refuses views outside, and freeing twice', async () => {
  const pool = await poolWith();
  const { currentBytes } = pool.memory.stats();
  expect(pool.memory.view(currentBytes - 4, 4).length).toBe(4);
  expect(() => pool.memory.view(currentBytes - 4, 5)).toThrow(OptionError);
  expect(() => pool.memory.view(-1, 5)).toThrow(OptionError);
  expect(() => pool.memory.view(Number.NaN, 5)).toThrow(OptionError);
  const address = pool.memory.alloc(5);
  pool.memory.free(address);
  expect(() => pool.memory.free(address)).toThrow(InternalError);
});

it('passes addresses above 2 GiB to kernels', async () => {
  const pool = await poolWith();
  const { maximumBytes } = pool.memory.stats();
  expect(maximumBytes).toBe(2 ** 32);
  const address = pool.memory.alloc(3 * 2 ** 30);
  const last = address + 3 * 2 ** 30 - 4;
  await pool.run('poke', [
    [last, 1234],
    [last - 8, 99],
  ]);
  expect(pool.memory.words()[last / 4]).toBe(1234);
  expect([...(await pool.run('peek', [[last - 8], [last]]))]).toEqual([99, 1234]);
});

describe('createLinearMemory', () => {
  it('halves a maximum that the engine refuses', () => {
    const { Memory } = WebAssembly;
    const asked: (number | undefined)[] = [];
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        asked.push(descriptor.maximum);
        if ((descriptor.maximum ?? 0) > 10_000) throw new RangeError('could not allocate memory');
        super(descriptor);
      }
    };
    try {
      expect(createLinearMemory(16, 65536, true).maximumBytes).toBe(8192 * 65536);
      expect(asked).toEqual([65536, 32768, 16384, 8192]);
      expect(() => createLinearMemory(10_001, 65536, true)).toThrow(MemoryLimitError);
    } finally {
      WebAssembly.Memory = Memory;
    }
  });

  it('throws for an initial size above the maximum, and for sizes past 4 GiB', () => {
    expect(() => createLinearMemory(10, 9, false)).toThrow(MemoryLimitError);
    expect(() => createLinearMemory(10, 65537, false)).toThrow(OptionError);
  });
});
