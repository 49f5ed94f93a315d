import { afterEach, describe, expect, it, vi } from 'vitest';
import { LengthMismatchError, OptionError } from '../../../src/errors.ts';
import { createPool, type PoolOptions, type WasmPool } from '../../../src/wasm/pool/index.ts';
import { kernels } from './kernels.ts';
import { recordingFactory } from './workers.ts';

const pools: WasmPool[] = [];

async function poolWith(options: Partial<PoolOptions> = {}): Promise<WasmPool> {
  const pool = await createPool({ module: kernels(), ...options });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  vi.unstubAllGlobals();
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const shapes: [string, Partial<PoolOptions>, number][] = [
  ...[1, 2, 3, 5].flatMap((threads): [string, Partial<PoolOptions>, number][] => [
    [`${threads} threads with the calling one`, { threads, mainThread: true }, threads],
    [`${threads} workers`, { threads, mainThread: false }, threads],
  ]),
];

describe.each(shapes)('%s', (_, options, threads) => {
  it('run each task once and return each result', async () => {
    const pool = await poolWith(options);
    expect(pool.threads).toBe(threads);
    expect(pool.fallbackReason).toBeUndefined();
    for (const count of [1, 2, threads, 7, 1000]) {
      const results = await pool.run(
        'square',
        range(count).map((i) => [i - 3]),
      );
      expect(results).toEqual(Int32Array.from(range(count), (i) => (i - 3) ** 2));
    }
    const at = pool.memory.alloc(4 * 1000);
    const written = await pool.run(
      'poke',
      range(1000).map((i) => Int32Array.of(at + 4 * i, 5 * i)),
    );
    expect(written).toEqual(new Int32Array(1000));
    expect(pool.memory.words().slice(at / 4, at / 4 + 1000)).toEqual(
      Int32Array.from(range(1000), (i) => 5 * i),
    );
    expect([...(await pool.run('answer', [[], [], []]))]).toEqual([42, 42, 42]);
  });

  it('run jobs in order, one at a time', async () => {
    const pool = await poolWith(options);
    const at = pool.memory.alloc(4);
    const ended: number[] = [];
    const values = await Promise.all(
      range(30).map(async (i) => {
        if (i % 2 === 1) {
          const [value] = await pool.run('peek', [[at]]);
          ended.push(i);
          return value;
        }
        await pool.run('poke', [[at, i]]);
        ended.push(i);
        return i;
      }),
    );
    expect(ended).toEqual(range(30));
    expect(values).toEqual(range(30).map((i) => i - (i % 2)));
  });
});

describe('a pool', () => {
  it('spreads the tasks of a job over all threads and no others', async () => {
    const pool = await poolWith({ threads: 3, mainThread: false, stackBytes: 8192, staticBytes: 1024 });
    // Each thread tells its own stack pointer; slow tasks before them give all of them a share.
    const tops = new Set<number>();
    for (let round = 0; round < 50 && tops.size < 3; round++) {
      const results = pool.run('spin', new Array(6).fill([1_000_000]));
      const answers = await pool.run('stack_top', new Array(300).fill([64]));
      for (const top of answers) tops.add(top);
      await results;
    }
    // The calling thread has the first stack, the workers those above it.
    expect([...tops].sort((a, b) => a - b)).toEqual([2, 3, 4].map((nth) => 1024 + nth * 8192));
    expect(pool.call('stack_top', 64)).toBe(1024 + 8192);
  });

  it('calls init with the top of each stack', async () => {
    const pool = await poolWith({ module: kernels({ init: true }), threads: 2, mainThread: false });
    const call = pool.call('init_argument');
    expect(call % 64).toBe(0);
    expect(call).toBe(pool.call('stack_top', 16));
    const [top] = await pool.run('init_argument', [[]]);
    expect([1, 2]).toContain(((top ?? 0) - call) / 65536);
  });

  it('reports progress that grows to 1', async () => {
    for (const mainThread of [true, false]) {
      const pool = await poolWith({ threads: 2, mainThread });
      const seen: number[] = [];
      await pool.run('spin', new Array(40).fill([8_000_000]), { onProgress: (share) => seen.push(share) });
      expect(seen.length).toBeGreaterThan(1);
      expect(seen.at(-1)).toBe(1);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen[0]).toBeLessThan(1);
    }
  });

  it.each([true, false])(
    'lets the event loop turn during a job (calling thread takes part: %s)',
    async (mainThread) => {
      const pool = await poolWith({ threads: 2, mainThread });
      let turns = 0;
      const ticking = setInterval(() => turns++, 1);
      await pool.run('spin', new Array(300).fill([3_000_000]));
      clearInterval(ticking);
      // 300 tasks of about a millisecond on two threads, in holds of 8 ms.
      expect(turns).toBeGreaterThan(5);
    },
  );

  it('runs an empty job', async () => {
    const pool = await poolWith({ threads: 2 });
    expect(await pool.run('square', [])).toEqual(new Int32Array(0));
  });

  it('refuses names and arguments that do not fit, and goes on', async () => {
    const pool = await poolWith({ threads: 2 });
    await expect(pool.run('cube', [[1]])).rejects.toThrow(OptionError);
    await expect(pool.run('memory', [])).rejects.toThrow(OptionError);
    await expect(pool.run('square', [[1], [1, 2]])).rejects.toThrow(LengthMismatchError);
    await expect(pool.run('poke', [[1]])).rejects.toThrow(LengthMismatchError);
    expect(() => pool.call('square')).toThrow(LengthMismatchError);
    expect(() => pool.call('cube', 1)).toThrow(OptionError);
    expect(pool.call('square', 9)).toBe(81);
    expect([...(await pool.run('square', [[6]]))]).toEqual([36]);
    expect(pool.memory.stats().pieces).toBe(0);
  });

  it.each([
    [{ threads: 0 }],
    [{ threads: 1.5 }],
    [{ threads: 257 }],
    [{ stackBytes: 100 }],
    [{ memory: { maximumBytes: 2 ** 33 } }],
    [{ memory: { initialBytes: -70_000 } }],
    [{ memory: { keepBytes: -1 } }],
    [{ memory: { idleMs: Number.NaN } }],
    [{ module: Uint8Array.of(1, 2, 3) }],
    [{ module: kernels().subarray(0, 200) }],
    [{ module: new WebAssembly.Module(kernels()) }],
  ])('is not created with %o', async (options) => {
    await expect(poolWith(options)).rejects.toThrow(OptionError);
  });

  it('takes a compiled module, shared or not', async () => {
    const shared = new WebAssembly.Module(kernels({ shared: true }));
    const unshared = new WebAssembly.Module(kernels({ shared: false }));
    const many = await poolWith({ module: shared, staticBytes: 1024, threads: 2, mainThread: false });
    expect(many.threads).toBe(2);
    const single = await poolWith({ module: unshared, staticBytes: 1024, threads: 2, mainThread: false });
    expect(single.threads).toBe(1);
    expect(single.fallbackReason).toMatch(/unshared/);
    const alone = await poolWith({ module: shared, staticBytes: 1024, threads: 1, mainThread: true });
    expect(alone.fallbackReason).toBeUndefined();
    for (const pool of [many, single, alone]) {
      expect([...(await pool.run('square', [[6], [7]]))]).toEqual([36, 49]);
    }
  });
});

describe('where threads are not to be had, the calling thread does everything', () => {
  async function expectToWork(pool: WasmPool, reason: RegExp): Promise<void> {
    expect(pool.threads).toBe(1);
    expect(pool.fallbackReason).toMatch(reason);
    expect([
      ...(await pool.run(
        'square',
        range(100).map((i) => [i]),
      )),
    ]).toEqual(range(100).map((i) => i * i));
    const at = pool.memory.alloc(20 << 20);
    await pool.run('poke', [[at + (20 << 20) - 4, 8]]);
    expect(pool.memory.words()[at / 4 + (5 << 20) - 1]).toBe(8);
  }

  it.each([true, false])('without SharedArrayBuffer (module declares shared memory: %s)', async (shared) => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const pool = await poolWith({ module: kernels({ shared }), threads: 5, mainThread: false });
    await expectToWork(pool, /SharedArrayBuffer/);
    expect(Object.prototype.toString.call(pool.memory.words().buffer)).toBe('[object ArrayBuffer]');
  });

  it('on a page that is not cross-origin isolated', async () => {
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
    vi.stubGlobal('crossOriginIsolated', false);
    await expectToWork(await poolWith({ threads: 3 }), /cross-origin isolated/);
  });

  it('where workers are forbidden', async () => {
    const createWorker = (): never => {
      throw new Error('refused by policy');
    };
    await expectToWork(await poolWith({ threads: 3, createWorker }), /refused by policy/);
  });

  it('where workers end before they are ready', async () => {
    const { createWorker } = recordingFactory('process.exit(5)');
    await expectToWork(await poolWith({ threads: 3, mainThread: false, createWorker }), /exited with code 5/);
  });

  it('where a worker cannot instantiate the module', async () => {
    const prelude = 'WebAssembly.Instance = function () { throw new RangeError("no memory left"); }';
    const { createWorker } = recordingFactory(prelude);
    await expectToWork(await poolWith({ threads: 2, createWorker }), /RangeError: no memory left/);
  });
});

it('does 10^4 small jobs in a row, of changing sizes, and by many callers', async () => {
  for (const options of [
    { threads: 2, mainThread: true },
    { threads: 3, mainThread: false },
  ]) {
    const pool = await poolWith(options);
    let next = 0;
    const caller = async (): Promise<void> => {
      while (next < 10_000) {
        const job = next++;
        const count = 1 + (job % 5);
        const results = await pool.run(
          'square',
          range(count).map((i) => [job + i]),
        );
        const expected = range(count).map((i) => Math.imul(job + i, job + i));
        if (results.join() !== expected.join()) {
          throw new Error(`Job ${job}: expected ${expected}, got ${results.join()}.`);
        }
      }
    };
    await Promise.all(range(7).map(caller));
    next = 0;
    await caller();
    expect(pool.memory.stats().pieces).toBe(0);
  }
});
