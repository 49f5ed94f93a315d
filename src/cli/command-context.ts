/** What a command is given, and how it is run. */

import { Console, type ConsoleOptions, type Shell } from './console.ts';

/** What a running command works with. */
export interface CommandContext {
  readonly console: Console;
  readonly signal: AbortSignal;
  readonly stdin: Shell['stdin'];
}

/** A command: its arguments, then its flags. Resolves to the exit code. */
export type Action<A extends readonly unknown[]> = (context: CommandContext, ...args: A) => Promise<number>;

/** Makes commander's action of a command's. */
export type Runner = <A extends readonly unknown[]>(
  action: Action<A>,
) => (...args: unknown[]) => Promise<void>;

/** Runs commands in a shell; `done` gets the exit code of one that did not throw. */
export function createRunner(shell: Shell, done: (exitCode: number) => void): Runner {
  return <A extends readonly unknown[]>(action: Action<A>) =>
    async (...args: unknown[]) => {
      // Commander appends the flags and itself to the arguments.
      const own = args.slice(0, -1) as unknown as A;
      const console = new Console(shell, args.at(-2) as ConsoleOptions);
      try {
        done(await action({ console, signal: shell.signal, stdin: shell.stdin }, ...own));
      } finally {
        console.progress.clear();
      }
    };
}

/** Reports an operation's progress on the console. `labels` name the phases that the library tells apart. */
export function trackProgress(
  { console }: CommandContext,
  label: string,
  count: number,
  unit: string,
): (fraction: number, label?: string) => void {
  console.progress.start();
  return (fraction, phaseLabel = label) =>
    console.progress.update({ label: phaseLabel, count, unit }, fraction);
}
