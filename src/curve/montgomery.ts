/** Points as zkey and ptau files hold them: coordinates in Montgomery form. */

import { FieldElementOutOfRangeError } from '../errors.ts';
import { fromMontgomery } from '../field/montgomery.ts';
import type { Curve } from './curve.ts';

/**
 * Points in memory form out of points whose coordinates are x·2^(8·fpBytes) mod p, little-endian; `pointBytes` each.
 * Throws {@link FieldElementOutOfRangeError}, with the point's `index`, for a coordinate that is not below p.
 */
export function pointsFromMontgomery(curve: Curve, bytes: Uint8Array, pointBytes: number): Uint8Array {
  try {
    return fromMontgomery(bytes, curve.fpBytes, curve.modulus, 'Coordinate');
  } catch (error) {
    if (!(error instanceof FieldElementOutOfRangeError)) throw error;
    const index = Math.floor((error.context.offset ?? 0) / pointBytes);
    throw new FieldElementOutOfRangeError(`Point ${index}, coordinate`, { index });
  }
}
