/** Progress of the long operations. */

import type { OperationOptions } from './backend.ts';
import type { BackendSource } from './create-backend.ts';

/** How far an operation is. */
export interface Progress {
  /** What is being done, in one word: `fold`, `check`, `verify`, `powers` … */
  readonly phase: string;
  /** Share of the whole operation that is done, from 0 to 1; never falls. */
  readonly fraction: number;
}

/** Options that every top-level operation takes. */
export interface RunOptions {
  /** Where the arithmetic runs: a backend, the name of one, or a function that gives one for a curve. Default `auto`. */
  readonly backend?: BackendSource | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Cancels the operation, which then rejects with AbortedError. */
  readonly signal?: AbortSignal | undefined;
}

/** A part of a larger operation, from `start` to `end` of its whole, as options for a smaller one. */
export function phase(options: RunOptions, name: string, start: number, end: number): OperationOptions {
  return {
    signal: options.signal,
    onProgress: (fraction) =>
      options.onProgress?.({ phase: name, fraction: start + (end - start) * fraction }),
  };
}

/** Options for a part of a larger operation, from `start` to `end` of its whole, that has phases of its own. */
export function stretch<O extends RunOptions>(options: O, start: number, end: number): O {
  const { onProgress } = options;
  if (!onProgress) return options;
  return {
    ...options,
    onProgress: ({ phase: name, fraction }: Progress) =>
      onProgress({ phase: name, fraction: start + (end - start) * fraction }),
  };
}
