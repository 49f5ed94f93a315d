/**
 * How a thread takes tasks from the job on the board and runs them. The calling thread imports this module; workers get it as
 * text (task-loop-source.ts, generated from this file), so it imports nothing and uses no template literals.
 *
 * The board is a block of 32-bit words that all threads see. Tasks are numbered on through all jobs, modulo 2^32: a job is
 * the numbers from BASE up to BASE + COUNT, NEXT is the first that nobody has taken, DONE the number finished. A thread that
 * slept through the end of its job therefore finds NEXT past its last task and can take nothing from the job after it.
 */

/** Number of the job, even; odd while the calling thread writes the words that describe it. Workers sleep on it. */
export const EPOCH = 0;
/** Number of the job's first task. */
export const BASE = 1;
/** Tasks in the job. */
export const COUNT = 2;
/** Which of the module's exported functions to call. */
export const CALLEE = 3;
/** Arguments a task has. */
export const ARITY = 4;
/** Index in the linear memory, in words, of the arguments: task after task, then one word a task for the results. */
export const ARGUMENTS = 5;
/** 1 once the job was stopped before its end: threads then tell when they leave it. */
export const CLOSED = 6;
/** 1 while the calling thread sleeps and must be told of the job's end. */
export const SLEEPING = 7;
/** Number of the first task that was not taken. On a cache line of its own, as are DONE and each lane. */
export const NEXT = 16;
/** Number of finished tasks. */
export const DONE = 32;
/** First lane's state: 0 outside a job, 1 inside, 2 + i while it runs the job's task i. */
export const LANES = 48;
/** Words from one lane's state to the next. */
export const LANE_STRIDE = 16;

/** An exported wasm function: i32 arguments, one i32 result or none. */
export type TaskFunction = (...args: number[]) => unknown;

/** What a thread needs in order to run tasks. */
export interface Lane {
  readonly index: number;
  readonly board: Int32Array;
  readonly memory: WebAssembly.Memory;
  readonly functions: readonly TaskFunction[];
  /** View of the whole memory as it was when last looked at; renewed when a job reaches past its end. */
  words: Int32Array;
}

/** What a worker is sent to begin with. */
export interface StartMessage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly board: Int32Array;
  readonly lane: number;
  /** Names of the exported functions, in the order that CALLEE counts in. */
  readonly functions: readonly string[];
  readonly stackTop: number;
  /** Web lock that the worker holds for as long as it lives; its release tells of its end. */
  readonly lifeLock: string | undefined;
}

/** What a worker says: it is ready, a job may be over, or it failed at a task (-1: before any) and stops. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress' }
  | { readonly kind: 'failed'; readonly task: number; readonly name: string; readonly message: string };

/** Why {@link drainJob} returned: no task is left, this lane finished the last one, or its time was up. */
export type DrainEnd = 'empty' | 'finished' | 'paused';

/** Instantiates the module for one thread: memory and stack pointer as imports, then `init(stackTop)` if it is exported. */
export function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  stackTop: number,
): WebAssembly.Instance {
  const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, stackTop);
  const instance = new WebAssembly.Instance(module, { env: { memory: memory, sp: sp } });
  const init = instance.exports.init;
  if (typeof init === 'function') init(stackTop);
  return instance;
}

/**
 * Takes and runs tasks of job `epoch` until none is left or `performance.now()` has passed `deadline`. What a task throws
 * escapes, and the lane's state then still says which task it was.
 */
export function drainJob(lane: Lane, epoch: number, deadline: number): DrainEnd {
  const board = lane.board;
  const state = LANES + lane.index * LANE_STRIDE;
  // Set before anything can be taken: the calling thread trusts a lane whose state is 0 to hold no task of a closed job.
  Atomics.store(board, state, 1);
  const base = Atomics.load(board, BASE);
  const count = Atomics.load(board, COUNT);
  const arity = Atomics.load(board, ARITY);
  const first = Atomics.load(board, ARGUMENTS);
  const callee = lane.functions[Atomics.load(board, CALLEE)];
  let end: DrainEnd = 'empty';
  if (callee && Atomics.load(board, EPOCH) === epoch) {
    const results = first + count * arity;
    const args = new Array<number>(arity);
    for (;;) {
      const next = Atomics.load(board, NEXT);
      const task = (next - base) >>> 0;
      if (task >= count) break;
      if (Atomics.compareExchange(board, NEXT, next, next + 1) !== next) continue;
      Atomics.store(board, state, task + 2);
      let words = lane.words;
      if (words.length < results + count) {
        words = new Int32Array(lane.memory.buffer);
        if (words.length < results + count) {
          // Another thread's growth may not have reached this one's buffer object; growing by nothing renews it.
          lane.memory.grow(0);
          words = new Int32Array(lane.memory.buffer);
        }
        lane.words = words;
      }
      for (let i = 0, at = first + task * arity; i < arity; i++) args[i] = words[at + i] as number;
      const result = Reflect.apply(callee, undefined, args) as number | undefined;
      // A single-threaded memory's views die when it grows; nothing grows it while a task runs.
      words[results + task] = result === undefined ? 0 : result;
      if ((Atomics.add(board, DONE, 1) + 1 - base) >>> 0 === count) {
        end = 'finished';
        break;
      }
      if (deadline !== Infinity && performance.now() >= deadline) {
        end = 'paused';
        break;
      }
    }
  }
  Atomics.store(board, state, 0);
  return end;
}

/**
 * How long, in ms, a worker looks for the next job before it sleeps. Long enough for jobs that follow at once: on idle cores
 * being woken costs some 50 µs. No longer, because where threads outnumber cores it keeps the others from working.
 */
const WATCH_MS = 0.005;

/** Blocks until the board shows a job other than `seen`, and returns its number. */
function nextEpoch(board: Int32Array, seen: number): number {
  let watchUntil = 0;
  for (;;) {
    const epoch = Atomics.load(board, EPOCH);
    if (epoch !== seen && epoch % 2 === 0) return epoch;
    const now = performance.now();
    if (watchUntil === 0) watchUntil = now + WATCH_MS;
    if (now >= watchUntil) {
      Atomics.wait(board, EPOCH, epoch);
      watchUntil = 0;
    }
  }
}

/** Runs jobs for ever; returns only when one of their tasks failed. */
function serve(start: StartMessage, post: (message: WorkerMessage) => void): void {
  const board = start.board;
  const state = LANES + start.lane * LANE_STRIDE;
  try {
    const exports = instantiate(start.module, start.memory, start.stackTop).exports;
    const lane: Lane = {
      index: start.lane,
      board: board,
      memory: start.memory,
      functions: start.functions.map((name) => exports[name] as TaskFunction),
      words: new Int32Array(start.memory.buffer),
    };
    post({ kind: 'ready' });
    for (let seen = -1; ; ) {
      seen = nextEpoch(board, seen);
      const end = drainJob(lane, seen, Infinity);
      if (Atomics.load(board, CLOSED) === 1 || (end === 'finished' && Atomics.load(board, SLEEPING) === 1)) {
        post({ kind: 'progress' });
      }
    }
  } catch (error) {
    const task = Atomics.load(board, state) - 2;
    const known = error instanceof Error ? error : new Error(String(error));
    post({ kind: 'failed', task: task < 0 ? -1 : task, name: known.name, message: known.message });
  }
}

/** The slice of worker_threads, or of a web worker's global scope, that a worker needs. */
interface Port {
  postMessage(message: WorkerMessage): void;
  once?(event: 'message', listener: (message: StartMessage) => void): void;
  onmessage?: ((event: { data: StartMessage }) => void) | null;
}

/**
 * Entry of a worker: waits for its {@link StartMessage}, then serves. Called in the text only.
 * @public
 */
export function listen(): void {
  const scope = globalThis as unknown as Port & {
    process?: { getBuiltinModule?: (name: string) => { parentPort: Port | null } | undefined };
  };
  const node = scope.process?.getBuiltinModule?.('node:worker_threads');
  const port = node?.parentPort ?? scope;
  const begin = (start: StartMessage): void => {
    const post = (message: WorkerMessage): void => port.postMessage(message);
    if (start.lifeLock === undefined) {
      serve(start, post);
    } else {
      // The promise that stays open is what holds the lock.
      navigator.locks
        .request(start.lifeLock, () => {
          setTimeout(() => serve(start, post));
          return new Promise(() => {});
        })
        .catch((error: unknown) =>
          post({ kind: 'failed', task: -1, name: 'LockError', message: String(error) }),
        );
    }
  };
  if (port.once) port.once('message', begin);
  else scope.onmessage = (event) => begin(event.data);
}
