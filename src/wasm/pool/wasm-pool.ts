/** The pool itself: jobs, one after another, on the calling thread and its workers. */

import {
  AbortedError,
  assertLength,
  DisposedError,
  OptionError,
  throwIfAborted,
  WorkerFailedError,
} from '../../errors.ts';
import { Bell } from './bell.ts';
import { Crew } from './crew.ts';
import { type IdlePolicy, IdleRelease, promptCollection } from './idle-release.ts';
import { type KernelMemory, type KernelModule, MAIN_LANE, openMemory } from './kernel-module.ts';
import { ManagedMemory, type PoolMemory, writeArguments } from './pool-memory.ts';
import { nextTurn } from './runtime.ts';
import { drainJob } from './task-loop.ts';
import { Turns } from './turns.ts';
import type { CreateWorker } from './worker-host.ts';
import { taskError } from './worker-team.ts';

/** Options of {@link WasmPool.run}. */
export interface RunOptions {
  /** Cancels the job: no further task is begun, those that run are waited for, then it rejects with AbortedError. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then, and at the end, with the share of the tasks that are done, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Threads with one instance each of the same module, on one linear memory. */
export interface WasmPool {
  /** Threads that compute. */
  readonly threads: number;
  /** Why the pool has one thread although it was to have more; undefined otherwise. */
  readonly fallbackReason: string | undefined;
  readonly memory: PoolMemory;
  /**
   * Calls the exported function `name` once for each task, with that task's arguments, on whichever thread is free; the order is
   * not defined. Resolves, when all are done, to the result of each task (0 for a function without one). Jobs run one at a
   * time, in the order of the calls. While one runs, the process stays alive; an idle pool does not keep it.
   *
   * @throws OptionError for a name that is not exported; LengthMismatchError for a task with another number of arguments
   *   than the function takes; MemoryLimitError when the arguments do not fit; AbortedError; DisposedError; and
   *   WorkerFailedError when a task trapped or its thread died. In the last case memory that the job wrote to is undefined.
   */
  run(name: string, tasks: readonly ArrayLike<number>[], options?: RunOptions): Promise<Int32Array>;
  /** Starts workers that were put off, without waiting for them: they are of use sooner to jobs that come soon. */
  wake(): void;
  /**
   * Calls an exported function on the calling thread, now: for what takes microseconds. It may run beside a job.
   * @throws OptionError for a name that is not exported; LengthMismatchError; DisposedError; WorkerFailedError when it traps.
   */
  call(name: string, ...args: number[]): number;
  /**
   * Linear memory never shrinks. This replaces it by a fresh one of the initial size, and the workers with it, which takes some
   * 50 ms: worth it when the pool is idle and the memory large, and done then without being asked for (`memory.keepBytes`). Waits
   * for jobs that run. Does nothing and resolves to false while anything is allocated, and where the engine would not let the
   * fresh memory grow as far. Whatever was not allocated by `memory` (`init_shared`, data segments) is initialised again.
   */
  reset(): Promise<boolean>;
  /** Ends all workers and lets go of the memory. Jobs that run or wait reject with DisposedError. */
  dispose(): Promise<void>;
}

/** How long the calling thread takes tasks before it lets its event loop turn. */
const HOLD_MS = 8;
/** How long it looks for the end of the last tasks before it sleeps; being woken costs more. */
const WATCH_MS = 0.03;
/** How often a sleeping calling thread looks up to report progress. Also keeps the process alive during a job. */
const LOOK_MS = 50;

/** What {@link Pool} is made from. */
export interface PoolParts {
  readonly kernels: KernelModule;
  readonly memory: KernelMemory;
  readonly workers: number;
  readonly mainThread: boolean;
  /** Whether workers are started by the first job that they can share, not by {@link Pool.start}. */
  readonly startWhenNeeded: boolean;
  readonly fallbackReason: string | undefined;
  readonly createWorker: CreateWorker | undefined;
  readonly startTimeoutMs: number;
  readonly idle: IdlePolicy;
}

/** See {@link WasmPool}. */
export class Pool implements WasmPool {
  readonly memory: ManagedMemory = new ManagedMemory(() => this.#idle.restart());
  readonly #parts: Omit<PoolParts, 'memory'>;
  readonly #bell = new Bell();
  readonly #turns = new Turns();
  readonly #idle: IdleRelease;
  #mainThread: boolean;
  #workers: number;
  #fallbackReason: string | undefined;
  #open: KernelMemory;
  #crew: Crew;
  #failure: unknown;
  #disposed = false;

  constructor({ memory, ...parts }: PoolParts) {
    // Not the memory: what this one holds would outlive a reset.
    this.#parts = parts;
    this.#workers = parts.workers;
    this.#mainThread = parts.mainThread;
    this.#fallbackReason = parts.fallbackReason;
    this.#open = memory;
    // Refused by dispose(), or for lack of room for a second memory: the first one is kept.
    const giveBack = (): void => void this.reset().catch(() => {});
    this.#idle = new IdleRelease(parts.idle, () => this.memory.stats(), giveBack);
    this.memory.attach(this.#open.linear, parts.kernels.stacks.end);
    this.#crew = this.#createCrew();
  }

  get threads(): number {
    return this.#workers + (this.#mainThread ? 1 : 0);
  }

  get fallbackReason(): string | undefined {
    return this.#fallbackReason;
  }

  /**
   * Starts the workers and waits until each is ready or has failed. When none can be started, the calling thread does the work
   * from then on. Does nothing where workers are to be started when needed.
   */
  async start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#parts.startWhenNeeded) return;
    const { team } = this.#crew;
    team.fill();
    const keepAlive = setInterval(this.#bell.ring, LOOK_MS);
    signal?.addEventListener('abort', this.#bell.ring);
    try {
      const until = performance.now() + this.#parts.startTimeoutMs;
      while (team.ready < team.size && performance.now() < until) {
        await this.#bell.wait();
        throwIfAborted(signal);
      }
      if (this.#workers > 0 && team.ready === 0) await this.#workAlone();
    } finally {
      clearInterval(keepAlive);
      signal?.removeEventListener('abort', this.#bell.ring);
    }
  }

  wake(): void {
    const { team } = this.#crew;
    if (!this.#disposed && !team.neverStarted) team.fill();
  }

  async run(
    name: string,
    tasks: readonly ArrayLike<number>[],
    options: RunOptions = {},
  ): Promise<Int32Array> {
    this.#assertOpen();
    const { callee, arity } = this.#lookUp(name);
    if (tasks.length === 0) {
      throwIfAborted(options.signal);
      options.onProgress?.(1);
      return new Int32Array(0);
    }
    const endTurn = await this.#turns.take(options.signal);
    try {
      this.#assertOpen();
      throwIfAborted(options.signal);
      const count = tasks.length;
      const argumentsAt = this.memory.alloc(4 * count * (arity + 1));
      try {
        const first = argumentsAt / 4;
        writeArguments(this.memory.words(), first, arity, tasks, name);
        if (count > 1 || !this.#parts.startWhenNeeded) await this.#fillTeam();
        const epoch = this.#crew.board.publish({ callee, arity, count, argumentsAt });
        await this.#finish(epoch, count, options);
        const words = this.memory.words();
        this.#parts.kernels.stacks.check(words);
        const results = first + count * arity;
        return words.slice(results, results + count);
      } finally {
        this.memory.free(argumentsAt);
      }
    } finally {
      endTurn();
    }
  }

  call(name: string, ...args: number[]): number {
    this.#assertOpen();
    const { callee, arity } = this.#lookUp(name);
    assertLength(`Arguments of ${name}`, arity, args.length);
    try {
      return Number(this.#crew.mainLane.functions[callee]?.(...args) ?? 0);
    } catch (error) {
      this.#crew.replaceMain();
      throw new WorkerFailedError(
        `Expected ${name} to return, got ${String(error)}. What it wrote to memory is undefined; the pool goes on.`,
        { lane: MAIN_LANE, reason: 'trap' },
        error,
      );
    }
  }

  async reset(): Promise<boolean> {
    this.#assertOpen();
    const endTurn = await this.#turns.take();
    try {
      this.#assertOpen();
      if (this.memory.stats().pieces > 0) return false;
      const { kernels } = this.#parts;
      const fresh = openMemory(kernels);
      if (fresh.linear.maximumBytes < this.#open.linear.maximumBytes) return false;
      await this.#replaceMemory(fresh);
      // In another turn, when no frame and no event of the old threads refers to the old memory any more.
      await nextTurn();
      promptCollection();
      this.#assertOpen();
      if (!this.#parts.startWhenNeeded) this.#crew.team.fill();
      return true;
    } finally {
      endTurn();
    }
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#idle.stop();
    this.#crew.board.close();
    this.#turns.refuseAll(new DisposedError('A worker pool'));
    await this.#crew.team.terminate();
    this.memory.detach();
    this.#bell.ring();
  }

  /** Starts missing workers; gives them up where they were put off and none of them could be started. */
  async #fillTeam(): Promise<void> {
    const { team } = this.#crew;
    if (this.#parts.startWhenNeeded && team.neverStarted) await this.#workAlone();
    else team.fill();
  }

  /** No worker can be started: the calling thread does the work from now on. Not during a job. */
  async #workAlone(): Promise<void> {
    const { team } = this.#crew;
    this.#fallbackReason = team.lossError().message;
    this.#workers = 0;
    this.#mainThread = true;
    await team.terminate();
    this.#crew = this.#createCrew();
  }

  /** Takes another memory, and ends the workers on the one before. */
  async #replaceMemory(fresh: KernelMemory): Promise<void> {
    this.#idle.stop();
    this.#open = fresh;
    this.memory.attach(fresh.linear, this.#parts.kernels.stacks.end);
    const { team } = this.#crew;
    this.#crew = this.#createCrew();
    await team.terminate();
  }

  /** Sees the published job to its end: all tasks done, or stopped and every thread out of it. */
  async #finish(epoch: number, count: number, options: RunOptions): Promise<void> {
    const { signal, onProgress } = options;
    const { board, team } = this.#crew;
    const begun = performance.now();
    this.#failure = undefined;
    if (this.#workers > 0) board.wake(this.#mainThread ? count - 1 : count);
    let timer: ReturnType<typeof setInterval> | undefined;
    let reported = 0;
    let refilled = false;
    try {
      for (;;) {
        const paused = this.#mainThread && this.#takePart(epoch);
        // Asked first: what is finished now is then counted as done.
        const finished = board.finished;
        const done = board.done;
        if (onProgress && done > reported && this.#failure === undefined) {
          reported = done;
          this.#guard(() => onProgress(done / count));
        }
        if (finished) break;
        if (!this.#mainThread && team.ready === 0 && !board.closed) {
          // Every worker is gone, none of them with a task: a new team may do the job, but only one, lest this go on for ever.
          if (team.size === 0 && !refilled) team.fill();
          refilled = true;
          const late = performance.now() - begun > this.#parts.startTimeoutMs;
          if (team.size === 0 || late) this.#failure ??= team.lossError();
        }
        if (this.#failure !== undefined || signal?.aborted || this.#disposed) board.close();
        if (board.closed && team.idle) break;
        if (timer === undefined) {
          timer = setInterval(this.#bell.ring, LOOK_MS);
          signal?.addEventListener('abort', this.#bell.ring);
        }
        if (paused) await nextTurn();
        else await this.#sleep();
      }
    } finally {
      if (timer !== undefined) {
        clearInterval(timer);
        signal?.removeEventListener('abort', this.#bell.ring);
      }
    }
    if (this.#disposed) throw new DisposedError('A worker pool');
    if (this.#failure !== undefined) throw this.#failure;
    if (!board.finished) throw new AbortedError(signal?.reason);
  }

  /** The calling thread takes tasks; whether it stopped for lack of time rather than of tasks. */
  #takePart(epoch: number): boolean {
    const { board, mainLane } = this.#crew;
    let paused = false;
    try {
      paused = drainJob(mainLane, epoch, performance.now() + HOLD_MS) === 'paused';
    } catch (error) {
      const task = board.taskOf(MAIN_LANE) ?? -1;
      board.clearLane(MAIN_LANE);
      this.#crew.replaceMain();
      const what = `Thread ${MAIN_LANE} failed with ${String(error)}`;
      this.#failure ??= taskError(MAIN_LANE, 'trap', what, task, error);
    }
    if (!paused && this.#failure === undefined) {
      const until = performance.now() + WATCH_MS;
      while (!board.finished && performance.now() < until);
    }
    return paused;
  }

  /** Waits for any event; a worker that finishes the job while nobody sleeps is not made to send a message. */
  async #sleep(): Promise<void> {
    const { board } = this.#crew;
    board.sleeping = true;
    if (!board.finished) await this.#bell.wait();
    board.sleeping = false;
  }

  /** Runs the caller's code, whose error must not leave the job before its tasks are over. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #createCrew(): Crew {
    return new Crew({
      kernels: this.#parts.kernels,
      memory: this.#open,
      workers: this.#workers,
      createWorker: this.#parts.createWorker,
      onChange: this.#bell.ring,
      onLoss: (error) => {
        this.#failure ??= error;
      },
    });
  }

  #lookUp(name: string): { callee: number; arity: number } {
    const { functions } = this.#parts.kernels;
    const callee = functions.indexOf(name);
    const exported = this.#crew.mainLane.functions[callee];
    if (!exported) {
      throw new OptionError(
        `Expected the name of an exported function, got "${name}". There are: ${functions.join(', ')}.`,
      );
    }
    return { callee, arity: exported.length };
  }

  #assertOpen(): void {
    if (this.#disposed) throw new DisposedError('A worker pool');
  }
}
