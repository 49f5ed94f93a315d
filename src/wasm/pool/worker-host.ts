/**
 * Starts one worker, in Node or on the web, and tells of its end.
 *
 * The worker's code is a string (task-loop-source.ts): `eval: true` in Node, a Blob URL on the web. A URL of a file of its own
 * would have to be found from source (.ts, under a loader) and from dist (.js), and by every bundler: Rollup and esbuild do
 * not follow `new Worker(new URL(…))`, and Vite breaks it in pre-bundled dependencies. The price is that a page whose
 * Content-Security-Policy does not list `blob:` under `worker-src` must serve the string as a file and pass `createWorker`.
 */

import { nodeBuiltin } from './runtime.ts';
import type { StartMessage, WorkerMessage } from './task-loop.ts';
import { TASK_LOOP_SOURCE } from './task-loop-source.ts';

/** The slice of `Worker` from `node:worker_threads` that the pool uses. */
export interface NodeWorkerLike {
  on(event: string, listener: (value: unknown) => void): unknown;
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref(): void;
}

/** The slice of the web platform's `Worker` that the pool uses. */
export interface WebWorkerLike {
  addEventListener(event: string, listener: (event: { data?: unknown; message?: string }) => void): void;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** Makes a worker that runs `source` as a classic script or module. `name` is for people who debug. */
export type CreateWorker = (source: string, name: string) => NodeWorkerLike | WebWorkerLike;

/** What a worker reports to the pool. `onEnd` is called once, and nothing is called after it. */
export interface WorkerListener {
  onMessage(message: WorkerMessage): void;
  onEnd(what: string, cause?: unknown): void;
}

/** A started worker. */
export interface HostedWorker {
  /**
   * Ends it without a word to the listener. In Node it has ended when this resolves. On the web nothing tells: for a second or
   * two it may still wake up and work, so nothing that it can see may be used again.
   */
  terminate(): Promise<void>;
}

type NodeWorkerConstructor = new (source: string, options: object) => NodeWorkerLike;

/** Workers as the runtime makes them. */
export const createPlatformWorker: CreateWorker = (source, name) => {
  const threads = nodeBuiltin<{ Worker: NodeWorkerConstructor }>('node:worker_threads');
  if (threads) {
    // Loaders, preloads and environment of the main thread are nothing a kernel needs, and they slow the start down.
    return new threads.Worker(source, { eval: true, name, env: {}, execArgv: [] });
  }
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    return new Worker(url, { name }) as WebWorkerLike;
  } finally {
    // Long after the worker has fetched it: some browsers fetch only after the constructor returned.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
};

/**
 * Starts a worker with `start`. It never keeps the process alive by itself. Throws what the platform throws when it refuses
 * (Content-Security-Policy, permission model, memory that cannot be shared).
 */
export function startWorker(
  start: Omit<StartMessage, 'lifeLock'>,
  listener: WorkerListener,
  createWorker: CreateWorker = createPlatformWorker,
): HostedWorker {
  const name = `sheaf-wasm-${start.lane}`;
  const worker = createWorker(TASK_LOOP_SOURCE, name);
  const onWeb = 'addEventListener' in worker;
  const lock = onWeb ? lifeLock(name) : undefined;
  let over = false;

  const stop = async (): Promise<void> => {
    over = true;
    lock?.stopWatching();
    await worker.terminate();
  };
  const end = (what: string, cause?: unknown): void => {
    if (over) return;
    // On the web a worker outlives an uncaught error; what is reported as ended must not touch the memory any more.
    Promise.resolve(stop()).catch(() => {});
    listener.onEnd(what, cause);
  };
  const receive = (data: unknown): void => {
    if (over) return;
    const message = data as WorkerMessage;
    if (message.kind === 'ready') lock?.watch(() => end('ended'));
    listener.onMessage(message);
  };

  if (onWeb) {
    worker.addEventListener('message', (event) => receive(event.data));
    worker.addEventListener('error', (event) => end(`failed: ${event.message ?? 'its script did not load'}`));
    worker.addEventListener('messageerror', () => end('could not be sent the shared memory'));
  } else {
    worker.on('message', receive);
    worker.on('error', (error) => end(`failed: ${String(error)}`, error));
    worker.on('messageerror', (error) => end('could not be sent the shared memory', error));
    worker.on('exit', (code) => end(`exited with code ${String(code)}`));
    // After the listeners: adding one makes the worker keep the process alive again.
    worker.unref();
  }
  const message: StartMessage = { ...start, lifeLock: lock?.name };
  try {
    worker.postMessage(message);
  } catch (error) {
    Promise.resolve(stop()).catch(() => {});
    throw error;
  }
  return { terminate: stop };
}

/**
 * The web has no event for a worker's end, but its locks are released by it. The worker takes the lock before it is ready,
 * and whoever asks for it then gets it when the worker is gone.
 */
function lifeLock(
  worker: string,
): { name: string; watch: (onEnd: () => void) => void; stopWatching: () => void } | undefined {
  const locks = globalThis.navigator?.locks;
  if (!locks) return undefined;
  const name = `${worker}-${crypto.randomUUID()}`;
  const controller = new AbortController();
  return {
    name,
    watch: (onEnd) => {
      locks.request(name, { signal: controller.signal }, onEnd).catch(() => {
        // Only the abort below rejects: the pool ended the worker itself.
      });
    },
    stopWatching: () => controller.abort(),
  };
}
