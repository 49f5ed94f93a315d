/**
 * The allocator of the linear memory: two-level segregated fit (M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new
 * dynamic memory allocator for real-time systems", ECRTS 2004). Constant time, immediate merging of free neighbours, little
 * waste for pieces of any size. All bookkeeping is on the JavaScript side, so that a kernel gone astray cannot damage it.
 */

import { InternalError, MemoryLimitError, OptionError } from '../../errors.ts';

/** Every address is a multiple of this, and every piece takes a multiple of it: a cache line, four v128. */
export const ALIGNMENT = 64;

const LIST_BITS = 4;
const LISTS_PER_LEVEL = 1 << LIST_BITS;
/** Sizes are counted in grains of ALIGNMENT bytes: at most 2^26 of them in 4 GiB. */
const LEVELS = 26 - LIST_BITS + 2;

interface Block {
  /** In grains. */
  address: number;
  /** In grains. */
  size: number;
  free: boolean;
  /** Neighbours in memory. */
  below: Block | undefined;
  above: Block | undefined;
  /** Neighbours in the list of free blocks of similar size. */
  previous: Block | undefined;
  next: Block | undefined;
}

const log2 = (value: number): number => 31 - Math.clz32(value);
const lowestBit = (value: number): number => 31 - Math.clz32(value & -value);

/** Index of the list that holds free blocks of `size` grains: 16 lists for each doubling of the size. */
function listOf(size: number): number {
  if (size < LISTS_PER_LEVEL) return size;
  const shift = log2(size) - LIST_BITS;
  return (shift + 1) * LISTS_PER_LEVEL + ((size >>> shift) & (LISTS_PER_LEVEL - 1));
}

/** Least size of which every block in its list is large enough for `size` grains. */
function roundUpToList(size: number): number {
  return size < LISTS_PER_LEVEL ? size : size + (1 << (log2(size) - LIST_BITS)) - 1;
}

/** Hands out pieces of the address range from `start` to the end of a memory that can grow. */
export class Heap {
  readonly #growTo: (bytes: number) => number;
  readonly #limit: number;
  readonly #heads: (Block | undefined)[] = new Array(LEVELS * LISTS_PER_LEVEL).fill(undefined);
  readonly #listMaps = new Uint16Array(LEVELS);
  #levelMap = 0;
  readonly #used = new Map<number, Block>();
  #last: Block | undefined;
  #usedGrains = 0;
  /** End of what the heap manages, in grains. */
  #end: number;

  /**
   * @param start First address that may be handed out.
   * @param end Size of the memory now.
   * @param limit Size that the memory can grow to.
   * @param growTo Grows the memory to at least so many bytes; returns the size it has then, less when that failed.
   */
  constructor(start: number, end: number, limit: number, growTo: (bytes: number) => number) {
    this.#growTo = growTo;
    this.#limit = limit;
    this.#end = Math.ceil(start / ALIGNMENT);
    this.#extendTo(end);
  }

  /** Bytes handed out, rounded up to the alignment. */
  get usedBytes(): number {
    return this.#usedGrains * ALIGNMENT;
  }

  /** Pieces handed out. */
  get pieces(): number {
    return this.#used.size;
  }

  /**
   * Address of `bytes` bytes, a multiple of 64; their content is whatever was there before. Grows the memory when needed.
   * Throws MemoryLimitError when there is no room.
   */
  alloc(bytes: number): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new OptionError(`Expected a number of bytes to allocate, got ${bytes}.`);
    }
    const size = Math.max(1, Math.ceil(bytes / ALIGNMENT));
    if (size * ALIGNMENT > this.#limit) throw this.#noRoom(bytes, this.#limit);
    const block = this.#find(size) ?? this.#grow(size, bytes);
    this.#unlist(block);
    if (block.size > size) this.#split(block, size);
    block.free = false;
    this.#used.set(block.address, block);
    this.#usedGrains += size;
    return block.address * ALIGNMENT;
  }

  /** Takes back a piece. Throws InternalError for an address that is not one handed out and still in use. */
  free(address: number): void {
    const block = this.#used.get(address / ALIGNMENT);
    if (!block) throw new InternalError(`Address ${address} was freed and is not allocated.`, { address });
    this.#used.delete(block.address);
    this.#usedGrains -= block.size;
    this.#release(block);
  }

  /** Size of the largest piece that could be handed out now, growth of the memory to `limit` bytes included. */
  availableBytes(limit: number = this.#limit): number {
    const last = this.#last?.free ? this.#last.size : 0;
    let largest = last + Math.max(0, Math.floor(limit / ALIGNMENT) - this.#end);
    if (this.#levelMap !== 0) {
      const level = log2(this.#levelMap);
      const list = level * LISTS_PER_LEVEL + log2(this.#listMaps[level] as number);
      for (let block = this.#heads[list]; block; block = block.next) largest = Math.max(largest, block.size);
    }
    return largest * ALIGNMENT;
  }

  #noRoom(bytes: number, limit: number): MemoryLimitError {
    return new MemoryLimitError(bytes, this.availableBytes(limit), limit);
  }

  #find(size: number): Block | undefined {
    const list = listOf(roundUpToList(size));
    let level = list >>> LIST_BITS;
    let lists = (this.#listMaps[level] as number) & (-1 << (list & (LISTS_PER_LEVEL - 1)));
    if (lists === 0) {
      const levels = this.#levelMap & (-1 << (level + 1));
      if (levels !== 0) {
        level = lowestBit(levels);
        lists = this.#listMaps[level] as number;
      }
    }
    if (lists !== 0) return this.#heads[(level << LIST_BITS) + lowestBit(lists)];
    // Blocks of about the size asked for, some of which may be large enough: looked through before memory is grown.
    let block = this.#heads[listOf(size)];
    while (block && block.size < size) block = block.next;
    return block;
  }

  /** Grows the memory until its last block is free and has `size` grains. */
  #grow(size: number, bytes: number): Block {
    const reuse = this.#last?.free ? this.#last.size : 0;
    const needed = (this.#end - reuse + size) * ALIGNMENT;
    if (needed > this.#limit) throw this.#noRoom(bytes, this.#limit);
    const got = this.#growTo(needed);
    this.#extendTo(got);
    const last = this.#last;
    if (!last?.free || last.size < size) throw this.#noRoom(bytes, got);
    return last;
  }

  #extendTo(bytes: number): void {
    const end = Math.floor(bytes / ALIGNMENT);
    if (end <= this.#end) return;
    const block: Block = {
      address: this.#end,
      size: end - this.#end,
      free: false,
      below: this.#last,
      above: undefined,
      previous: undefined,
      next: undefined,
    };
    if (this.#last) this.#last.above = block;
    this.#last = block;
    this.#end = end;
    this.#release(block);
  }

  /** Cuts what is beyond `size` grains off a block and makes it free. */
  #split(block: Block, size: number): void {
    const rest: Block = {
      address: block.address + size,
      size: block.size - size,
      free: true,
      below: block,
      above: block.above,
      previous: undefined,
      next: undefined,
    };
    if (block.above) block.above.below = rest;
    else this.#last = rest;
    block.above = rest;
    block.size = size;
    this.#list(rest);
  }

  /** Makes a block free, as one with its free neighbours. */
  #release(block: Block): void {
    let whole = block;
    if (block.above?.free) {
      this.#unlist(block.above);
      this.#absorb(block, block.above);
    }
    if (block.below?.free) {
      whole = block.below;
      this.#unlist(whole);
      this.#absorb(whole, block);
    }
    whole.free = true;
    this.#list(whole);
  }

  #absorb(block: Block, above: Block): void {
    block.size += above.size;
    block.above = above.above;
    if (above.above) above.above.below = block;
    else this.#last = block;
  }

  #list(block: Block): void {
    const list = listOf(block.size);
    const head = this.#heads[list];
    block.previous = undefined;
    block.next = head;
    if (head) head.previous = block;
    this.#heads[list] = block;
    const level = list >>> LIST_BITS;
    this.#listMaps[level] = (this.#listMaps[level] as number) | (1 << (list & (LISTS_PER_LEVEL - 1)));
    this.#levelMap |= 1 << level;
  }

  #unlist(block: Block): void {
    const { previous, next } = block;
    if (next) next.previous = previous;
    if (previous) {
      previous.next = next;
    } else {
      const list = listOf(block.size);
      this.#heads[list] = next;
      if (!next) {
        const level = list >>> LIST_BITS;
        this.#listMaps[level] = (this.#listMaps[level] as number) & ~(1 << (list & (LISTS_PER_LEVEL - 1)));
        if (this.#listMaps[level] === 0) this.#levelMap &= ~(1 << level);
      }
    }
    block.previous = undefined;
    block.next = undefined;
  }
}
