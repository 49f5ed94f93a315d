/** Creates worker pools. */

import { OptionError, throwIfAborted } from '../../errors.ts';
import { compileKernels, type KernelMemory, type KernelModule, openMemory } from './kernel-module.ts';
import { type PoolOptions, type PoolPlan, planPool } from './pool-options.ts';
import { Pool, type WasmPool } from './wasm-pool.ts';

/**
 * Creates a pool: compiles the module, sets up its memory, starts the workers and waits until they are ready, unless
 * {@link PoolOptions.startWorkers} puts that off.
 *
 * Where memory cannot be shared or workers cannot be started, the pool works with the calling thread alone and says why in
 * `fallbackReason`. The memory is shared only when there are workers.
 *
 * @throws OptionError for options out of range and modules that do not fit; MemoryLimitError when not even the initial memory is
 *   granted; AbortedError.
 */
export async function createPool(options: PoolOptions): Promise<WasmPool> {
  throwIfAborted(options.signal);
  const plan = planPool(options);
  const { kernels, memory, fallbackReason } = await openKernels(options, plan);
  throwIfAborted(options.signal);
  const threaded = kernels.shared && plan.workers > 0 && fallbackReason === undefined;
  const mainThread = plan.mainThread || !threaded;
  const pool = new Pool({
    kernels,
    memory,
    workers: threaded ? plan.workers : 0,
    mainThread,
    startWhenNeeded: mainThread && options.startWorkers === 'needed',
    fallbackReason,
    createWorker: options.createWorker,
    startTimeoutMs: plan.startTimeoutMs,
    idle: plan.idle,
  });
  try {
    await pool.start(options.signal);
  } catch (error) {
    await pool.dispose();
    throw error;
  }
  return pool;
}

interface OpenKernels {
  readonly kernels: KernelModule;
  readonly memory: KernelMemory;
  readonly fallbackReason: string | undefined;
}

/** Bytes are adapted to the kind of memory that the plan wants; a compiled module decides by itself which kind it takes. */
async function openKernels(options: PoolOptions, plan: PoolPlan): Promise<OpenKernels> {
  const wanted = plan.workers > 0;
  const compiled = options.module instanceof WebAssembly.Module;
  const kernels = await compileKernels(options, plan, wanted);
  try {
    return { kernels, memory: openMemory(kernels), fallbackReason: plan.fallbackReason };
  } catch (error) {
    if (!compiled || !(error instanceof OptionError)) throw error;
    const other = { ...kernels, shared: !wanted };
    const memory = openMemory(other);
    const fallbackReason = wanted ? 'the compiled module imports an unshared memory' : plan.fallbackReason;
    return { kernels: other, memory, fallbackReason };
  }
}
