/** Standard input that notices an interruption while it waits. */

import { AbortedError, InputError } from '../errors.ts';
import type { Shell } from './console.ts';

/** Longest line taken: far beyond any proof with its key. */
const MAX_LINE_BYTES = 64 << 20;

/** The chunks of a stream, until the signal fires; then AbortedError. */
export async function* abortable(
  open: Shell['stdin'],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = open()[Symbol.asyncIterator]();
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new AbortedError(signal.reason));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    for (;;) {
      const { value, done } = await Promise.race([iterator.next(), aborted]);
      if (done) return;
      yield typeof value === 'string' ? new TextEncoder().encode(value) : value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The lines of a stream of UTF-8 text with their numbers from 1, as they come; blank lines are left out. */
export async function* readLines(
  open: Shell['stdin'],
  signal: AbortSignal,
): AsyncGenerator<{ readonly line: string; readonly number: number }, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let pending: string[] = [];
  let pendingLength = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch (error) {
      throw new InputError(
        'PROOF_FORMAT',
        `Standard input, line ${number + 1} or after: expected UTF-8 text, one proof as JSON a line.`,
        { file: '-', line: number + 1 },
        error,
      );
    }
  };
  for await (const chunk of abortable(open, signal)) {
    const parts = decode(chunk).split('\n');
    for (const part of parts.slice(0, -1)) {
      const line = [...pending, part].join('').trim();
      pending = [];
      pendingLength = 0;
      number++;
      if (line !== '') yield { line, number };
    }
    const rest = parts.at(-1) ?? '';
    pending.push(rest);
    pendingLength += rest.length;
    if (pendingLength > MAX_LINE_BYTES) {
      throw new InputError(
        'INPUT_LIMIT',
        `Standard input, line ${number + 1}: longer than ${MAX_LINE_BYTES} characters; expected one proof as JSON a line.`,
        { file: '-', line: number + 1 },
      );
    }
  }
  const last = [...pending, decode()].join('').trim();
  if (last !== '') yield { line: last, number: number + 1 };
}
