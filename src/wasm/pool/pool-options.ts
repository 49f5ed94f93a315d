/** What a pool can be asked for, and what comes of it in the runtime at hand. */

import { OptionError } from '../../errors.ts';
import type { IdlePolicy } from './idle-release.ts';
import { MAXIMUM_PAGES, PAGE_BYTES } from './linear-memory.ts';
import { availableThreads, isNode, sharingObstacle } from './runtime.ts';
import type { CreateWorker } from './worker-host.ts';

/** Options of `createPool`. */
export interface PoolOptions {
  /**
   * The kernels. Imports: `env.memory`, and optionally `env.sp`, a mutable i32 global that holds the top of the thread's shadow
   * stack. Exports: the functions that tasks call (i32 parameters, one i32 result or none), and optionally `init(stackTop)`,
   * called once in each thread, and `init_shared()`, called once for a memory, before any task. Given as bytes, the module
   * may declare its memory shared or not, and is adapted; a compiled one must fit as it is, and needs `staticBytes`.
   */
  readonly module: WebAssembly.Module | Uint8Array;
  /** First address past everything that the module's own data and fixed regions take. Default: what its data segments need. */
  readonly staticBytes?: number | undefined;
  /** Threads that compute, 1 to 256. Default: as many as the process may use. */
  readonly threads?: number | undefined;
  /**
   * Whether the calling thread is one of them. It then takes tasks between turns of its event loop, which stays blocked for as
   * long as one task takes; small jobs are done without waking anybody. Default: yes in Node, no on the web.
   * Without workers (one thread, or no shared memory) the calling thread does everything.
   */
  readonly mainThread?: boolean | undefined;
  /**
   * When workers are started: `created` with the pool, which waits until they are ready, or `needed` by the first job of more than one
   * task, which begins without them. Only where the calling thread takes tasks; without it workers are always started with the
   * pool. Default: `created`.
   */
  readonly startWorkers?: 'created' | 'needed' | undefined;
  /** Sizes of the linear memory in bytes, rounded up to pages of 64 KiB. */
  readonly memory?:
    | {
        /** Default 1 MiB, and never less than the module and the stacks need. */
        readonly initialBytes?: number | undefined;
        /** Default 4 GiB. A smaller maximum is taken when the engine refuses this one. */
        readonly maximumBytes?: number | undefined;
        /** A larger memory is given back, as by `WasmPool.reset`, when nothing was allocated for a while. Default 256 MiB. */
        readonly keepBytes?: number | undefined;
        /** For how long, in ms. Default 2000. */
        readonly idleMs?: number | undefined;
      }
    | undefined;
  /** Shadow stack of each thread, a multiple of 64. Default 64 KiB. */
  readonly stackBytes?: number | undefined;
  /** Longest that workers may take to be ready, in ms, before the pool goes on without them. Default 30 000. */
  readonly startTimeoutMs?: number | undefined;
  /** Cancels the creation, which then rejects with AbortedError. Has no effect on the pool once it is there. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the workers; for pages whose Content-Security-Policy forbids `blob:` workers (see worker-host.ts) and for tests. */
  readonly createWorker?: CreateWorker | undefined;
}

/** What a pool will be made of. */
export interface PoolPlan {
  /** Workers to start. */
  readonly workers: number;
  /** Whether the calling thread takes tasks. */
  readonly mainThread: boolean;
  /** Why there is one thread although more were possible by the options; undefined when there are as many as asked for. */
  readonly fallbackReason: string | undefined;
  readonly initialPages: number;
  readonly maximumPages: number;
  readonly stackBytes: number;
  readonly startTimeoutMs: number;
  readonly idle: IdlePolicy;
}

const MAXIMUM_THREADS = 256;
const DEFAULT_INITIAL_BYTES = 1 << 20;
const DEFAULT_STACK_BYTES = 1 << 16;
const DEFAULT_START_TIMEOUT_MS = 30_000;
const DEFAULT_KEEP_BYTES = 1 << 28;
const DEFAULT_IDLE_MS = 2000;

function notNegative(name: string, value: number): number {
  if (!(value >= 0)) throw new OptionError(`Expected ${name} to be 0 or more, got ${value}.`);
  return value;
}

function pages(name: string, bytes: number): number {
  const count = Math.ceil(bytes / PAGE_BYTES);
  if (!(count >= 0 && count <= MAXIMUM_PAGES)) {
    throw new OptionError(`Expected memory.${name} to be between 0 and 4 GiB, got ${bytes}.`);
  }
  return count;
}

/** Turns options into a plan. Throws OptionError for values outside what they can be. */
export function planPool(options: PoolOptions): PoolPlan {
  const threads = options.threads ?? Math.min(availableThreads(), MAXIMUM_THREADS);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAXIMUM_THREADS) {
    throw new OptionError(
      `Expected threads to be a whole number from 1 to ${MAXIMUM_THREADS}, got ${threads}.`,
    );
  }
  const wanted = options.mainThread ?? isNode();
  const workers = wanted ? threads - 1 : threads;
  const obstacle = workers > 0 ? sharingObstacle() : undefined;
  return {
    workers: obstacle === undefined ? workers : 0,
    mainThread: wanted || obstacle !== undefined,
    fallbackReason: obstacle,
    initialPages: pages('initialBytes', options.memory?.initialBytes ?? DEFAULT_INITIAL_BYTES),
    maximumPages: pages('maximumBytes', options.memory?.maximumBytes ?? MAXIMUM_PAGES * PAGE_BYTES),
    stackBytes: options.stackBytes ?? DEFAULT_STACK_BYTES,
    startTimeoutMs: notNegative('startTimeoutMs', options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS),
    idle: {
      keepBytes: notNegative('memory.keepBytes', options.memory?.keepBytes ?? DEFAULT_KEEP_BYTES),
      idleMs: notNegative('memory.idleMs', options.memory?.idleMs ?? DEFAULT_IDLE_MS),
    },
  };
}
