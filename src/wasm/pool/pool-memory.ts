/** The pool's linear memory as the calling thread uses it: allocation, arenas, views. */

import { DisposedError, InternalError, LengthMismatchError, OptionError } from '../../errors.ts';
import { Heap } from './heap.ts';
import { growLinearMemory, type LinearMemory } from './linear-memory.ts';

/** Figures of the linear memory, in bytes. */
export interface MemoryStats {
  /** Size of the memory now; it never shrinks, except by `WasmPool.reset`. */
  readonly currentBytes: number;
  /** Size that it can grow to. */
  readonly maximumBytes: number;
  /** Allocated and not freed, rounded up to the alignment. */
  readonly usedBytes: number;
  /** Largest piece that can be allocated, growth included. */
  readonly availableBytes: number;
  /** Pieces allocated and not freed. */
  readonly pieces: number;
}

/** A group of pieces that are freed together. */
export interface Arena {
  /** As {@link PoolMemory.alloc}; the piece lives until {@link Arena.free}. */
  alloc(bytes: number): number;
  /** Allocates room for `data` and copies it there; returns its address. */
  copyIn(data: Uint8Array): number;
  /** Frees every piece. The arena is empty then and can be used again. */
  free(): void;
}

/**
 * The linear memory that all threads of a pool share. Addresses are byte offsets, multiples of 64, below 2^32; passing one as a
 * task's argument wraps it to the i32 that wasm reads as unsigned. Only the thread that owns the pool allocates.
 *
 * What leaks stays allocated: nothing is freed by garbage collection, because a number that is still on its way to a kernel
 * does not keep anything alive. Use {@link PoolMemory.withArena} for what a job needs, {@link PoolMemory.createArena} for tables that live long.
 */
export interface PoolMemory {
  /**
   * Address of a new piece of `bytes` bytes, whose content is undefined. Grows the memory when needed: views taken before
   * do not see what was added and, in a single-threaded pool, are detached.
   * Throws MemoryLimitError when there is no room, DisposedError after `dispose()`.
   */
  alloc(bytes: number): number;
  /** Frees one piece. Throws InternalError for an address that is not allocated. */
  free(address: number): void;
  /** An empty arena, to be freed by its owner. */
  createArena(): Arena;
  /** Runs `action` with an arena that is freed when it ends, whether by result or by error. */
  withArena<T>(action: (arena: Arena) => T | Promise<T>): Promise<T>;
  /** The memory from `address` on as bytes; good until the next allocation. */
  view(address: number, byteLength: number): Uint8Array;
  /** A copy of the memory from `address` on, in a buffer of its own. */
  copyOut(address: number, byteLength: number): Uint8Array<ArrayBuffer>;
  /** Copies `data` to `address`. */
  write(address: number, data: Uint8Array): void;
  /** Overwrites with zeros: what must not outlive its use, or what is counted up. `address` is a multiple of 8. Like {@link free}, does nothing after `dispose()`. */
  erase(address: number, byteLength: number): void;
  /** View of the whole memory as signed words; good until the next allocation. */
  words(): Int32Array;
  stats(): MemoryStats;
}

/** {@link PoolMemory} over one WebAssembly memory after another. */
export class ManagedMemory implements PoolMemory {
  readonly #onEmpty: () => void;
  #linear: LinearMemory | undefined;
  #heap: Heap | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Int32Array = new Int32Array(0);

  /** @param onEmpty Called whenever the last allocated piece was freed. */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  /** Takes `linear` from now on, handing out addresses from `heapStart`. Nothing of the memory before it is kept. */
  attach(linear: LinearMemory, heapStart: number): void {
    this.detach();
    this.#linear = linear;
    this.#heap = new Heap(heapStart, linear.memory.buffer.byteLength, linear.maximumBytes, (bytes) =>
      growLinearMemory(linear.memory, bytes, linear.maximumBytes),
    );
  }

  /** Lets go of the memory; everything throws DisposedError from now on, except freeing. */
  detach(): void {
    this.#linear = undefined;
    this.#heap = undefined;
    this.#bytes = new Uint8Array(0);
    this.#words = new Int32Array(0);
  }

  alloc(bytes: number): number {
    if (!this.#heap) throw new DisposedError('The memory of a worker pool');
    return this.#heap.alloc(bytes);
  }

  free(address: number): void {
    this.#heap?.free(address);
    if (this.#heap?.pieces === 0) this.#onEmpty();
  }

  createArena(): Arena {
    const addresses: number[] = [];
    return {
      alloc: (bytes) => {
        const address = this.alloc(bytes);
        addresses.push(address);
        return address;
      },
      copyIn: (data) => {
        const address = this.alloc(data.length);
        addresses.push(address);
        this.write(address, data);
        return address;
      },
      free: () => {
        for (const address of addresses.splice(0).reverse()) this.free(address);
      },
    };
  }

  async withArena<T>(action: (arena: Arena) => T | Promise<T>): Promise<T> {
    const arena = this.createArena();
    try {
      return await action(arena);
    } finally {
      arena.free();
    }
  }

  view(address: number, byteLength: number): Uint8Array {
    this.#refresh();
    const whole = this.#bytes.length;
    if (!(address >= 0 && byteLength >= 0 && address + byteLength <= whole)) {
      throw new OptionError(
        `Expected a range within the ${whole} bytes of linear memory, got ${byteLength} bytes at ${address}.`,
      );
    }
    return this.#bytes.subarray(address, address + byteLength);
  }

  copyOut(address: number, byteLength: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(byteLength);
    copy.set(this.view(address, byteLength));
    return copy;
  }

  write(address: number, data: Uint8Array): void {
    this.view(address, data.length).set(data);
  }

  erase(address: number, byteLength: number): void {
    if (!this.#linear) return;
    // Engines fill shared memory one element after another: eight bytes each, where there are as many.
    const doubles = Math.floor(byteLength / 8);
    new Float64Array(this.#linear.memory.buffer, address, doubles).fill(0);
    this.view(address + 8 * doubles, byteLength - 8 * doubles).fill(0);
  }

  words(): Int32Array {
    this.#refresh();
    return this.#words;
  }

  stats(): MemoryStats {
    if (!this.#linear || !this.#heap) throw new DisposedError('The memory of a worker pool');
    return {
      currentBytes: this.#linear.memory.buffer.byteLength,
      maximumBytes: this.#linear.maximumBytes,
      usedBytes: this.#heap.usedBytes,
      availableBytes: this.#heap.availableBytes(),
      pieces: this.#heap.pieces,
    };
  }

  /** A memory that has grown has another buffer object. */
  #refresh(): void {
    if (!this.#linear) throw new DisposedError('The memory of a worker pool');
    const { buffer } = this.#linear.memory;
    if (this.#bytes.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#words = new Int32Array(buffer);
    }
  }
}

/** Writes the argument lists of a job's tasks one after another into `words` from index `at` on. */
export function writeArguments(
  words: Int32Array,
  at: number,
  arity: number,
  tasks: readonly ArrayLike<number>[],
  name: string,
): void {
  for (let index = 0, next = at; index < tasks.length; index++, next += arity) {
    const task = tasks[index];
    if (!task) throw new InternalError(`Task ${index} of ${name} is missing.`);
    if (task.length !== arity) {
      throw new LengthMismatchError(`Arguments of ${name}`, arity, task.length, { index });
    }
    words.set(task, next);
  }
}
