/** Conversions between bigints and flat byte buffers, and the few byte-string helpers everything else needs. */

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal without prefix. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

const WORD_BYTES = 8;
const WORD_BITS = 64n;

/** Big-endian bytes to an unsigned integer; the empty string is 0. */
export function bigintFromBytesBE(bytes: Uint8Array): bigint {
  const { length } = bytes;
  if (length % WORD_BYTES !== 0) return BigInt(`0x${toHex(bytes)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let value = 0n;
  for (let i = 0; i < length; i += WORD_BYTES) value = (value << WORD_BITS) | view.getBigUint64(i);
  return value;
}

/** Little-endian bytes to an unsigned integer. */
export function bigintFromBytesLE(bytes: Uint8Array): bigint {
  const { length } = bytes;
  if (length % WORD_BYTES !== 0) return bigintFromBytesBE(Uint8Array.from(bytes).reverse());
  return readBigintLE(new DataView(bytes.buffer, bytes.byteOffset, length), 0, length);
}

/** An unsigned integer of `length` little-endian bytes, a multiple of 8, from `offset` on. */
export function readBigintLE(view: DataView, offset: number, length: number): bigint {
  let value = 0n;
  for (let i = length - WORD_BYTES; i >= 0; i -= WORD_BYTES) {
    value = (value << WORD_BITS) | view.getBigUint64(offset + i, true);
  }
  return value;
}

/** Writes `value` (0 ≤ value < 2^(8·length)) as big-endian bytes into `out` at `offset`. */
export function writeBigintBE(value: bigint, out: Uint8Array, offset: number, length: number): void {
  const hex = value.toString(16).padStart(2 * length, '0');
  for (let i = 0; i < length; i++) out[offset + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
}

/** Writes `value` (0 ≤ value < 2^(8·length)) as little-endian bytes into `out` at `offset`. */
export function writeBigintLE(value: bigint, out: Uint8Array, offset: number, length: number): void {
  if (length % WORD_BYTES === 0) {
    const view = new DataView(out.buffer, out.byteOffset + offset, length);
    let rest = value;
    for (let i = 0; i < length; i += WORD_BYTES) {
      view.setBigUint64(i, rest, true);
      rest >>= WORD_BITS;
    }
    return;
  }
  const hex = value.toString(16).padStart(2 * length, '0');
  for (let i = 0; i < length; i++) {
    out[offset + length - 1 - i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
}

/** Joins byte strings into a new one. For lists that may be long, see {@link joinBytes}. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** Joins a list of byte strings of any length into a new one. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** A copy that shares no memory. Unlike `slice`, which on a Node Buffer is a view. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Equality of two byte strings of public data (not constant-time). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether every byte is zero. */
export function isZeroBytes(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A 32-bit unsigned integer as four little-endian bytes. */
export function u32le(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

/** A list of 32-bit unsigned integers as four little-endian bytes each. */
export function u32leList(values: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  const view = new DataView(out.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return out;
}

const encoder = new TextEncoder();

/** UTF-8 bytes of a string. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
