/** A memory with the threads that work on it. `WasmPool.reset` replaces all of it at once. */

import { JobBoard } from './job-board.ts';
import {
  functionTable,
  instantiateMain,
  type KernelMemory,
  type KernelModule,
  MAIN_LANE,
} from './kernel-module.ts';
import type { Lane } from './task-loop.ts';
import { type CreateWorker, startWorker } from './worker-host.ts';
import { WorkerTeam } from './worker-team.ts';

/** What a crew is told, and whom it tells. */
export interface CrewParts {
  readonly kernels: KernelModule;
  readonly memory: KernelMemory;
  readonly workers: number;
  readonly createWorker: CreateWorker | undefined;
  /** As the parameters of {@link WorkerTeam}. */
  readonly onChange: () => void;
  readonly onLoss: (error: Error) => void;
}

/**
 * Board, workers and the calling thread's own instance. A crew whose team was terminated is never used again: on the web, a
 * terminated worker may wake up once more, and must find nothing but a board on which no job will ever be put.
 */
export class Crew {
  readonly board: JobBoard;
  readonly team: WorkerTeam;
  readonly #kernels: KernelModule;
  readonly #memory: WebAssembly.Memory;
  #mainLane: Lane;

  constructor(parts: CrewParts) {
    const { kernels, workers, createWorker } = parts;
    const { memory } = parts.memory.linear;
    this.#kernels = kernels;
    this.#memory = memory;
    this.board = new JobBoard(workers + 1, kernels.shared);
    this.#mainLane = this.#createLane(parts.memory.instance);
    this.team = new WorkerTeam(
      { first: MAIN_LANE + 1, end: MAIN_LANE + 1 + workers },
      this.board,
      (lane, listener) => {
        const { module, functions, stacks } = kernels;
        const stackTop = stacks.topOf(lane);
        return startWorker(
          { module, memory, functions, lane, board: this.board.words, stackTop },
          listener,
          createWorker,
        );
      },
      parts.onChange,
      parts.onLoss,
    );
  }

  /** The calling thread's lane, through which it takes tasks and calls functions. */
  get mainLane(): Lane {
    return this.#mainLane;
  }

  /** After a trap the globals of an instance, its stack pointer among them, may be anything: takes a new one. */
  replaceMain(): void {
    this.#mainLane = this.#createLane(instantiateMain(this.#kernels, this.#memory));
  }

  #createLane(instance: WebAssembly.Instance): Lane {
    return {
      index: MAIN_LANE,
      board: this.board.words,
      memory: this.#memory,
      functions: functionTable(this.#kernels, instance),
      words: new Int32Array(this.#memory.buffer),
    };
  }
}
