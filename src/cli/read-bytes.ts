/** Reading input files whole. */

import { readFile } from 'node:fs/promises';
import { fileError } from './report-error.ts';

/** A file's bytes, as plain Uint8Array. Throws InputError naming the file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, length } = await readFile(path);
    // Not as Buffer, whose `slice` shares memory where Uint8Array's copies.
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    throw fileError(error, path);
  }
}
