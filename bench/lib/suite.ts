/** What a benchmark suite is. */

import type { Figure } from '../figures/figure.ts';
import type { MeasureOptions } from './measure.ts';
import type { Adapter, Row } from './report.ts';

/** Settings of a run. */
export interface SuiteOptions {
  /** Small sizes and few rounds: a trial that everything works, not a measurement. */
  readonly quick: boolean;
  /** Sizes to measure instead of the suite's own. */
  readonly sizes?: readonly number[];
  /** Operations to measure instead of all. */
  readonly only?: readonly string[];
  /** Aborted when the run is interrupted: a suite that heeds it gives what was complete by then. */
  readonly signal: AbortSignal;
  readonly onStep: NonNullable<MeasureOptions['onStep']>;
}

/** What a suite gives. */
export interface SuiteResult {
  readonly rows: Row[];
  /** Lines printed below the table. */
  readonly notes: string[];
  /** Whether it ended early, because of the signal. */
  readonly interrupted?: boolean | undefined;
  /** The GPU, where the suite used one. */
  readonly adapter?: Adapter | undefined;
}

/** One suite: a name for the command line and what it measures. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  /** Packages whose versions belong in the report. */
  readonly packages: readonly string[];
  /** Operations that `--only` takes, where the suite can leave some out. */
  readonly operations?: readonly string[];
  /**
   * Whether the suite uses a GPU: one that needs it gets the software adapter of the tests where the machine has none; one that can
   * do without gets that only when SHEAF_GPU is `software`.
   */
  readonly gpu?: 'needed' | 'optional';
  /** Picture of a report. */
  readonly figure?: Figure;
  run(options: SuiteOptions): Promise<SuiteResult>;
}
