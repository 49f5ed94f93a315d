/** Operations measured size by size: inputs are made when their turn comes and let go of afterwards, results kept as they come. */

import { AbortedError, throwIfAborted } from '../../src/errors.ts';
import { type Case, type MeasureOptions, measure } from './measure.ts';
import type { Row } from './report.ts';

/** Inputs of an operation, made once for all its sizes. */
export interface Prepared {
  /** What is measured together at one size. Inputs of the size before may be let go of. */
  cases(n: number): readonly Case[] | Promise<readonly Case[]>;
  /** Rows of the size just measured that are not from rounds, such as first calls and uploads. */
  rows?(): readonly Row[];
  release?(): void | Promise<void>;
}

/** One operation. */
export interface Operation {
  readonly name: string;
  readonly sizes: readonly number[];
  prepare(signal: AbortSignal | undefined): Promise<Prepared>;
}

/** What was measured, whole sizes only. */
export interface Measured {
  readonly rows: Row[];
  readonly interrupted: boolean;
}

/**
 * Measures operations one after another. An abort ends it after the call that runs; rows of sizes that were complete by then
 * are given, and nothing is thrown.
 */
export async function measureOperations(
  operations: readonly Operation[],
  options: MeasureOptions,
): Promise<Measured> {
  const rows: Row[] = [];
  const total = operations.reduce((sum, { sizes }) => sum + sizes.length, 0);
  let done = 0;
  const report = (what: string): void => options.onStep?.(done, total, what);
  try {
    for (const { name, sizes, prepare } of operations) {
      throwIfAborted(options.signal);
      report(`${name}: making inputs`);
      const prepared = await prepare(options.signal);
      try {
        for (const n of sizes) {
          const what = `${name} n=${n}`;
          report(what);
          const cases = await prepared.cases(n);
          const onStep = (calls: number, of: number): void => report(`${what}: ${calls}/${of}`);
          const measured = await measure(cases, { ...options, onStep });
          rows.push(...(prepared.rows?.() ?? []), ...measured);
          done++;
          report(`${what}: done`);
        }
      } finally {
        await prepared.release?.();
      }
    }
    return { rows, interrupted: false };
  } catch (error) {
    if (error instanceof AbortedError && options.signal?.aborted) return { rows, interrupted: true };
    throw error;
  }
}
