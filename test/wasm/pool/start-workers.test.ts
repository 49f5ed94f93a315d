import { afterEach, describe, expect, it } from 'vitest';
import { createPool, type PoolOptions, type WasmPool } from '../../../src/wasm/pool/index.ts';
import { kernels } from './kernels.ts';
import { recordingFactory } from './workers.ts';

const pools: WasmPool[] = [];

async function poolWith(options: Partial<PoolOptions>): Promise<WasmPool> {
  const pool = await createPool({ module: kernels(), startWorkers: 'needed', ...options });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

const TASKS = Array.from({ length: 50 }, (_, i) => [i]);
const SQUARES = Int32Array.from(TASKS, ([i]) => (i ?? 0) ** 2);

describe('workers that start when needed', () => {
  it('are not started by the pool, nor by jobs of one task, but by the first that they can share', async () => {
    const { createWorker, workers } = recordingFactory();
    const pool = await poolWith({ threads: 3, mainThread: true, createWorker });
    expect(pool.threads).toBe(3);
    expect(await pool.run('square', [[7]])).toEqual(Int32Array.of(49));
    expect(workers).toHaveLength(0);
    for (let round = 0; round < 3; round++) expect(await pool.run('square', TASKS)).toEqual(SQUARES);
    expect(workers).toHaveLength(2);
    expect(pool.fallbackReason).toBeUndefined();
    expect(pool.memory.stats().pieces).toBe(0);
  });

  it('start when they are woken, once', async () => {
    const { createWorker, workers } = recordingFactory();
    const pool = await poolWith({ threads: 3, mainThread: true, createWorker });
    pool.wake();
    pool.wake();
    expect(workers).toHaveLength(2);
    expect(await pool.run('square', TASKS)).toEqual(SQUARES);
    expect(workers).toHaveLength(2);
    await pool.dispose();
    pool.wake();
    expect(workers).toHaveLength(2);
  });

  it('may fail to wake: then the first job that they could share goes without', async () => {
    const createWorker = (): never => {
      throw new Error('no workers here');
    };
    const pool = await poolWith({ threads: 3, mainThread: true, createWorker });
    pool.wake();
    expect(await pool.run('square', TASKS)).toEqual(SQUARES);
    expect(pool.fallbackReason).toMatch(/no workers here/);
  });

  it('are done without where none can be started', async () => {
    let tries = 0;
    const createWorker = (): never => {
      tries++;
      throw new Error('no workers here');
    };
    const pool = await poolWith({ threads: 3, mainThread: true, createWorker });
    for (let round = 0; round < 3; round++) expect(await pool.run('square', TASKS)).toEqual(SQUARES);
    expect(tries).toBe(2);
    expect(pool.threads).toBe(1);
    expect(pool.fallbackReason).toMatch(/no workers here/);
  });

  it('start with the pool where the calling thread takes no tasks', async () => {
    const { createWorker, workers } = recordingFactory();
    const pool = await poolWith({ threads: 2, mainThread: false, createWorker });
    expect(workers).toHaveLength(2);
    expect(await pool.run('square', TASKS)).toEqual(SQUARES);
  });

  it('may be disposed of before they are ready', async () => {
    const pool = await poolWith({ threads: 4, mainThread: true });
    const job = pool.run('square', TASKS);
    expect(await job).toEqual(SQUARES);
    await pool.dispose();
  });
});
