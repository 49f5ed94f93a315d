import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InternalError, WorkerFailedError } from '../../../src/errors.ts';
import {
  type CreateWorker,
  createPool,
  type PoolOptions,
  type WasmPool,
  type WebWorkerLike,
} from '../../../src/wasm/pool/index.ts';
import { kernels } from './kernels.ts';
import { recordingFactory, replacingExport, webFactory } from './workers.ts';

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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The error that a promise rejects with, which must be a WorkerFailedError. */
async function failureOf(job: Promise<unknown>): Promise<WorkerFailedError> {
  const outcome = await job.then(
    () => 'no error',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(WorkerFailedError);
  return outcome as WorkerFailedError;
}

/** All threads of the pool work, and none of what the failed job held is left. */
async function expectRecovered(pool: WasmPool): Promise<void> {
  expect(pool.memory.stats().pieces).toBe(0);
  for (let round = 0; round < 3; round++) {
    const tasks = Array.from({ length: 50 }, (_, i) => [i]);
    expect(await pool.run('square', tasks)).toEqual(Int32Array.from(tasks, ([i]) => (i ?? 0) ** 2));
    await pause(40);
  }
}

describe('a trap', () => {
  it.each([
    [1, true],
    [1, false],
    [2, true],
    [2, false],
    [3, false],
  ])('with %i threads (calling one included: %s) fails its job and no other', async (threads, mainThread) => {
    const pool = await poolWith({ threads, mainThread });
    const tasks = Array.from({ length: 30 }, (_, i) => [i]);
    const jobs = [pool.run('trap_at_13', tasks), pool.run('trap_at_13', tasks.slice(0, 13))];
    const failure = await failureOf(jobs[0] as Promise<Int32Array>);
    expect(failure.code).toBe('WORKER_FAILED');
    expect(failure.context).toMatchObject({ reason: 'trap', task: 13 });
    expect(failure.message).toMatch(/unreachable.*task 13/);
    expect([...((await jobs[1]) as Int32Array)]).toEqual(Array.from({ length: 13 }, (_, i) => i));
    await expectRecovered(pool);
  });

  it('stops the hand-out of further tasks and waits for those that run', async () => {
    const pool = await poolWith({ threads: 2, mainThread: false });
    const at = pool.memory.alloc(4);
    await failureOf(
      pool.run('trap_at_13', [...new Array(3).fill([1]), [13], ...new Array(100_000).fill([2])]),
    );
    await pool.run('poke', [[at, 5]]);
    expect([...(await pool.run('peek', [[at]]))]).toEqual([5]);
    pool.memory.free(at);
    await expectRecovered(pool);
  });

  it('leaves no trace on the stack pointer', async () => {
    for (const mainThread of [true, false]) {
      const pool = await poolWith({ threads: 1, mainThread });
      const [before] = await pool.run('stack_top', [[64]]);
      await failureOf(pool.run('trap_on_stack', [[]]));
      expect([...(await pool.run('stack_top', [[64]]))]).toEqual([before]);
    }
  });

  it('in a direct call is typed too', async () => {
    const pool = await poolWith({ threads: 2 });
    expect(() => pool.call('trap_at_13', 13)).toThrow(WorkerFailedError);
    expect(() => pool.call('trap_on_stack')).toThrow(WorkerFailedError);
    expect(pool.call('trap_at_13', 12)).toBe(12);
    await expectRecovered(pool);
  });

  it('in every thread at once is one error', async () => {
    const pool = await poolWith({ threads: 5, mainThread: false });
    for (let round = 0; round < 3; round++) {
      await failureOf(pool.run('trap_at_13', new Array(20).fill([13])));
      await expectRecovered(pool);
    }
  });
});

describe('a worker', () => {
  it.each([true, false])(
    'terminated in a task fails the job (calling thread takes part: %s)',
    async (mainThread) => {
      const { createWorker, workers } = recordingFactory();
      const pool = await poolWith({ threads: 2, mainThread, createWorker });
      const job = pool.run('spin', new Array(60).fill([20_000_000]));
      await pause(100);
      await workers[0]?.terminate();
      const failure = await failureOf(job);
      expect(failure.context).toMatchObject({ lane: 1, reason: 'exit' });
      expect(failure.context.task).toBeTypeOf('number');
      await expectRecovered(pool);
      expect(workers.length).toBe(mainThread ? 2 : 3);
    },
  );

  it('terminated in a task that never ends fails the job', async () => {
    const { createWorker, workers } = recordingFactory();
    const pool = await poolWith({ threads: 1, mainThread: false, createWorker });
    const job = failureOf(pool.run('spin_for_ever', [[]]));
    await pause(50);
    await workers[0]?.terminate();
    await job;
    await expectRecovered(pool);
  });

  it('that calls process.exit in a task fails the job', async () => {
    const { createWorker, workers } = recordingFactory(replacingExport('exit_process', 'process.exit(7)'));
    const pool = await poolWith({ threads: 2, mainThread: false, createWorker });
    const failure = await failureOf(pool.run('exit_process', [[]]));
    expect(failure.message).toMatch(/exited with code 7 in task 0/);
    await expectRecovered(pool);
    expect(workers.length).toBe(3);
  });

  it('that runs out of heap in a task fails the job', async () => {
    const body = 'const hoard = []; for (;;) hoard.push(new Array(1e6).fill(1.5));';
    const limited = replacingExport('exit_process', body);
    const pool = await poolWith({
      threads: 1,
      mainThread: false,
      createWorker: (source) =>
        new Worker(`${limited};${source}`, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 20 } }),
    });
    const failure = await failureOf(pool.run('exit_process', [[]]));
    expect(failure.message).toMatch(/memory limit/);
    await expectRecovered(pool);
  });

  it('terminated while idle is replaced without an error', async () => {
    const { createWorker, workers } = recordingFactory();
    for (const mainThread of [true, false]) {
      workers.length = 0;
      const pool = await poolWith({ threads: 3, mainThread, createWorker });
      const started = workers.length;
      await Promise.all(workers.map((worker) => worker.terminate()));
      await expectRecovered(pool);
      expect(workers.length).toBe(2 * started);
    }
  });

  it('killed again and again does not make a job hang', async () => {
    const { createWorker, workers } = recordingFactory();
    const pool = await poolWith({ threads: 3, mainThread: false, createWorker });
    const outcomes = { done: 0, failed: 0 };
    const doomed = new Set<Worker>();
    const killOne = (): void => {
      // The eldest is most likely in a task.
      const eldest = workers.find((worker) => !doomed.has(worker));
      if (eldest) doomed.add(eldest);
      void eldest?.terminate();
    };
    const killing = setInterval(killOne, 20);
    while (outcomes.failed < 5) {
      await pool.run('spin', new Array(9).fill([1_000_000])).then(
        () => outcomes.done++,
        (error: unknown) => {
          expect(error).toBeInstanceOf(WorkerFailedError);
          outcomes.failed++;
        },
      );
    }
    clearInterval(killing);
    await pause(100);
    await expectRecovered(pool);
  });

  it('that all die at once before they take a task of the job are replaced within it', async () => {
    const { createWorker, workers } = recordingFactory();
    const pool = await poolWith({ threads: 2, mainThread: false, createWorker });
    // Ended, but the pool does not know yet when the job begins.
    const endings = workers.map((worker) => worker.terminate());
    const outcome = await pool.run('square', [[4], [5]]).then(
      (results) => [...results],
      (error: unknown) => error,
    );
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(WorkerFailedError);
    else expect(outcome).toEqual([16, 25]);
    await Promise.all(endings);
    await expectRecovered(pool);
  });

  it('that dies of the call that woke it leaves the job to another', async () => {
    const mortal = recordingFactory(`
      const { wait } = Atomics;
      Atomics.wait = (...all) => { wait(...all); process.exit(3); };
    `);
    const lasting = recordingFactory();
    let made = 0;
    const pool = await poolWith({
      threads: 2,
      mainThread: false,
      createWorker: (source, name) => (made++ === 0 ? mortal : lasting).createWorker(source, name),
    });
    // One task wakes one worker, the one that has slept longest: by the second job it was the mortal one's turn.
    for (const value of [3, 4]) {
      await pause(50);
      expect([...(await pool.run('square', [[value]]))]).toEqual([value * value]);
    }
    expect(mortal.workers[0]?.threadId).toBe(-1);
    await expectRecovered(pool);
  });

  it('that cannot be replaced makes later jobs fail, until it can', async () => {
    const recording = recordingFactory();
    let allowed = true;
    const pool = await poolWith({
      threads: 1,
      mainThread: false,
      createWorker: (source, name) => {
        if (!allowed) throw new Error('refused by policy');
        return recording.createWorker(source, name);
      },
    });
    allowed = false;
    await recording.workers[0]?.terminate();
    await pause(20);
    const failure = await failureOf(pool.run('square', [[3]]));
    expect(failure.context.reason).toBe('start');
    expect(failure.message).toMatch(/refused by policy/);
    allowed = true;
    await expectRecovered(pool);
  });
});

describe('workers that take for ever to start', () => {
  const stuck = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';

  it('are given up when the pool is created', async () => {
    const { createWorker, workers } = recordingFactory(stuck);
    const pool = await poolWith({ threads: 3, mainThread: false, createWorker, startTimeoutMs: 100 });
    expect(pool.threads).toBe(1);
    expect(pool.fallbackReason).toMatch(/too long/);
    expect(workers.map((worker) => worker.threadId)).toEqual([-1, -1, -1]);
    await expectRecovered(pool);
  });

  it('are waited for in vain by one job, not for ever', async () => {
    const quick = recordingFactory();
    const slow = recordingFactory(stuck);
    let factory = quick;
    const pool = await poolWith({
      threads: 1,
      mainThread: false,
      createWorker: (source, name) => factory.createWorker(source, name),
      startTimeoutMs: 500,
    });
    factory = slow;
    await quick.workers[0]?.terminate();
    await pause(20);
    expect((await failureOf(pool.run('square', [[3]]))).context.reason).toBe('start');
    factory = quick;
    await slow.workers[0]?.terminate();
    await pause(20);
    await expectRecovered(pool);
  });
});

describe('a web worker', () => {
  it('takes tasks, traps, and is replaced', async () => {
    const { createWorker, workers, locks } = webFactory();
    vi.stubGlobal('navigator', { locks });
    const pool = await poolWith({ threads: 2, mainThread: false, createWorker });
    expect(pool.threads).toBe(2);
    await expectRecovered(pool);
    const failure = await failureOf(pool.run('trap_at_13', [[1], [13]]));
    expect(failure.context).toMatchObject({ reason: 'trap', task: 1 });
    await expectRecovered(pool);
    expect(workers.length).toBe(3);
  });

  it('that ends without an event is noticed by the lock it held', async () => {
    const { createWorker, workers, locks } = webFactory();
    vi.stubGlobal('navigator', { locks });
    const pool = await poolWith({ threads: 1, mainThread: false, createWorker });
    const job = failureOf(pool.run('spin_for_ever', [[]]));
    await pause(50);
    await workers[0]?.terminate();
    expect((await job).context).toMatchObject({ lane: 1, reason: 'exit', task: 0 });
    await expectRecovered(pool);
  });

  it('that outlives its termination has no part in what comes after a reset', async () => {
    const { createWorker, workers, locks } = webFactory();
    vi.stubGlobal('navigator', { locks });
    const immortal: CreateWorker = (source, name) => {
      const worker = createWorker(source, name) as WebWorkerLike;
      return { ...worker, terminate: () => {} };
    };
    const pool = await poolWith({ threads: 2, mainThread: false, createWorker: immortal });
    await expectRecovered(pool);
    for (let round = 0; round < 5; round++) {
      expect(await pool.reset()).toBe(true);
      expect([...(await pool.run('square', [[7], [8], [9]]))]).toEqual([49, 64, 81]);
    }
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('whose script does not load makes the calling thread do the work', async () => {
    vi.stubGlobal('navigator', {});
    const { createWorker } = webFactory('throw new Error("blocked")');
    const pool = await poolWith({ threads: 2, createWorker });
    expect(pool.fallbackReason).toMatch(/blocked/);
    await expectRecovered(pool);
  });
});

it('an error of onProgress ends the job, after its tasks', async () => {
  for (const mainThread of [true, false]) {
    const pool = await poolWith({ threads: 2, mainThread });
    const onProgress = vi.fn(() => {
      throw new RangeError('mine');
    });
    const job = pool.run('spin', new Array(100).fill([5_000_000]), { onProgress });
    await expect(job).rejects.toThrow(RangeError);
    expect(onProgress).toHaveBeenCalledTimes(1);
    await expectRecovered(pool);
  }
});

it('a kernel that overflows its stack is reported', async () => {
  const pool = await poolWith({ threads: 2, mainThread: false, stackBytes: 4096 });
  expect([...(await pool.run('fill_stack', [[1000]]))]).toEqual([0]);
  const overflow = pool.run('fill_stack', [[1024]]);
  await expect(overflow).rejects.toThrow(InternalError);
  await expect(overflow).rejects.toThrow(/4096 bytes of its stack/);
  await expectRecovered(pool);
});
