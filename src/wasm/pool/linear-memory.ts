/** Creates the WebAssembly memory of a pool, as large as the engine grants. */

import { MemoryLimitError, OptionError } from '../../errors.ts';

/** Bytes in a page of WebAssembly memory. */
export const PAGE_BYTES = 65536;
/** Pages that a 32-bit memory can have: 4 GiB. */
export const MAXIMUM_PAGES = 65536;

/** A memory with the maximum that was granted. */
export interface LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
}

function assertPages(name: string, pages: number): void {
  if (!Number.isInteger(pages) || pages < 0 || pages > MAXIMUM_PAGES) {
    throw new OptionError(`Expected ${name} to be between 0 and 4 GiB, got ${pages * PAGE_BYTES} bytes.`);
  }
}

/**
 * Creates a memory of `initialPages` that can grow to `maximumPages`. Engines set that much address space aside, and some
 * (32-bit systems, phones, limits of the process) refuse: the maximum is then halved until it is granted.
 * Throws MemoryLimitError when not even the initial size is.
 */
export function createLinearMemory(
  initialPages: number,
  maximumPages: number,
  shared: boolean,
): LinearMemory {
  assertPages('the initial size', initialPages);
  assertPages('the maximum size', maximumPages);
  if (initialPages > maximumPages) {
    throw new MemoryLimitError(initialPages * PAGE_BYTES, 0, maximumPages * PAGE_BYTES);
  }
  for (let maximum = maximumPages; ; maximum = Math.max(initialPages, Math.floor(maximum / 2))) {
    try {
      const memory = new WebAssembly.Memory({ initial: initialPages, maximum, shared });
      return { memory, maximumBytes: maximum * PAGE_BYTES };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (maximum === initialPages) {
        throw new MemoryLimitError(initialPages * PAGE_BYTES, 0, maximum * PAGE_BYTES);
      }
    }
  }
}

/**
 * Grows `memory` to at least `neededBytes`, generously when possible, so that many small steps do not become many growths.
 * Returns the size that it then has, which is below `neededBytes` when the engine or `maximumBytes` does not allow more.
 */
export function growLinearMemory(
  memory: WebAssembly.Memory,
  neededBytes: number,
  maximumBytes: number,
): number {
  const has = memory.buffer.byteLength / PAGE_BYTES;
  const most = maximumBytes / PAGE_BYTES;
  const needed = Math.ceil(neededBytes / PAGE_BYTES);
  if (needed > has && needed <= most) {
    const generous = Math.min(most, Math.max(needed, has + Math.ceil(has / 4)));
    if (!tryGrow(memory, generous - has)) tryGrow(memory, needed - has);
  }
  return memory.buffer.byteLength;
}

function tryGrow(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
