/**
 * Decides where operations run, by a cost model, and when it is worth while to have a GPU at all. Getting a device, compiling kernels
 * and calibrating are bought when as much time as they take could have been saved (or, for calibrating, was spent): nobody pays more
 * than twice what would have been best, and short programs pay nothing.
 */

import { type CostModel, costOf, OPERATIONS, type Operation, type Side, type Work } from './cost-model.ts';
import { isFewOnHost } from './few-operands.ts';

/** What a router can do about the GPU. */
export interface RouterHost {
  /** Costs on the CPU before anything is known of this machine. */
  readonly guess: CostModel;
  /** A model of this machine from an earlier process, if there is one. */
  recall(): Promise<CostModel | undefined>;
  /** Gets a device and makes sure that the model is of it: the model itself, another one, or none where there is no hardware GPU. */
  wake(model: CostModel): Promise<CostModel | undefined>;
  /** Gets a device and measures; none where there is no hardware GPU. Rejects with AbortedError, and may be asked again. */
  calibrate(signal: AbortSignal | undefined): Promise<CostModel | undefined>;
}

/** An operation that the CPU does in less is not looked at further: a GPU takes as long to answer. */
const WORTH_LOOKING_MS = 20;
/** Time on the CPU that such operations take together before the machine is calibrated, which takes about as long. */
const CALIBRATE_AFTER_MS = 3000;

type Stage = 'guessing' | 'asleep' | 'awake' | 'off';

/** See the head of the file. */
export class Router {
  readonly #host: RouterHost;
  #model: CostModel;
  #stage: Stage = 'guessing';
  #hasRecalled = false;
  #spentMs = 0;
  #savedMs = 0;
  readonly #savedByOperation = new Map<Operation, number>();
  readonly #compiled = new Set<Operation>();
  /** Changes of stage happen one at a time. */
  #changing: Promise<void> | undefined;

  constructor(host: RouterHost) {
    this.#host = host;
    this.#model = host.guess;
  }

  /** Whether there is a device. */
  get isAwake(): boolean {
    return this.#stage === 'awake';
  }

  /** Leaves everything to the CPU from now on. */
  close(): void {
    this.#stage = 'off';
  }

  /** Where to run an operation. Rejects with AbortedError when the signal fires while it waits for a calibration. */
  async route(work: Work, signal?: AbortSignal): Promise<Side> {
    if (this.#stage === 'off' || isFewOnHost(work)) return 'cpu';
    if (this.#stage === 'guessing') {
      const spent = costOf(this.#model, work, 'cpu');
      if (!(spent >= WORTH_LOOKING_MS)) return 'cpu';
      if (!this.#hasRecalled) await this.#change(() => this.#recall());
      if (this.#stage === 'guessing') {
        this.#spentMs += spent;
        if (this.#spentMs < CALIBRATE_AFTER_MS) return 'cpu';
        await this.#change(async () => {
          this.#adopt(await this.#host.calibrate(signal));
          // What was measured is compiled.
          for (const operation of OPERATIONS) this.#compiled.add(operation);
        });
      }
    }
    return this.#decide(work);
  }

  async #decide(work: Work): Promise<Side> {
    const saved = this.#savingMs(work);
    if (saved <= 0) return 'cpu';
    const { operation } = work;
    if (!this.#compiled.has(operation)) {
      const { startMs, compileMs } = this.#model.gpu;
      const ofOperation = (this.#savedByOperation.get(operation) ?? 0) + saved;
      this.#savedByOperation.set(operation, ofOperation);
      this.#savedMs += saved;
      const compile = compileMs[operation] ?? 0;
      if (ofOperation < compile || (!this.isAwake && this.#savedMs < compile + startMs)) return 'cpu';
    }
    if (this.#stage === 'asleep') {
      await this.#change(async () => this.#adopt(await this.#host.wake(this.#model)));
      // Another device may be worth less.
      if (this.#savingMs(work) <= 0) return 'cpu';
    }
    if (!this.isAwake) return 'cpu';
    this.#compiled.add(operation);
    return 'gpu';
  }

  /** What the GPU saves; nothing where there is none, or a side has no figure. */
  #savingMs(work: Work): number {
    if (this.#stage !== 'asleep' && this.#stage !== 'awake') return 0;
    const saving = costOf(this.#model, work, 'cpu') - costOf(this.#model, work, 'gpu');
    return Number.isFinite(saving) ? saving : 0;
  }

  async #recall(): Promise<void> {
    this.#hasRecalled = true;
    const model = await this.#host.recall();
    if (!model || this.#stage !== 'guessing') return;
    this.#model = model;
    this.#stage = 'asleep';
  }

  #adopt(model: CostModel | undefined): void {
    if (this.#stage === 'off') return;
    if (model) this.#model = model;
    this.#stage = model ? 'awake' : 'off';
  }

  /** Runs a change of stage, or waits for the one that runs. */
  async #change(action: () => Promise<void>): Promise<void> {
    const running = this.#changing;
    if (running) {
      // Whoever began it is told what became of it.
      await running.catch(() => {});
      return;
    }
    const own = action();
    this.#changing = own;
    try {
      await own;
    } finally {
      this.#changing = undefined;
    }
  }
}
