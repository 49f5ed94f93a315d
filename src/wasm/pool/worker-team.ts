/** The workers of a pool: one a lane, started when missing, replaced when lost. */

import { WorkerFailedError } from '../../errors.ts';
import type { JobBoard } from './job-board.ts';
import type { WorkerMessage } from './task-loop.ts';
import { type HostedWorker, startWorker, type WorkerListener } from './worker-host.ts';

/** How the team starts the worker of a lane; {@link startWorker} with the module and memory filled in. */
export type StartLane = (lane: number, listener: WorkerListener) => HostedWorker;

interface Member {
  readonly worker: HostedWorker;
  ready: boolean;
}

/** Workers on the lanes from `firstLane` up to, not including, `endLane`. */
export class WorkerTeam {
  readonly #firstLane: number;
  readonly #endLane: number;
  readonly #board: JobBoard;
  readonly #start: StartLane;
  readonly #onChange: () => void;
  readonly #onLoss: (error: WorkerFailedError) => void;
  readonly #members = new Map<number, Member>();
  #lastStartError: WorkerFailedError | undefined;

  /**
   * @param onChange Called after every message and every end of a worker.
   * @param onLoss Called when a worker trapped or ended in the midst of a job, before `onChange`.
   */
  constructor(
    lanes: { first: number; end: number },
    board: JobBoard,
    start: StartLane,
    onChange: () => void,
    onLoss: (error: WorkerFailedError) => void,
  ) {
    this.#firstLane = lanes.first;
    this.#endLane = lanes.end;
    this.#board = board;
    this.#start = start;
    this.#onChange = onChange;
    this.#onLoss = onLoss;
  }

  /** Workers that take tasks. */
  get ready(): number {
    let count = 0;
    for (const member of this.#members.values()) if (member.ready) count++;
    return count;
  }

  /** Workers that take tasks or will. */
  get size(): number {
    return this.#members.size;
  }

  /** Whether all workers that were started failed to start, the last of them included. */
  get neverStarted(): boolean {
    return this.size === 0 && this.#lastStartError !== undefined;
  }

  /** Why no worker is ready: the last that would not start, those that take too long to, or that all have ended. */
  lossError(): WorkerFailedError {
    return (
      this.#lastStartError ??
      (this.size > 0 ? startError(this.#firstLane, 'The workers took too long', undefined) : undefined) ??
      new WorkerFailedError(
        'All workers of the pool ended without a task. Something outside the pool ends them.',
        {
          reason: 'exit',
        },
      )
    );
  }

  /** Whether no worker holds a task or may still take one of a closed job. */
  get idle(): boolean {
    for (const lane of this.#members.keys()) if (this.#board.taskOf(lane) !== undefined) return false;
    return true;
  }

  /** Starts the workers that are missing, without waiting for them. */
  fill(): void {
    for (let lane = this.#firstLane; lane < this.#endLane; lane++) {
      if (!this.#members.has(lane)) this.#startMember(lane);
    }
  }

  /** Ends all workers. The team, its board and memory must not be used afterwards: see {@link HostedWorker.terminate}. */
  async terminate(): Promise<void> {
    const workers = [...this.#members.values()].map((member) => member.worker);
    this.#members.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #startMember(lane: number): void {
    const listener: WorkerListener = {
      onMessage: (message) => this.#receive(lane, message),
      onEnd: (what, cause) => this.#lose(lane, 'exit', `The worker of thread ${lane} ${what}`, -1, cause),
    };
    this.#board.clearLane(lane);
    try {
      this.#members.set(lane, { worker: this.#start(lane, listener), ready: false });
    } catch (error) {
      this.#lastStartError = startError(
        lane,
        `The worker of thread ${lane} could not be started: ${error}`,
        error,
      );
    }
  }

  #receive(lane: number, message: WorkerMessage): void {
    const member = this.#members.get(lane);
    if (!member) return;
    if (message.kind === 'ready') {
      member.ready = true;
      this.#lastStartError = undefined;
    } else if (message.kind === 'failed') {
      const what = `${message.name}: ${message.message}`;
      this.#lose(lane, 'trap', `Thread ${lane} failed with ${what}`, message.task);
      return;
    }
    this.#onChange();
  }

  #lose(lane: number, reason: 'trap' | 'exit', what: string, task: number, cause?: unknown): void {
    const member = this.#members.get(lane);
    if (!member) return;
    this.#members.delete(lane);
    member.worker.terminate().catch(() => {});
    const during = reason === 'trap' ? task : this.#board.taskOf(lane);
    this.#board.clearLane(lane);
    if (!member.ready) {
      this.#lastStartError = startError(lane, what, cause);
    } else if (during !== undefined) {
      this.#onLoss(taskError(lane, reason, what, during, cause));
    }
    // Its wake-up call may have gone to the lost worker: wake another one, or the job waits for ever.
    this.#board.wake();
    this.#onChange();
  }
}

function startError(lane: number, what: string, cause: unknown): WorkerFailedError {
  return new WorkerFailedError(
    `${what} before being ready. Check that workers are allowed here (Content-Security-Policy worker-src, Node's permission model), or use threads: 1.`,
    { lane, reason: 'start' },
    cause,
  );
}

/** The error of a job whose thread `lane` was lost in the midst of it. `task` is -1 when it is not known. */
export function taskError(
  lane: number,
  reason: 'trap' | 'exit',
  what: string,
  task: number,
  cause?: unknown,
): WorkerFailedError {
  const where = task < 0 ? 'in a job' : `in task ${task} of a job`;
  return new WorkerFailedError(
    `${what} ${where}. The job's results are lost; the thread is replaced, and later jobs are not affected.`,
    task < 0 ? { lane, reason } : { lane, reason, task },
    cause,
  );
}
