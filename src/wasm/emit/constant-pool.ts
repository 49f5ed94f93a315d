import { InternalError, OptionError } from '../../errors.ts';

/**
 * Constants that a module keeps in linear memory, written by its data segment when it is instantiated. Instances of one
 * module in many threads write the same bytes to the same place, which is harmless.
 */
export class ConstantPool {
  /** Address of the first constant, a multiple of 16. */
  readonly base: number;
  /** Bytes reserved from `base` on. */
  readonly capacity: number;
  readonly #bytes: number[] = [];
  readonly #addresses = new Map<string, number>();

  constructor(base: number, capacity: number) {
    if (base % 16 !== 0 || base < 0) {
      throw new OptionError(`The constant region starts at ${base}: expected a multiple of 16.`);
    }
    this.base = base;
    this.capacity = capacity;
  }

  /** Bytes in use. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Address of a copy of `bytes`, aligned to 16. Equal constants share one copy. */
  add(bytes: Uint8Array): number {
    // Vectors come by the thousand and get a key that is cheap to make; its length tells it from a list of numbers.
    const key = bytes.length <= 16 ? String.fromCharCode(...bytes) : bytes.join();
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const address = this.base + this.#bytes.length;
    this.#bytes.push(...bytes);
    while (this.#bytes.length % 16 !== 0) this.#bytes.push(0);
    if (this.#bytes.length > this.capacity) {
      throw new InternalError(`The constants of a module outgrew their ${this.capacity} bytes.`, {
        base: this.base,
      });
    }
    this.#addresses.set(key, address);
    return address;
  }

  /** The region's content. */
  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
