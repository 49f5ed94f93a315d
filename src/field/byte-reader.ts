/** Sequential reading and writing of binary files, with errors that say which byte and why. */

import { EncodingError } from '../errors.ts';
import { concatBytes, u32le } from './bytes.ts';

/** Reads a byte string front to back. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Uint8Array, what: string) {
    // A plain view: `slice` of a Node Buffer would share its memory with whoever takes a part.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#what = what;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** The next `length` bytes, as a view. Throws {@link EncodingError} when there are fewer. */
  take(length: number, field: string): Uint8Array {
    if (length > this.remaining) {
      throw new EncodingError(
        `${this.#what}: cut short at byte ${this.#bytes.length}; ${field} needs ${length} bytes from byte ${this.#offset}.`,
        { offset: this.#offset, field },
      );
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  u8(field: string): number {
    return this.take(1, field)[0] as number;
  }

  u32(field: string): number {
    const bytes = this.take(4, field);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  /** Bytes with a u32le length before them. */
  block(field: string): Uint8Array {
    return this.take(this.u32(`${field} length`), field);
  }

  /** Refuses the value just read. */
  fail(message: string, field: string): never {
    throw new EncodingError(`${this.#what}: ${message} (before byte ${this.#offset}).`, {
      offset: this.#offset,
      field,
    });
  }

  /** Throws {@link EncodingError} unless everything was read. */
  end(): void {
    if (this.remaining > 0) {
      throw new EncodingError(`${this.#what}: ${this.remaining} bytes left over at byte ${this.#offset}.`, {
        offset: this.#offset,
      });
    }
  }
}

/** Bytes with their length before them as u32le: what {@link ByteReader.block} reads. */
export function block(bytes: Uint8Array): Uint8Array {
  return concatBytes(u32le(bytes.length), bytes);
}
