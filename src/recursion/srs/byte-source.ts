/** Random access to bytes that need not be in memory: a file, a Blob, a buffer. */

/** A readable range of bytes. */
export interface ByteSource {
  /** Shown in messages and provenance. */
  readonly name: string;
  readonly size: number;
  /** Reads exactly `length` bytes at `offset`; the caller keeps within `size`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes in memory. */
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
