/** Timing on a shared, noisy machine: cases take turns, and medians and quartiles are reported, never minima. */

import type { Row } from './report.ts';

/** One thing to time. */
export interface Case {
  readonly op: string;
  readonly curve: string;
  readonly n: number;
  readonly backend: string;
  readonly threads: number;
  readonly bytes?: number;
  /** Runs once, untimed, before anything is timed; must reject or return false when the result is wrong. */
  check(): Promise<boolean>;
  /** The timed call. May return its own milliseconds where only a part of the call counts. */
  run(): Promise<number | undefined>;
}

/** How often and how loudly to measure. */
export interface MeasureOptions {
  readonly suite: string;
  readonly rounds: number;
  readonly onStep?: (done: number, total: number, what: string) => void;
}

function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** Middle value of a sample. */
export function median(sample: readonly number[]): number {
  return quantile(
    [...sample].sort((a, b) => a - b),
    0.5,
  );
}

/** Median and quartiles of a sample of milliseconds, as rows hold them. */
export function quartiles(sample: readonly number[]): Pick<Row, 'medianMs' | 'p25Ms' | 'p75Ms'> {
  const sorted = [...sample].sort((a, b) => a - b);
  return { medianMs: quantile(sorted, 0.5), p25Ms: quantile(sorted, 0.25), p75Ms: quantile(sorted, 0.75) };
}

async function time(run: Case['run']): Promise<number> {
  const start = performance.now();
  const own = await run();
  return typeof own === 'number' ? own : performance.now() - start;
}

/**
 * Checks every case, then times them in turn: round after round, each case once a round, so that drift of the machine
 * meets all alike. Throws when a check fails: a wrong result is not timed.
 */
export async function measure(cases: readonly Case[], options: MeasureOptions): Promise<Row[]> {
  const total = cases.length * (options.rounds + 1);
  let done = 0;
  const step = (what: string): void => {
    done++;
    options.onStep?.(done, total, what);
  };
  for (const item of cases) {
    if (!(await item.check()))
      throw new Error(`${item.backend} ${item.op} n=${item.n}: the result is wrong; nothing was timed.`);
    step(`check ${item.op}`);
  }
  const samples = cases.map((): number[] => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, item] of cases.entries()) {
      samples[i]?.push(await time(item.run));
      step(item.op);
    }
  }
  return cases.map((item, i): Row => {
    return {
      suite: options.suite,
      op: item.op,
      curve: item.curve,
      n: item.n,
      backend: item.backend,
      threads: item.threads,
      warm: true,
      ...quartiles(samples[i] ?? []),
      ...(item.bytes === undefined ? {} : { bytes: item.bytes }),
      checked: true,
    };
  });
}
