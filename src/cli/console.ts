/** What a command says: results on stdout, warnings and progress on stderr. */

import { ProgressLine, type ProgressStream } from './progress-line.ts';

/** The process as a command sees it; tests pass their own. */
export interface Shell {
  /** Opens standard input; commands that do not read it leave it alone. */
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream & { readonly isTTY?: boolean | undefined };
  /** Fired with an Interruption on SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Flags that decide how a command speaks. */
export interface ConsoleOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/** JSON text on one line; bigints as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

/** Speaks JSON or plain text, as the user asked. */
export class Console {
  readonly json: boolean;
  readonly progress: ProgressLine;
  readonly #quiet: boolean;
  readonly #shell: Shell;
  readonly #warned = new Set<string>();

  constructor(shell: Shell, options: ConsoleOptions) {
    this.json = options.json ?? false;
    this.#quiet = options.quiet ?? false;
    this.#shell = shell;
    const drawn = shell.stderr.isTTY === true && !this.json && !this.#quiet;
    this.progress = new ProgressLine(drawn ? shell.stderr : undefined);
  }

  /** Prints a result: `json` as one line, or the lines for people, which `--quiet` leaves out. */
  print(json: unknown, lines: () => readonly string[]): void {
    this.progress.clear();
    if (this.json) this.#shell.stdout.write(`${toJson(json)}\n`);
    else if (!this.#quiet)
      this.#shell.stdout.write(
        lines()
          .map((line) => `${line}\n`)
          .join(''),
      );
  }

  /** Prints a warning on stderr, once, whatever the flags. */
  warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.progress.clear();
    this.#shell.stderr.write(`sheaf: warning: ${text}\n`);
  }
}
