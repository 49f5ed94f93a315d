/** Affine coordinates, as bigints, into memory form. */

import { type ErrorContext, FieldElementOutOfRangeError, ScalarOutOfRangeError } from '../errors.ts';
import { writeBigintLE } from '../field/bytes.ts';
import type { Curve, Fp2 } from './curve.ts';

function writeFp(
  curve: Curve,
  value: bigint,
  out: Uint8Array,
  slot: number,
  what: string,
  context: ErrorContext,
): void {
  if (value < 0n || value >= curve.modulus) throw new FieldElementOutOfRangeError(what, context);
  writeBigintLE(value, out, slot * curve.fpBytes, curve.fpBytes);
}

/**
 * G1 coordinates in memory form; (0, 0) stands for infinity, as in EIP-196. Throws {@link FieldElementOutOfRangeError};
 * curve and subgroup are not checked here.
 */
export function packG1(
  curve: Curve,
  x: bigint,
  y: bigint,
  what = 'G1 point',
  context: ErrorContext = {},
): Uint8Array {
  const out = new Uint8Array(curve.g1Bytes);
  writeFp(curve, x, out, 0, `${what}, x`, context);
  writeFp(curve, y, out, 1, `${what}, y`, context);
  return out;
}

/** G2 coordinates in memory form; c0 is the real part. As {@link packG1}. */
export function packG2(
  curve: Curve,
  x: Fp2,
  y: Fp2,
  what = 'G2 point',
  context: ErrorContext = {},
): Uint8Array {
  const out = new Uint8Array(curve.g2Bytes);
  writeFp(curve, x.c0, out, 0, `${what}, x.c0`, context);
  writeFp(curve, x.c1, out, 1, `${what}, x.c1`, context);
  writeFp(curve, y.c0, out, 2, `${what}, y.c0`, context);
  writeFp(curve, y.c1, out, 3, `${what}, y.c1`, context);
  return out;
}

/** Scalars in memory form, 32 bytes each. Throws {@link ScalarOutOfRangeError} naming the first that is not in [0, order). */
export function packScalars(
  curve: Curve,
  scalars: readonly bigint[],
  what = 'Scalar',
  context: ErrorContext = {},
): Uint8Array {
  const out = new Uint8Array(scalars.length * curve.frBytes);
  scalars.forEach((scalar, i) => {
    if (scalar < 0n || scalar >= curve.order) {
      throw new ScalarOutOfRangeError(`${what} ${i}`, { ...context, field: `${what} ${i}` });
    }
    writeBigintLE(scalar, out, i * curve.frBytes, curve.frBytes);
  });
  return out;
}
