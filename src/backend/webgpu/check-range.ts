/** Finding integers that are not below a bound among many, without making each a bigint. */

import { bigintFromBytesLE } from '../../field/bytes.ts';

/** Position of the first little-endian integer of `partBytes` bytes that is not below `bound`, or −1. */
export function firstOutOfRange(bytes: Uint8Array, partBytes: number, bound: bigint): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = Number(bound >> BigInt(8 * partBytes - 32));
  for (let at = 0; at < bytes.length; at += partBytes) {
    const high = view.getUint32(at + partBytes - 4, true);
    if (high < top) continue;
    if (high > top || bigintFromBytesLE(bytes.subarray(at, at + partBytes)) >= bound) return at / partBytes;
  }
  return -1;
}
