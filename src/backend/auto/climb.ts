/** Times one operation at growing sizes, within an allowance that it does not overdraw however slow the machine is. */

import { AbortedError, throwIfAborted } from '../../errors.ts';
import { type Line, lineThrough } from './cost-model.ts';

/** Something to time, with its inputs in place. */
export interface Placed {
  /** Rejects with AbortedError soon after the signal fires. */
  run(signal: AbortSignal): Promise<unknown>;
  release(): void;
}

/** What to time. */
export interface Ladder {
  /** From the smallest size on. */
  readonly sizes: readonly number[];
  /** Items of a size in the cost model. */
  itemsOf(size: number): number;
  place(size: number): Promise<Placed>;
}

/** How long it may take. */
export interface Allowance {
  /**
   * For all runs together, less what a first run at a size takes beyond later ones, or beyond what its size makes of the one before: that
   * is compiling.
   */
  readonly ms: number;
  /** For one run of so many items; a longer one ends the climb. The smallest size may take what the largest may. Default: no such limit. */
  capMs?(items: number): number;
  readonly signal?: AbortSignal | undefined;
}

interface Time {
  readonly items: number;
  readonly ms: number;
}

/** What was measured. */
export interface Climb {
  /** Of the last two sizes, which are the same where there is but one; none where not even the smallest was done in time. */
  readonly last: readonly [smaller: Time, larger: Time] | undefined;
  /** Of the smallest size. */
  readonly first: Time | undefined;
  /** Spent of the allowance. */
  readonly spentMs: number;
}

/** A run that takes this long needs no larger one, nor another of its size. */
const LONG_MS = 20;
const REPEATS = 3;

/** Whether most of a time is a fixed part, so that it says little of larger sizes. */
function isFlat([smaller, larger]: readonly [Time, Time]): boolean {
  return larger.ms < 2 * smaller.ms && larger.items > smaller.items;
}

/** Runs an action and gives its milliseconds, with whether it was done when the limit came. */
async function limited(
  limitMs: number,
  outer: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<unknown>,
): Promise<{ readonly ms: number; readonly isDone: boolean }> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  outer?.addEventListener('abort', abort);
  const timer = setTimeout(abort, limitMs);
  const started = performance.now();
  let isDone = true;
  try {
    await action(controller.signal);
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    throwIfAborted(outer);
    isDone = false;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
  return { ms: performance.now() - started, isDone };
}

/**
 * Times a ladder from its smallest size up until a run is long and most of it not a fixed part, or time is up. Throws AbortedError where
 * the allowance's signal fires, and what runs throw.
 */
export async function climb(ladder: Ladder, allowance: Allowance): Promise<Climb> {
  const { signal, capMs } = allowance;
  let leftMs = allowance.ms;

  const measure = async (size: number, before: Time | undefined): Promise<Time | undefined> => {
    throwIfAborted(signal);
    const items = ladder.itemsOf(size);
    const capped = before ? items : ladder.itemsOf(ladder.sizes.at(-1) ?? size);
    const cap = capMs?.(capped) ?? Number.POSITIVE_INFINITY;
    const placing = performance.now();
    const placed = await ladder.place(size);
    leftMs -= performance.now() - placing;
    const once = async (): Promise<number | undefined> => {
      if (leftMs <= 0) return undefined;
      const { ms, isDone } = await limited(Math.min(leftMs, cap), signal, (until) => placed.run(until));
      leftMs -= ms;
      return isDone ? ms : undefined;
    };
    try {
      // The first run also compiles: nothing else takes more than its size makes of the run before.
      const leftBefore = leftMs;
      const first = await once();
      const mostMs = before ? (before.ms * items) / before.items : Number.POSITIVE_INFINITY;
      leftMs = Math.max(leftMs, leftBefore - mostMs);
      const leftAfter = leftMs;
      let best: number | undefined;
      for (let repeat = 0; repeat < REPEATS && (best ?? 0) < LONG_MS; repeat++) {
        const ms = await once();
        if (ms === undefined) break;
        best = Math.min(best ?? ms, ms);
      }
      if (first !== undefined && best !== undefined) leftMs += Math.max(0, leftBefore - leftAfter - best);
      const ms = best ?? first;
      return ms === undefined ? undefined : { items, ms };
    } finally {
      placed.release();
    }
  };

  let first: Time | undefined;
  let last: [Time, Time] | undefined;
  for (const size of ladder.sizes) {
    const isSteep = last && last[1] !== last[0] && last[1].ms >= LONG_MS && !isFlat(last);
    if (isSteep || leftMs <= (last?.[1].ms ?? 0)) break;
    const time = await measure(size, last?.[1]);
    if (!time) break;
    first ??= time;
    last = [last?.[1] ?? time, time];
  }
  return { first, last, spentMs: allowance.ms - leftMs };
}

/** The line of a climb: sums take less an item the more there are, so the last two sizes tell most about those that matter. */
export function lineOf({ last }: Climb): Line | undefined {
  return last && lineThrough(...last);
}

/** A line that is nowhere below what was measured, nor beyond it where that is mostly a fixed part: what wins by it wins. */
export function cautiousLine(climbed: Climb): Line | undefined {
  const line = lineOf(climbed);
  const { first, last } = climbed;
  if (!line || !first || !last) return undefined;
  const [smaller, larger] = last;
  const isUnsure = smaller.items === larger.items || isFlat(last);
  return {
    fixedMs: Math.max(line.fixedMs, first.ms),
    itemMs: isUnsure ? larger.ms / Math.max(1, larger.items) : line.itemMs,
  };
}
