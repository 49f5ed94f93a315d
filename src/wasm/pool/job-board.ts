/** The calling thread's side of the board that task-loop.ts describes. */

import {
  ARGUMENTS,
  ARITY,
  BASE,
  CALLEE,
  CLOSED,
  COUNT,
  DONE,
  EPOCH,
  LANE_STRIDE,
  LANES,
  NEXT,
  SLEEPING,
} from './task-loop.ts';

/** A job as it is put on the board. */
export interface Job {
  /** Index of the function in the order of the module's exports. */
  readonly callee: number;
  readonly arity: number;
  /** Tasks, at least 1. */
  readonly count: number;
  /** Address of the arguments and results. */
  readonly argumentsAt: number;
}

/** One job at a time for a fixed number of lanes. */
export class JobBoard {
  /** The words that all threads see. */
  readonly words: Int32Array;
  #base = 0;
  #count = 0;

  constructor(lanes: number, shared: boolean) {
    const bytes = 4 * (LANES + lanes * LANE_STRIDE);
    this.words = new Int32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  }

  /** Number of the job on the board. */
  get epoch(): number {
    return Atomics.load(this.words, EPOCH);
  }

  /** Puts up a job. The one before must be over: finished, or closed with every lane idle. Returns its number. */
  publish(job: Job): number {
    const { words } = this;
    // Odd while the description is incomplete: a thread that reads it now will notice and look again.
    const writing = Atomics.add(words, EPOCH, 1) + 1;
    this.#base = Atomics.load(words, NEXT);
    this.#count = job.count;
    Atomics.store(words, DONE, this.#base);
    Atomics.store(words, BASE, this.#base);
    // Until now an empty job: nothing can be taken before the count is there, and the epoch is checked before it is used.
    Atomics.store(words, COUNT, job.count);
    Atomics.store(words, CALLEE, job.callee);
    Atomics.store(words, ARITY, job.arity);
    Atomics.store(words, ARGUMENTS, job.argumentsAt >>> 2);
    Atomics.store(words, CLOSED, 0);
    Atomics.store(words, EPOCH, writing + 1);
    return this.epoch;
  }

  /** Wakes up to `threads` sleeping workers; all by default. */
  wake(threads: number = Number.POSITIVE_INFINITY): void {
    Atomics.notify(this.words, EPOCH, threads);
  }

  /** Finished tasks of the job. */
  get done(): number {
    return (Atomics.load(this.words, DONE) - this.#base) >>> 0;
  }

  /** Whether every task was finished. */
  get finished(): boolean {
    return this.done === this.#count;
  }

  /** Whether {@link close} was called on the job. */
  get closed(): boolean {
    return Atomics.load(this.words, CLOSED) === 1;
  }

  /** Stops the job: no further task can be taken. Those taken go on. */
  close(): void {
    Atomics.store(this.words, CLOSED, 1);
    Atomics.store(this.words, NEXT, this.#base + this.#count);
  }

  /** Asks workers to tell of the job's end. To be set before the last look at {@link finished}. */
  set sleeping(value: boolean) {
    Atomics.store(this.words, SLEEPING, value ? 1 : 0);
  }

  /** The task that a lane is in: its index, -1 between tasks, undefined outside the job. */
  taskOf(lane: number): number | undefined {
    const state = Atomics.load(this.words, LANES + lane * LANE_STRIDE);
    return state === 0 ? undefined : state === 1 ? -1 : state - 2;
  }

  /** Declares a lane idle whose thread is gone. */
  clearLane(lane: number): void {
    Atomics.store(this.words, LANES + lane * LANE_STRIDE, 0);
  }
}
