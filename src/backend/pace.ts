/** Keeps long synchronous work polite: cancellable, reporting, and letting the event loop breathe. */

import { throwIfAborted } from '../errors.ts';
import type { OperationOptions } from './backend.ts';

/** How long work may hold the event loop before it lets other tasks run. */
const HOLD_MS = 30;

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Runs `step(i)` for 0 ≤ i < count, yielding every {@link HOLD_MS} ms. Throws AbortedError when the signal fires. */
export async function paced(
  count: number,
  options: OperationOptions,
  step: (index: number) => void,
): Promise<void> {
  throwIfAborted(options.signal);
  let held = Date.now();
  for (let i = 0; i < count; i++) {
    step(i);
    if (Date.now() - held > HOLD_MS) {
      options.onProgress?.((i + 1) / count);
      await nextTask();
      throwIfAborted(options.signal);
      held = Date.now();
    }
  }
  options.onProgress?.(1);
}

/** Maps items with {@link paced}. */
export async function pacedMap<I, O>(
  items: readonly I[],
  options: OperationOptions,
  each: (item: I, index: number) => O,
): Promise<O[]> {
  const out: O[] = new Array(items.length);
  await paced(items.length, options, (i) => {
    out[i] = each(items[i] as I, i);
  });
  return out;
}
