/** Timing on a shared, noisy machine: cases take turns, and medians and quartiles are reported, never minima. */

import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../../src/errors.ts';
import { pairedRatio, quartiles } from './quantiles.ts';
import type { Row } from './report.ts';

/** One thing to time. */
export interface Case {
  readonly op: string;
  readonly curve: string;
  readonly n: number;
  readonly backend: string;
  /** Multiplier form, where the backend has several. */
  readonly form?: string;
  readonly threads: number;
  readonly bytes?: number;
  /** The backend to compare with: the case among those measured together that differs from this one in nothing else. */
  readonly against?: string;
  /** The peer's name for the operation, where it is not this one's. */
  readonly againstOp?: string;
  /** Runs once, untimed, before anything is timed; must reject or return false when the result is wrong. */
  check(): Promise<boolean>;
  /** The timed call. May return its own milliseconds where only a part of the call counts. */
  run(): Promise<number | undefined>;
}

/** How often and how loudly to measure. */
export interface MeasureOptions {
  readonly suite: string;
  /** Rounds at least. */
  readonly rounds: number;
  /** Goes on, to at most {@link MOST_ROUNDS}, until this long has been measured. Default 0: the least number of rounds. */
  readonly budgetMs?: number;
  /** A case that has been timed for this long in all sits out the rounds that remain. Default: none does. */
  readonly caseBudgetMs?: number;
  /** Runs each case untimed until it has had this long, check included: code is compiled then, caches are full. Default 0. */
  readonly warmUpMs?: number;
  /**
   * Calls shorter than this run once untimed before each sample, so that what ran before them – another library's garbage, a core
   * gone to sleep, caches full of something else – is not in their time. Default 0: none does.
   */
  readonly leadInMs?: number;
  /** A sample is the mean of as many calls as take this long. Default 0: of one. */
  readonly sampleMs?: number;
  /** Ends the measurement after the call that runs, with AbortedError. */
  readonly signal?: AbortSignal;
  readonly onStep?: (done: number, total: number, what: string) => void;
}

/** More rounds change a median little. */
const MOST_ROUNDS = 41;

async function time(run: Case['run']): Promise<number> {
  const start = performance.now();
  const own = await run();
  return typeof own === 'number' ? own : performance.now() - start;
}

/** What suites of warm calls take. */
export const STEADY = { leadInMs: 250, sampleMs: 10 } as const;

/** What {@link STEADY} means, for reports. */
export const STEADY_NOTE = `Calls below ${STEADY.leadInMs} ms have one before them that is not timed; a sample of those below ${STEADY.sampleMs} ms is the mean of several.`;

/** The samples of a case. */
class Turns {
  readonly samples: number[] = [];
  readonly #run: Case['run'];
  readonly #options: MeasureOptions;
  #callMs = Number.POSITIVE_INFINITY;

  constructor({ run }: Case, options: MeasureOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** One sample. */
  async take(): Promise<void> {
    const { leadInMs = 0, sampleMs = 0 } = this.#options;
    if (this.#callMs < leadInMs) await this.#run();
    const times: number[] = [];
    const start = performance.now();
    do times.push(await time(this.#run));
    while (performance.now() - start < sampleMs);
    this.#callMs = (performance.now() - start) / times.length;
    this.samples.push(times.reduce((sum, ms) => sum + ms, 0) / times.length);
  }
}

/** The case that `item` is compared with. */
function peerOf(item: Case, cases: readonly Case[]): number {
  return cases.findIndex(
    (other) =>
      other.backend === item.against &&
      other.op === (item.againstOp ?? item.op) &&
      other.curve === item.curve &&
      other.n === item.n &&
      other.threads === item.threads,
  );
}

/**
 * Checks every case, then times them in turn: round after round, each case once a round, so that drift of the machine
 * meets all alike. Throws when a check fails: a wrong result is not timed.
 */
export async function measure(cases: readonly Case[], options: MeasureOptions): Promise<Row[]> {
  const { rounds, budgetMs = 0, caseBudgetMs = Number.POSITIVE_INFINITY, warmUpMs = 0, signal } = options;
  const total = cases.length * (rounds + 1);
  let done = 0;
  // A turn of the event loop, so that a signal is heard even between calls that never wait for anything.
  const step = async (what: string): Promise<void> => {
    done = Math.min(done + 1, total);
    options.onStep?.(done, total, what);
    await setImmediate();
    throwIfAborted(signal);
  };
  for (const item of cases) {
    const start = performance.now();
    if (!(await item.check()))
      throw new Error(`${item.backend} ${item.op} n=${item.n}: the result is wrong; nothing was timed.`);
    while (performance.now() - start < warmUpMs) await item.run();
    await step(`check ${item.op}`);
  }
  const turns = cases.map((item) => new Turns(item, options));
  const start = performance.now();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round >= rounds && performance.now() - start >= budgetMs) break;
    for (const [i, item] of cases.entries()) {
      const own = turns[i] as Turns;
      if (own.samples.reduce((sum, ms) => sum + ms, 0) >= caseBudgetMs) continue;
      await own.take();
      await step(item.op);
    }
  }
  return cases.map((item, i): Row => {
    const own = (turns[i] as Turns).samples;
    const peer = item.against === undefined ? undefined : turns[peerOf(item, cases)]?.samples;
    return {
      suite: options.suite,
      op: item.op,
      curve: item.curve,
      n: item.n,
      backend: item.backend,
      ...(item.form === undefined ? {} : { form: item.form }),
      threads: item.threads,
      warm: true,
      ...quartiles(own),
      ...(peer ? { ratio: pairedRatio(peer, own) } : {}),
      ...(item.bytes === undefined ? {} : { bytes: item.bytes }),
      checked: true,
    };
  });
}
