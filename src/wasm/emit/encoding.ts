/** Byte-level encodings of the WebAssembly binary format (https://webassembly.github.io/spec/core/binary/). */

/** A value a local, parameter or expression can have. */
export type ValueType = 'i32' | 'i64' | 'f64' | 'v128';
/** What an expression leaves on the stack: one value, or nothing. */
export type ResultType = ValueType | 'void';

/** The binary code of each value type. */
export const VALUE_TYPE_CODES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f64: 0x7c,
  v128: 0x7b,
};

/** Unsigned LEB128. */
export function leb128(value: number): number[] {
  if (value < 128) return [value];
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128. */
export function signedLeb128(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 128);
  }
}

/** A name: its length, then its UTF-8 bytes. */
export function nameBytes(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...leb128(bytes.length), ...bytes];
}

/** Bytes as they are put together: short pieces as arrays, long ones as byte arrays. */
export type Bytes = readonly number[] | Uint8Array;

/** The pieces one after another. */
export function joinPieces(pieces: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** A section: its id, its length in bytes, its content. */
export function section(id: number, content: Uint8Array): Uint8Array {
  return joinPieces([[id, ...leb128(content.length)], content]);
}

/** A vector: its length in items, then the items. */
export function vector(items: readonly Bytes[]): Uint8Array {
  return joinPieces([leb128(items.length), ...items]);
}

const scratch = new DataView(new ArrayBuffer(8));

/** The 16 bytes of a v128 whose two 64-bit lanes are given. Each is taken modulo 2^64. */
export function lanesToBytes(lane0: bigint, lane1: bigint = lane0): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, lane0), true);
  view.setBigUint64(8, BigInt.asUintN(64, lane1), true);
  return bytes;
}

/** The IEEE-754 bits of a double. */
export function doubleBits(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}
