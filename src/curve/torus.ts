/**
 * Torus compression of GT: an element a + b·w of norm 1 over Fp6 (w² = v) is told by (1 + a)/b ∈ Fp6, half its size
 * (Rubin–Silverberg, CRYPTO 2003; T2 as in Naehrig–Barreto–Schwabe, section 3). Six Fp coefficients in tower order, each
 * big-endian. The element 1 (b = 0) is written as a single flag bit; −1 is not of order r and has no encoding.
 */

import {
  assertLength,
  EncodingError,
  type ErrorContext,
  FieldElementOutOfRangeError,
  InternalError,
} from '../errors.ts';
import { bigintFromBytesBE, writeBigintBE } from '../field/bytes.ts';
import type { Curve, Fp2, Fp6, Fp12 } from './curve.ts';
import { checkGt } from './gt.ts';

/** Set in the first byte for the element 1. Both curves leave the two top bits of an encoded coefficient free. */
const ONE_FLAG = 0x40;

/** Compressed form of a GT element, `gtCompressedBytes` long. The caller answers for membership in GT. */
export function compressGt(curve: Curve, value: Fp12): Uint8Array {
  const { Fp6, Fp12 } = curve.fields;
  const out = new Uint8Array(curve.gtCompressedBytes);
  if (Fp12.eql(value, Fp12.ONE)) {
    out[0] = ONE_FLAG;
    return out;
  }
  if (Fp6.is0(value.c1)) throw new InternalError('An element outside GT was about to be compressed.');
  const c = Fp6.mul(Fp6.add(Fp6.ONE, value.c0), Fp6.inv(value.c1));
  [c.c0, c.c1, c.c2].forEach((pair, i) => {
    writeBigintBE(pair.c0, out, 2 * i * curve.fpBytes, curve.fpBytes);
    writeBigintBE(pair.c1, out, (2 * i + 1) * curve.fpBytes, curve.fpBytes);
  });
  return out;
}

/**
 * Reads a compressed GT element and checks that it is of order r. Throws {@link EncodingError},
 * {@link FieldElementOutOfRangeError} or GtNotInSubgroupError.
 */
export function decompressGt(
  curve: Curve,
  bytes: Uint8Array,
  what = 'GT element',
  context: ErrorContext = {},
): Fp12 {
  assertLength(`${what}, bytes`, curve.gtCompressedBytes, bytes.length, context);
  const { Fp6, Fp12 } = curve.fields;
  if (bytes[0] === ONE_FLAG && bytes.every((byte, i) => i === 0 || byte === 0)) return Fp12.ONE;
  const read = (i: number): bigint => {
    const value = bigintFromBytesBE(bytes.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes));
    if (value >= curve.modulus) throw new FieldElementOutOfRangeError(`${what}, coefficient ${i}`, context);
    return value;
  };
  const pair = (i: number): Fp2 => ({ c0: read(i), c1: read(i + 1) });
  const c: Fp6 = { c0: pair(0), c1: pair(2), c2: pair(4) };
  if (Fp6.is0(c))
    throw new EncodingError(`${what}: the encoding of −1, which is not of prime order.`, context);
  // (c + w)/(c − w) = (c + w)²/(c² − v): norm 1 by construction.
  const square = Fp6.sqr(c);
  const v: Fp6 = Fp6.mulByNonresidue(Fp6.ONE);
  const inverse = Fp6.inv(Fp6.sub(square, v));
  const value: Fp12 = {
    c0: Fp6.mul(Fp6.add(square, v), inverse),
    c1: Fp6.mul(Fp6.add(c, c), inverse),
  };
  checkGt(curve, value, what, context);
  return value;
}
