/**
 * What the CPU engine has to reach, as ratios to ffjavascript 0.3.1 in one run on one machine: how many times as long
 * ffjavascript takes for the same result. `must` decides whether a line passes; `aim` is where the fastest native
 * implementations are. A line holds for every row it covers: the lowest ratio counts.
 */

import type { Row } from './lib/report.ts';

/** One line. */
export interface Target {
  readonly name: string;
  /** Operations of the rows it covers. */
  readonly ops: readonly string[];
  /** Sizes it covers, both ends included. */
  readonly sizes?: readonly [least: number, most: number];
  /** Threads of the rows it covers: one, or as many as there are cores. */
  readonly threads: 'one' | 'all';
  /** Multiplier form of the rows it covers; `best` is whichever form this machine runs best. */
  readonly form: 'best' | 'simd';
  readonly must: number;
  readonly aim: number;
}

/** All lines. */
export const TARGETS: readonly Target[] = [
  {
    name: 'G1 MSM 2^14 – 2^18',
    ops: ['msm-g1'],
    sizes: [2 ** 14, 2 ** 18],
    threads: 'all',
    form: 'best',
    must: 4,
    aim: 6,
  },
  {
    name: 'G1 MSM ≤ 2^12',
    ops: ['msm-g1'],
    sizes: [1, 2 ** 12],
    threads: 'all',
    form: 'best',
    must: 2.5,
    aim: 4,
  },
  { name: 'G2 MSM', ops: ['msm-g2'], threads: 'all', form: 'best', must: 6, aim: 10 },
  {
    name: 'NTT 2^16 – 2^20',
    ops: ['ntt'],
    sizes: [2 ** 16, 2 ** 20],
    threads: 'all',
    form: 'best',
    must: 8,
    aim: 14,
  },
  { name: 'Miller loop with lines', ops: ['miller-loop'], threads: 'one', form: 'best', must: 2.5, aim: 5 },
  { name: 'pairing', ops: ['pairing'], threads: 'one', form: 'best', must: 3, aim: 5.5 },
  {
    name: 'SIMD-integer kernel, MSM',
    ops: ['msm-g1', 'msm-g2'],
    threads: 'all',
    form: 'simd',
    must: 2.5,
    aim: 3,
  },
];

/** What the rows of a run say of one line. */
export interface Verdict {
  readonly target: Target;
  /** `not measured` when the run has no row that the line covers. */
  readonly result: 'pass' | 'fail' | 'not measured';
  /** The rows it covers, lowest ratio first. */
  readonly rows: readonly (Row & { readonly ratio: number })[];
}

function covers(target: Target, row: Row, bestForm: string, allThreads: number): boolean {
  const [least, most] = target.sizes ?? [1, Number.POSITIVE_INFINITY];
  return (
    target.ops.includes(row.op) &&
    row.n >= least &&
    row.n <= most &&
    row.threads === (target.threads === 'one' ? 1 : allThreads) &&
    row.form === (target.form === 'best' ? bestForm : target.form)
  );
}

/** Holds rows against the targets. `bestForm` is the form this machine runs best, `allThreads` the number of its cores. */
export function checkTargets(
  rows: readonly Row[],
  bestForm: string,
  allThreads: number,
  targets: readonly Target[] = TARGETS,
): Verdict[] {
  return targets.map((target): Verdict => {
    const covered = rows
      .flatMap((row) => (row.ratio === undefined ? [] : [{ ...row, ratio: row.ratio }]))
      .filter((row) => covers(target, row, bestForm, allThreads))
      .sort((a, b) => a.ratio - b.ratio);
    const lowest = covered[0];
    if (!lowest) return { target, result: 'not measured', rows: covered };
    return { target, result: lowest.ratio >= target.must ? 'pass' : 'fail', rows: covered };
  });
}

/** A verdict as a line for people: the lowest ratio, where it is, and the highest. */
export function formatVerdict({ target, result, rows }: Verdict): string {
  const required = `must ${target.must}×, aim ${target.aim}×`;
  const [lowest, highest] = [rows[0], rows.at(-1)];
  const word = { pass: 'pass', fail: 'FAIL', 'not measured': '–' }[result].padEnd(4);
  if (!lowest || !highest) return `${word}  ${target.name}: not measured (${required})`;
  const at = (row: Row & { ratio: number }): string => `${row.ratio.toFixed(2)}× at ${row.op} n=${row.n}`;
  const range = lowest === highest ? at(lowest) : `${at(lowest)} to ${at(highest)}`;
  return `${word}  ${target.name}: ${range} (${required})`;
}
