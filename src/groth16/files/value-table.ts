/** A table of values without repetition: a circuit has a million coefficients and some dozens of values among them. */

/** Values of a fixed number of 32-bit words each, in order of first appearance. */
export class ValueTable {
  readonly #size: number;
  #values: Uint32Array;
  /** Open addressing: index of a value, or −1. At most half full. */
  #slots: Int32Array = new Int32Array(256).fill(-1);
  #count = 0;

  /** @param size words of a value. */
  constructor(size: number) {
    this.#size = size;
    this.#values = new Uint32Array(64 * size);
  }

  get count(): number {
    return this.#count;
  }

  /** The values, one after another, and room for more; until a value becomes known. */
  get words(): Uint32Array {
    return this.#values;
  }

  /** Index of the value whose words stand at `at`; it becomes known if it was not. */
  indexOf(words: Uint32Array, at: number): number {
    const slot = this.#slotOf(words, at);
    let index = this.#slots[slot] as number;
    if (index < 0) {
      index = this.#append(words, at);
      this.#slots[slot] = index;
      if (2 * this.#count > this.#slots.length) this.#spread();
    }
    return index;
  }

  /** All values, one after another, little-endian. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#values.buffer, 0, 4 * this.#count * this.#size);
  }

  /** Where the value is, or where it belongs. */
  #slotOf(words: Uint32Array, at: number): number {
    const [size, slots] = [this.#size, this.#slots];
    const mask = slots.length - 1;
    let hash = 0;
    for (let i = 0; i < size; i++) {
      hash = Math.imul(hash ^ (words[at + i] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = slots[slot] as number;
      if (known < 0 || this.#holds(known, words, at)) return slot;
    }
  }

  /** Whether the value of that index is the one at `at`. */
  #holds(index: number, words: Uint32Array, at: number): boolean {
    const [size, values] = [this.#size, this.#values];
    let same = 0;
    while (same < size && values[index * size + same] === words[at + same]) same++;
    return same === size;
  }

  #append(words: Uint32Array, at: number): number {
    const [size, count] = [this.#size, this.#count];
    if ((count + 1) * size > this.#values.length) {
      const larger = new Uint32Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    for (let i = 0; i < size; i++) this.#values[count * size + i] = words[at + i] as number;
    this.#count = count + 1;
    return count;
  }

  #spread(): void {
    this.#slots = new Int32Array(4 * this.#slots.length).fill(-1);
    for (let i = 0; i < this.#count; i++) this.#slots[this.#slotOf(this.#values, i * this.#size)] = i;
  }
}
