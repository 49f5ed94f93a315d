/** Byte strings in JSON: hexadecimal text, arrays of bytes, and digests. */

import { EncodingError, type ErrorContext, ProofFormatError } from '../errors.ts';
import { concatBytes, u32le } from '../field/bytes.ts';
import { bytesOfHex } from '../field/hex.ts';
import { describe } from './json.ts';

/** Bytes from hexadecimal text (with or without 0x), an array of numbers below 256, or bytes. */
export function readBytes(value: unknown, what: string, context: ErrorContext = {}): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') {
    try {
      return bytesOfHex(value);
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      throw new ProofFormatError(
        `${what}: expected hexadecimal digits, an even number of them, got ${describe(value)}.`,
        context,
      );
    }
  }
  if (Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) {
    return Uint8Array.from(value);
  }
  throw new ProofFormatError(
    `${what}: expected hexadecimal text or an array of bytes, got ${describe(value)}.`,
    context,
  );
}

/** Exactly `length` bytes. */
export function readFixedBytes(
  value: unknown,
  length: number,
  what: string,
  context: ErrorContext = {},
): Uint8Array {
  const bytes = readBytes(value, what, context);
  if (bytes.length !== length) {
    throw new ProofFormatError(`${what}: expected ${length} bytes, got ${bytes.length}.`, context);
  }
  return bytes;
}

/**
 * A digest of 32 bytes: hexadecimal, 32 bytes, or the eight 32-bit words (little-endian) that Rust's serde writes for a
 * RISC Zero digest.
 */
export function readDigest(value: unknown, what: string, context: ErrorContext = {}): Uint8Array {
  if (Array.isArray(value) && value.length === 8) {
    const isWord = (word: unknown): word is number =>
      Number.isInteger(word) && (word as number) >= 0 && (word as number) < 2 ** 32;
    if (!value.every(isWord))
      throw new ProofFormatError(`${what}: expected eight words below 2^32.`, context);
    return concatBytes(...value.map(u32le));
  }
  return readFixedBytes(value, 32, what, context);
}
