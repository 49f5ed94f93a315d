/** Exit codes of the command line. */

/** What the process exits with; an interruption exits with 128 + the signal's number. */
export const EXIT = {
  /** Done, or what was verified is valid. */
  done: 0,
  /** `verify` and `verify-groth16` alone: what was verified is well-formed and proves nothing. */
  invalid: 1,
  /** Bad usage, bad input, or a file that cannot be read or written. */
  badInput: 2,
  /** A bug in Sheaf (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

/** What an AbortSignal of the command line is fired with. */
export interface Interruption {
  readonly signal: NodeJS.Signals;
  readonly exitCode: number;
}
