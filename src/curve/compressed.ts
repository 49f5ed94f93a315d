/**
 * The one canonical encoding of points in files and transcripts: x big-endian with flag bits on top, one form per point.
 *
 * BN254 uses gnark-crypto's flags (two bits: 10 the smaller y, 11 the larger y, 01 infinity); BLS12-381 the Zcash flags
 * (compressed, infinity, larger y). In G2 the coefficient c1 stands before c0, and y values are compared c1 first.
 */

import {
  assertLength,
  EncodingError,
  type ErrorContext,
  FieldElementOutOfRangeError,
  PointNotOnCurveError,
} from '../errors.ts';
import { bigintFromBytesBE, writeBigintBE } from '../field/bytes.ts';
import type { Curve, Fp2, G1Point, G2Point } from './curve.ts';
import { checkG1, checkG2 } from './points.ts';

interface Flags {
  readonly mask: number;
  readonly smaller: number;
  readonly larger: number;
  readonly infinity: number;
}

const FLAGS: Readonly<Record<Curve['name'], Flags>> = {
  bn254: { mask: 0xc0, smaller: 0x80, larger: 0xc0, infinity: 0x40 },
  'bls12-381': { mask: 0xe0, smaller: 0x80, larger: 0xa0, infinity: 0xc0 },
};

function isLargerFp(curve: Curve, y: bigint): boolean {
  return 2n * y > curve.modulus;
}

function isLargerFp2(curve: Curve, y: Fp2): boolean {
  return isLargerFp(curve, y.c1 === 0n ? y.c0 : y.c1);
}

/** Splits an encoding into flag and magnitude, refusing unknown flags and an infinity that is not all zero. */
function readFlags(
  curve: Curve,
  bytes: Uint8Array,
  what: string,
  context: ErrorContext,
): { body: Uint8Array; larger: boolean } | undefined {
  const flags = FLAGS[curve.name];
  const flag = (bytes[0] as number) & flags.mask;
  const body = Uint8Array.from(bytes);
  body[0] = (bytes[0] as number) & ~flags.mask;
  if (flag === flags.infinity) {
    if (body.some((byte) => byte !== 0)) {
      throw new EncodingError(
        `${what}: expected zeros after the infinity flag; the encoding is not canonical.`,
        context,
      );
    }
    return undefined;
  }
  if (flag !== flags.smaller && flag !== flags.larger) {
    throw new EncodingError(
      `${what}: unknown flag bits 0x${flag.toString(16)} in a compressed ${curve.name} point.`,
      context,
    );
  }
  return { body, larger: flag === flags.larger };
}

function readCoordinate(curve: Curve, bytes: Uint8Array, what: string, context: ErrorContext): bigint {
  const value = bigintFromBytesBE(bytes);
  if (value >= curve.modulus) throw new FieldElementOutOfRangeError(what, context);
  return value;
}

/** Compressed form of a G1 point, `g1CompressedBytes` long. */
export function compressG1(curve: Curve, point: G1Point): Uint8Array {
  const flags = FLAGS[curve.name];
  const out = new Uint8Array(curve.g1CompressedBytes);
  if (point.is0()) {
    out[0] = flags.infinity;
    return out;
  }
  const { x, y } = point.toAffine();
  writeBigintBE(x, out, 0, curve.fpBytes);
  out[0] = (out[0] as number) | (isLargerFp(curve, y) ? flags.larger : flags.smaller);
  return out;
}

/** Compressed form of a G2 point, `g2CompressedBytes` long. */
export function compressG2(curve: Curve, point: G2Point): Uint8Array {
  const flags = FLAGS[curve.name];
  const out = new Uint8Array(curve.g2CompressedBytes);
  if (point.is0()) {
    out[0] = flags.infinity;
    return out;
  }
  const { x, y } = point.toAffine();
  writeBigintBE(x.c1, out, 0, curve.fpBytes);
  writeBigintBE(x.c0, out, curve.fpBytes, curve.fpBytes);
  out[0] = (out[0] as number) | (isLargerFp2(curve, y) ? flags.larger : flags.smaller);
  return out;
}

/**
 * Reads a compressed G1 point and checks curve and subgroup. Throws {@link EncodingError},
 * {@link FieldElementOutOfRangeError}, {@link PointNotOnCurveError} or PointNotInSubgroupError.
 */
export function decompressG1(
  curve: Curve,
  bytes: Uint8Array,
  what = 'G1 point',
  context: ErrorContext = {},
): G1Point {
  assertLength(`${what}, bytes`, curve.g1CompressedBytes, bytes.length, context);
  const flagged = readFlags(curve, bytes, what, context);
  if (!flagged) return curve.g1.ZERO;
  const { Fp } = curve.fields;
  const x = readCoordinate(curve, flagged.body, `${what}, x`, context);
  let y: bigint;
  try {
    y = Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), curve.g1.CURVE().b));
  } catch {
    throw new PointNotOnCurveError(what, context);
  }
  if (isLargerFp(curve, y) !== flagged.larger) y = Fp.neg(y);
  const point = curve.g1.fromAffine({ x, y });
  checkG1(curve, point, what, context);
  return point;
}

/** Reads a compressed G2 point and checks curve and subgroup. Throws as {@link decompressG1}. */
export function decompressG2(
  curve: Curve,
  bytes: Uint8Array,
  what = 'G2 point',
  context: ErrorContext = {},
): G2Point {
  assertLength(`${what}, bytes`, curve.g2CompressedBytes, bytes.length, context);
  const flagged = readFlags(curve, bytes, what, context);
  if (!flagged) return curve.g2.ZERO;
  const { Fp2 } = curve.fields;
  const x: Fp2 = {
    c1: readCoordinate(curve, flagged.body.subarray(0, curve.fpBytes), `${what}, x.c1`, context),
    c0: readCoordinate(curve, flagged.body.subarray(curve.fpBytes), `${what}, x.c0`, context),
  };
  let y: Fp2;
  try {
    y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), curve.g2.CURVE().b));
  } catch {
    throw new PointNotOnCurveError(what, context);
  }
  if (isLargerFp2(curve, y) !== flagged.larger) y = Fp2.neg(y);
  const point = curve.g2.fromAffine({ x, y });
  checkG2(curve, point, what, context);
  return point;
}
