import { afterEach, describe, expect, it } from 'vitest';
import { AbortedError, DisposedError } from '../../../src/errors.ts';
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
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const shapes = [
  { threads: 1, mainThread: true },
  { threads: 1, mainThread: false },
  { threads: 2, mainThread: true },
  { threads: 3, mainThread: false },
];

describe.each(shapes)('with $threads threads, calling one included: $mainThread', (options) => {
  it('an abort in mid-job stops it, and no task runs on', async () => {
    const pool = await poolWith(options);
    const at = pool.memory.alloc(4 * 20_000);
    pool.memory.view(at, 4 * 20_000).fill(0);
    const controller = new AbortController();
    const reason = new Error('enough');
    let done = 0;
    const tasks = Array.from({ length: 20_000 }, () => [400_000]);
    const started = performance.now();
    const job = pool.run('spin', tasks, { signal: controller.signal, onProgress: (share) => (done = share) });
    setTimeout(() => controller.abort(reason), 80);
    const error = await job.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(AbortedError);
    expect((error as AbortedError).cause).toBe(reason);
    // All of it would take several seconds.
    expect(performance.now() - started).toBeLessThan(2000);
    expect(done).toBeLessThan(1);
    expect(pool.memory.stats().pieces).toBe(1);
    // The next job is served by all threads, at once and rightly.
    expect([...(await pool.run('square', [[1], [2], [3], [4]]))]).toEqual([1, 4, 9, 16]);
    pool.memory.free(at);
  });

  it('an abort before the job, or while it waits for its turn, lets nothing run', async () => {
    const pool = await poolWith(options);
    const at = pool.memory.alloc(4);
    await pool.run('poke', [[at, 1]]);
    const early = pool.run('poke', [[at, 2]], { signal: AbortSignal.abort() });
    await expect(early).rejects.toThrow(AbortedError);
    await expect(pool.run('poke', [], { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    const controller = new AbortController();
    const first = pool.run('spin', new Array(20).fill([5_000_000]));
    const waiting = pool.run('poke', [[at, 3]], { signal: controller.signal });
    const last = pool.run('peek', [[at]]);
    controller.abort();
    await expect(waiting).rejects.toThrow(AbortedError);
    await first;
    expect([...(await last)]).toEqual([1]);
    pool.memory.free(at);
  });

  it('an abort after the job does nothing', async () => {
    const pool = await poolWith(options);
    const controller = new AbortController();
    expect([...(await pool.run('square', [[3]], { signal: controller.signal }))]).toEqual([9]);
    controller.abort();
    expect([...(await pool.run('square', [[4]]))]).toEqual([16]);
  });

  it('aborts at random times leave every other job right', async () => {
    const pool = await poolWith(options);
    let aborted = 0;
    for (let round = 0; round < 25; round++) {
      const controller = new AbortController();
      const job = pool.run('spin', new Array(40).fill([4_000_000]), { signal: controller.signal });
      const other = pool.run('square', [[round], [round + 1], [round + 2]]);
      setTimeout(() => controller.abort(), (3 * round) % 20);
      await job.catch((error: unknown) => {
        expect(error).toBeInstanceOf(AbortedError);
        aborted++;
      });
      expect([...(await other)]).toEqual([round ** 2, (round + 1) ** 2, (round + 2) ** 2]);
    }
    expect(aborted).toBeGreaterThan(0);
    expect(pool.memory.stats().pieces).toBe(0);
  });

  it('dispose ends running and waiting jobs, and every use is refused', async () => {
    const pool = await poolWith(options);
    const jobs = ['spin', 'square', 'peek'].map((name) => pool.run(name, new Array(2000).fill([1_000_000])));
    const outcomes = jobs.map((job) => job.catch((error: unknown) => error));
    await pause(30);
    const disposing = pool.dispose();
    for (const outcome of outcomes) expect(await outcome).toBeInstanceOf(DisposedError);
    await disposing;
    await pool.dispose();
    await expect(pool.run('square', [[1]])).rejects.toThrow(DisposedError);
    await expect(pool.reset()).rejects.toThrow(DisposedError);
    expect(() => pool.call('square', 1)).toThrow(DisposedError);
  });
});

it('dispose ends a task that never does', async () => {
  const { createWorker, workers } = recordingFactory();
  const pool = await poolWith({ threads: 2, mainThread: false, createWorker });
  const job = pool.run('spin_for_ever', [[], []]).catch((error: unknown) => error);
  await pause(30);
  await pool.dispose();
  expect(await job).toBeInstanceOf(DisposedError);
  expect(workers.map((worker) => worker.threadId)).toEqual([-1, -1]);
});

it('an abort of the creation ends the workers it started', async () => {
  await expect(poolWith({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  const { createWorker, workers } = recordingFactory(
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  );
  const controller = new AbortController();
  const creation = poolWith({ threads: 2, mainThread: false, createWorker, signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  await expect(creation).rejects.toThrow(AbortedError);
  expect(workers.map((worker) => worker.threadId)).toEqual([-1, -1]);
});
