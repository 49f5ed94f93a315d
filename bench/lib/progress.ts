/** Progress of a run on standard error: one line that changes on a terminal, a line for each thing begun elsewhere. */

/** A place to write to, as `process.stderr` is. */
export interface ProgressTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What {@link progressTo} gives. */
export interface Progress {
  step(done: number, total: number, what: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** Writes progress. What stands after a colon is detail: without a terminal, steps that differ in nothing else are left out. */
export function progressTo(target: ProgressTarget): Progress {
  let last = '';
  return {
    step: (done, total, what) => {
      if (target.isTTY) {
        target.write(`\r\u001b[K${done}/${total} ${what}`);
        return;
      }
      const [subject = ''] = what.split(':');
      if (subject !== last) target.write(`${done}/${total} ${subject}\n`);
      last = subject;
    },
    clear: () => {
      if (target.isTTY) target.write('\r\u001b[K');
    },
  };
}
