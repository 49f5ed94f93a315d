/** Where an accumulator keeps its journal. */

import { copyBytes } from '../../field/bytes.ts';

/**
 * An append-only byte log. `append` must not resolve before the bytes would survive the death of the process; that is all
 * that "acknowledged" means.
 */
export interface AccumulatorStore {
  /** Everything appended so far; empty for a new store. */
  read(): Promise<Uint8Array>;
  /** Appends durably. A crash in between may leave a prefix of `bytes`. */
  append(bytes: Uint8Array): Promise<void>;
  /** Cuts the log to its first `length` bytes: drops what a crash left half-written. */
  truncate(length: number): Promise<void>;
}

/** A store in memory, for tests, browsers and callers who persist {@link MemoryStore.bytes} themselves. */
export interface MemoryStore extends AccumulatorStore {
  /** A copy of the log. */
  bytes(): Uint8Array;
}

/** Creates a store in memory, continuing from `initial` if given. */
export function createMemoryStore(initial: Uint8Array = new Uint8Array(0)): MemoryStore {
  let log = copyBytes(initial);
  return {
    read: async () => log.slice(),
    append: async (bytes) => {
      const next = new Uint8Array(log.length + bytes.length);
      next.set(log);
      next.set(bytes, log.length);
      log = next;
    },
    truncate: async (length) => {
      log = log.slice(0, length);
    },
    bytes: () => log.slice(),
  };
}
