/** Ctrl-C and SIGTERM: the first asks for an orderly end, one that comes later kills. */

import type { Interruption } from './exit-codes.ts';

const INTERRUPTIONS: readonly Interruption[] = [
  { signal: 'SIGINT', exitCode: 130 },
  { signal: 'SIGTERM', exitCode: 143 },
];

/**
 * Signals this soon after the first are the same one. A terminal sends Ctrl-C to its whole foreground group, and npm and npx,
 * which are in it, hand theirs on to the child that has it already.
 */
const SAME_MS = 500;

/** Calls `end` at the first signal. The next one, unless it is the same, ends the process as if nobody listened. */
export function onInterruption(end: (interruption: Interruption) => void): void {
  let first: number | undefined;
  const listeners = INTERRUPTIONS.map((interruption) => ({
    signal: interruption.signal,
    listener: (): void => {
      const now = performance.now();
      if (first === undefined) {
        first = now;
        end(interruption);
      } else if (now - first > SAME_MS) {
        for (const { signal, listener } of listeners) process.removeListener(signal, listener);
        process.kill(process.pid, interruption.signal);
      }
    },
  }));
  for (const { signal, listener } of listeners) process.on(signal, listener);
}
