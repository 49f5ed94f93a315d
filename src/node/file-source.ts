/** Random access to a file, so that only the ranges that are needed are read. */

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { SrsError } from '../errors.ts';
import type { ByteSource } from '../recursion/srs/byte-source.ts';

/** An open file; close it when done. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/** Opens a file for {@link ByteSource} reads. */
export async function openFileSource(path: string): Promise<FileSource> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    name: basename(path),
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0)
          throw new SrsError(`${path}: ends at byte ${offset + done}.`, {
            file: path,
            offset: offset + done,
          });
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
