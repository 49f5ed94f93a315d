/** The shadow stacks of a pool's threads, side by side in linear memory. */

import { InternalError, OptionError } from '../../errors.ts';
import { ALIGNMENT } from './heap.ts';

/** Stands at the deep end of each stack, where only an overflow writes. */
const SENTINEL = [0x5ea_f57a, 0x4c0_ffee, 0x0bad_5eaf, 0x51ac_0fed] as const;

/** One region of `stackBytes` a thread, from `base` on. Stacks grow down. */
export class StackRegions {
  readonly #base: number;
  readonly #count: number;
  readonly #stackBytes: number;

  constructor(base: number, count: number, stackBytes: number) {
    if (!Number.isSafeInteger(stackBytes) || stackBytes < 1024 || stackBytes % ALIGNMENT !== 0) {
      throw new OptionError(
        `Expected stackBytes to be a multiple of ${ALIGNMENT} and at least 1024, got ${stackBytes}.`,
      );
    }
    this.#base = Math.ceil(base / ALIGNMENT) * ALIGNMENT;
    this.#count = count;
    this.#stackBytes = stackBytes;
  }

  /** First address past all stacks. */
  get end(): number {
    return this.#base + this.#count * this.#stackBytes;
  }

  /** What the stack pointer of thread `index` starts at: one past its region, a multiple of 64. */
  topOf(index: number): number {
    return this.#base + (index + 1) * this.#stackBytes;
  }

  /** Writes the sentinels. `words` is the whole memory. */
  mark(words: Int32Array): void {
    for (let index = 0; index < this.#count; index++) words.set(SENTINEL, this.#bottomWord(index));
  }

  /**
   * Throws InternalError when a sentinel was overwritten: the stack of some thread was too small, and what the job computed is
   * not to be trusted. The sentinels are restored.
   */
  check(words: Int32Array): void {
    for (let index = 0; index < this.#count; index++) {
      const bottom = this.#bottomWord(index);
      if (SENTINEL.some((word, i) => words[bottom + i] !== word)) {
        this.mark(words);
        throw new InternalError(`A kernel overflowed the ${this.#stackBytes} bytes of its stack.`, {
          lane: index,
        });
      }
    }
  }

  #bottomWord(index: number): number {
    return (this.#base + index * this.#stackBytes) >>> 2;
  }
}
