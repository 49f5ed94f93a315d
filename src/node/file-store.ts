/** An accumulator's journal as a file: appended and synced before a proof is acknowledged. */

import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StoreError } from '../errors.ts';
import type { AccumulatorStore } from '../recursion/accumulator/store.ts';
import { lockFile } from './file-lock.ts';

/** A store in a file, locked against other processes until closed. */
export interface FileStore extends AccumulatorStore {
  /** Releases file and lock. The journal stays. */
  close(): Promise<void>;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(dirname(path), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openForUpdate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const handle = await open(path, 'wx+');
  await syncFolder(path);
  return handle;
}

/**
 * Opens (or creates) a journal file. Throws {@link StoreError} when another live process has it open.
 *
 * @example
 * const store = await openFileStore('requests.journal');
 * const accumulator = await createAccumulator({ srs, store });
 */
export async function openFileStore(path: string): Promise<FileStore> {
  const absolute = resolve(path);
  await mkdir(dirname(absolute), { recursive: true });
  const release = await lockFile(absolute);
  let handle: FileHandle;
  try {
    handle = await openForUpdate(absolute);
  } catch (error) {
    await release();
    throw error;
  }
  let length = (await handle.stat()).size;
  return {
    read: async () => {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, done);
        if (bytesRead === 0)
          throw new StoreError(`${absolute} became shorter while it was read.`, { file: absolute });
        done += bytesRead;
      }
      return bytes;
    },
    append: async (bytes) => {
      let done = 0;
      while (done < bytes.length) {
        done += (await handle.write(bytes, done, bytes.length - done, length + done)).bytesWritten;
      }
      await handle.datasync();
      length += bytes.length;
    },
    truncate: async (to) => {
      await handle.truncate(to);
      await handle.datasync();
      length = to;
    },
    close: async () => {
      await handle.close();
      await release();
    },
  };
}
