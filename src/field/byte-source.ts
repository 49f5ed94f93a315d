/** Random access to bytes that need not be in memory: a file, a Blob, a buffer. */

import { EncodingError } from '../errors.ts';

/** A readable range of bytes. */
export interface ByteSource {
  /** Shown in messages and provenance. */
  readonly name: string;
  readonly size: number;
  /** Reads exactly `length` bytes at `offset`; the caller keeps within `size`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes in memory. What it reads are views, not copies. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** A browser's File or Blob; only the ranges asked for are read. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/** A source that holds something open; close it when done. */
export interface OpenSource extends ByteSource {
  close(): Promise<void>;
}

/** What this needs of an open file; `FileHandle` of `node:fs/promises` has it. */
export interface ReadableHandle {
  stat(): Promise<{ readonly size: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** An open file. Reads throw {@link EncodingError} where the file became shorter since. */
export async function handleSource(name: string, handle: ReadableHandle): Promise<OpenSource> {
  const { size } = await handle.stat();
  return {
    name,
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) {
          throw new EncodingError(`${name}: ends at byte ${offset + done}; it was cut while being read.`, {
            file: name,
            offset: offset + done,
          });
        }
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
