/** Puts the name of the file and the place in it before an error's message, once. */

import { addContext, SheafError } from '../errors.ts';

const named = new WeakSet<SheafError>();

/** Where a member stands: its file, its position in a list there, and the line in a file of lines, from 1. */
export interface Place {
  readonly file: string;
  readonly index?: number | undefined;
  readonly line?: number | undefined;
}

/** A place in words: `batch.json, member 3`. */
export function placeName({ file, index, line }: Place): string {
  const name = file === '-' ? 'standard input' : file;
  return [
    name,
    ...(index === undefined ? [] : [`member ${index}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
  ].join(', ');
}

/** Runs `action`; a typed error that it throws gets the place in its message and context. */
export function atPlace<T>(place: Place, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof SheafError && !named.has(error)) {
      named.add(error);
      addContext(error, { file: place.file });
      if (place.index !== undefined) addContext(error, { index: place.index });
      if (place.line !== undefined) addContext(error, { line: place.line });
      error.message = `${placeName(place)}: ${error.message}`;
    }
    throw error;
  }
}
