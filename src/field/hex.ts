/** Hexadecimal text from the outside. */

import { EncodingError, type ErrorContext } from '../errors.ts';

/** Bytes of a hexadecimal string with or without `0x`. Throws {@link EncodingError} for anything else. */
export function bytesOfHex(text: string, context: ErrorContext = {}): Uint8Array {
  const digits = text.startsWith('0x') || text.startsWith('0X') ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new EncodingError('Expected an even number of hexadecimal digits, with or without 0x.', context);
  }
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
