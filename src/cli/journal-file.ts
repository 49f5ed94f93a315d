/** The file of an accumulator's journal, refused when it is something else. */

import { open } from 'node:fs/promises';
import { addContext, StoreError } from '../errors.ts';
import { type FileStore, openFileStore } from '../node/file-store.ts';
import { JOURNAL_HEAD_BYTES, readJournalHead } from '../recursion/accumulator/journal.ts';
import { fileError } from './report-error.ts';

/** An open journal. */
export interface Journal {
  readonly store: FileStore;
  /** Slots that it was begun with; undefined for a new one. */
  readonly capacity: number | undefined;
}

/** The capacity of a journal that is there. Throws for a file that does not begin as a journal, whole or torn, does. */
async function readCapacity(path: string): Promise<number | undefined> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(JOURNAL_HEAD_BYTES), 0);
    const { isJournal, capacity } = readJournalHead(buffer.subarray(0, bytesRead));
    if (!isJournal) {
      throw new StoreError(
        `${path} is no accumulator's journal, and is left alone. Name a new file or a journal.`,
        { file: path },
      );
    }
    return capacity;
  } finally {
    await handle.close();
  }
}

/** Opens or creates a journal. Throws StoreError for another kind of file, or one that another process has open. */
export async function openJournal(path: string): Promise<Journal> {
  try {
    const capacity = await readCapacity(path);
    return { store: await openFileStore(path), capacity };
  } catch (error) {
    throw addContext(fileError(error, path), { file: path });
  }
}
