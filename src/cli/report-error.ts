/** Turns whatever stopped a command into an exit code and a report, for people or as JSON. */

import { CommanderError } from 'commander';
import { AbortedError, type ErrorContext, InputError, InternalError, SheafError } from '../errors.ts';
import { type Shell, toJson } from './console.ts';
import { EXIT, type Interruption } from './exit-codes.ts';

/** Adds a line on how to mend it to an error, in terms of the command line. */
export function addHint<T>(error: T, hint: string): T {
  if (error instanceof SheafError) error.context.hint ??= hint;
  return error;
}

/** An error of the file system, in words. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a folder, expected a file',
  ENOTDIR: 'a part of the path is a file, expected a folder',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file is too large',
  ERR_FS_FILE_TOO_LARGE: 'the file is too large to be read at once',
};

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || error instanceof SheafError) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && (typeof syscall === 'string' || code in FILE_ERRORS);
}

/** An error of the file system as a typed one that names the file; any other error as it is. */
export function fileError(
  error: unknown,
  path?: string,
  code: 'UNREADABLE' | 'UNWRITABLE' | 'FILE' = 'UNREADABLE',
): unknown {
  if (!isFileError(error)) return error;
  const file = path ?? error.path;
  const words = FILE_ERRORS[error.code ?? ''] ?? error.message;
  return new InputError(
    code,
    `${file ?? 'File'}: ${words}.`,
    { ...(file === undefined ? {} : { file }), errno: error.code },
    error,
  );
}

interface ErrorReport {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly context: ErrorContext;
  /** What lay beneath, in one line. */
  readonly cause?: string;
  /** Stack of a bug. */
  readonly stack?: string;
}

/** `written`: results that were complete before. */
function interruptionReport(reason: unknown, written: unknown): ErrorReport {
  const { signal, exitCode } = reason as Interruption;
  if (typeof written === 'number' && written > 0) {
    return {
      exitCode,
      code: 'ABORTED',
      message: `Interrupted by ${signal}; ${written} written before are complete. Run the command again for the rest.`,
      context: { signal, written },
    };
  }
  return {
    exitCode,
    code: 'ABORTED',
    message: `Interrupted by ${signal}; no output file was written.`,
    context: { signal },
  };
}

/** Reports an error that the running command threw. `interruption` is the reason of the fired signal, if it fired. */
export function describeError(thrown: unknown, interruption?: unknown): ErrorReport {
  const error = fileError(thrown, undefined, 'FILE');
  const aborted = error instanceof AbortedError || (error instanceof Error && error.name === 'AbortError');
  if (aborted && interruption !== undefined) {
    return interruptionReport(interruption, error instanceof SheafError ? error.context.written : undefined);
  }
  if (error instanceof CommanderError) {
    return {
      exitCode: EXIT.badInput,
      code: 'USAGE',
      message: error.message.replace(/^error: /, ''),
      context: { reason: error.code },
    };
  }
  if (error instanceof SheafError) {
    const cause =
      error.cause instanceof Error &&
      !error.message.includes(error.cause.message) &&
      !isFileError(error.cause)
        ? error.cause.message
        : undefined;
    return {
      exitCode: error instanceof InternalError ? EXIT.bug : EXIT.badInput,
      code: error.code,
      message: error.message,
      context: error.context,
      ...(cause === undefined ? {} : { cause }),
      ...(error instanceof InternalError && error.stack ? { stack: error.stack } : {}),
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    exitCode: EXIT.bug,
    code: 'UNEXPECTED',
    message: `${message} This is a bug in Sheaf; please report it with the lines below.`,
    context: {},
    ...(error instanceof Error && error.stack ? { stack: error.stack } : {}),
  };
}

const STACK_LINES = 6;

function linesOf({ code, message, context, cause, stack }: ErrorReport, version: string): string[] {
  const { file, index, hint } = context;
  const name = file === '-' ? 'standard input' : file;
  const place =
    name === undefined || message.includes(name) || message.startsWith(`${file}: `)
      ? ''
      : `${name}${index === undefined ? '' : `, member ${index}`}: `;
  return [
    `sheaf: error: ${place}${message} [${code}]`,
    ...(cause === undefined ? [] : [`  because: ${cause}`]),
    ...(typeof hint === 'string' ? [`  hint: ${hint}`] : []),
    ...(stack === undefined
      ? []
      : [
          `  sheaf ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
          ...stack.split('\n').slice(1, STACK_LINES + 1),
        ]),
  ];
}

/** Prints the report: one JSON object on stdout, or text on stderr. Returns the exit code. */
export function reportError(
  thrown: unknown,
  shell: Shell,
  options: { json: boolean; version: string },
): number {
  const report = describeError(thrown, shell.signal.aborted ? shell.signal.reason : undefined);
  const { exitCode, stack, ...error } = report;
  if (options.json) shell.stdout.write(`${toJson({ error })}\n`);
  // Commander has printed its own message and a pointer to the help.
  else if (!(thrown instanceof CommanderError)) {
    shell.stderr.write(`${linesOf(report, options.version).join('\n')}\n`);
  }
  if (options.json && stack !== undefined) shell.stderr.write(`${stack}\n`);
  return exitCode;
}
