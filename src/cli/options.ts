/** Options that several commands share, and how their values are read. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BackendChoice } from '../backend/create-backend.ts';
import { AVAILABLE_BACKENDS } from '../backend/create-backend.ts';
import { OptionError } from '../errors.ts';
import { bytesOfHex } from '../field/hex.ts';
import type { ConsoleOptions } from './console.ts';
import { readBytes } from './read-bytes.ts';

/** What every command takes. */
export interface CommonFlags extends ConsoleOptions {
  readonly backend?: BackendChoice | undefined;
}

/** Adds `--json` and `--quiet`. */
export function withConsoleFlags(command: Command): Command {
  return command
    .option('--json', 'print one JSON object on stdout, also for errors')
    .option('-q, --quiet', 'print errors and warnings only');
}

/** Adds `--backend`, `--json` and `--quiet`. */
export function withCommonFlags(command: Command): Command {
  const backend = new Option(
    '--backend <name>',
    'where the arithmetic runs; webgpu and gpujs insist on a GPU and need the package webgpu or gpu.js',
  )
    .choices(['auto', ...AVAILABLE_BACKENDS])
    .default('auto');
  return withConsoleFlags(command.addOption(backend));
}

/** Reads a whole number ≥ 1, for commander. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  }
  return value;
}

/** Reads `--context`: hexadecimal digits, or `@` and the path of a file whose bytes are meant. */
export async function readContext(text: string | undefined): Promise<Uint8Array | undefined> {
  if (text === undefined) return undefined;
  if (text.startsWith('@')) return readBytes(text.slice(1));
  if (!/^(?:0x)?(?:[0-9a-fA-F]{2})*$/.test(text)) {
    throw new OptionError(
      `Context: expected an even number of hexadecimal digits, or @ and the path of a file, got ${JSON.stringify(text)}.`,
      { field: 'context' },
    );
  }
  return bytesOfHex(text);
}
