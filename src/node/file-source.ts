/** Random access to a file, so that only the ranges that are needed are read. */

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { handleSource, type OpenSource } from '../field/byte-source.ts';

/** An open file; close it when done. */
export type FileSource = OpenSource;

/** Opens a file for reads of ranges. */
export async function openFileSource(path: string): Promise<FileSource> {
  return handleSource(basename(path), await open(path, 'r'));
}
