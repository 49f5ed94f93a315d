/** Groth16 verification keys in the one form the library works on, checked when made. */

import { sha256 } from '@noble/hashes/sha2.js';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../curve/compressed.ts';
import { type Curve, curveById, type G1Point } from '../curve/curve.ts';
import { g1FromBytes, g1ToBytes, g2FromBytes, g2ToBytes } from '../curve/points.ts';
import { type ErrorContext, LengthMismatchError, PointAtInfinityError, withContext } from '../errors.ts';
import { ByteReader } from '../field/byte-reader.ts';
import { concatBytes, copyBytes, equalBytes, joinBytes, toHex, u32le, utf8 } from '../field/bytes.ts';
import { checkAtOnce, type PointChecks } from './point-checks.ts';

/** Points of a key in memory form (see curve/curve.ts). */
export interface VerificationKeyPoints {
  /** α in G1. */
  readonly alpha: Uint8Array;
  /** β, γ, δ in G2. */
  readonly beta: Uint8Array;
  readonly gamma: Uint8Array;
  readonly delta: Uint8Array;
  /** IC_0 … IC_m, one more than the key takes public inputs. */
  readonly ic: readonly Uint8Array[];
}

/**
 * A checked verification key: every point on its curve and in its subgroup, α, β, γ, δ not infinity (an IC point may be:
 * it belongs to an input the circuit does not use). Identified by the digest of its canonical encoding.
 */
export interface VerificationKey {
  readonly curve: Curve;
  readonly alpha: Uint8Array;
  readonly beta: Uint8Array;
  readonly gamma: Uint8Array;
  readonly delta: Uint8Array;
  /** IC_0 ‖ … ‖ IC_m in memory form. */
  readonly ic: Uint8Array;
  /** How many public inputs the key takes. */
  readonly inputCount: number;
  /** Canonical encoding: curve id, IC count as u32le, then α, β, γ, δ, IC compressed. */
  readonly encoded: Uint8Array;
  /** SHA-256 over a domain tag and {@link VerificationKey.encoded}, 32 bytes. */
  readonly digest: Uint8Array;
  /** The digest in hexadecimal, as tools show it. */
  readonly id: string;
}

/** More inputs than any known circuit has; a bound so that a corrupt count cannot ask for gigabytes. */
const MAX_INPUTS = 1 << 20;
const DIGEST_TAG = utf8('sheaf/groth16-verification-key/1');

/** What {@link VerificationKey.digest} is of the canonical encoding of a key. */
export function verificationKeyDigest(encoded: Uint8Array): Uint8Array {
  return sha256(concatBytes(DIGEST_TAG, encoded));
}

/**
 * Checks the points and makes a key. Throws PointNotOnCurveError, PointNotInSubgroupError, PointAtInfinityError,
 * FieldElementOutOfRangeError or LengthMismatchError.
 *
 * @param checks where curve and subgroup are checked: at once by default. With GatheredChecks the key may be used only when they
 * are settled.
 */
export function createVerificationKey(
  curve: Curve,
  points: VerificationKeyPoints,
  context: ErrorContext = {},
  checks: PointChecks = checkAtOnce,
): VerificationKey {
  if (points.ic.length < 1 || points.ic.length - 1 > MAX_INPUTS) {
    throw new LengthMismatchError('Verification key, IC points', `1 to ${MAX_INPUTS + 1}`, points.ic.length, {
      ...context,
      field: 'IC',
    });
  }
  const g1 = (bytes: Uint8Array, name: string, allowInfinity: boolean): Uint8Array => {
    const what = `Verification key, ${name}`;
    const point = g1FromBytes(curve, bytes, what, { ...context, field: name });
    if (point.is0() && !allowInfinity) throw new PointAtInfinityError(what, { ...context, field: name });
    checks.g1(curve, bytes, what, { ...context, field: name });
    return compressG1(curve, point);
  };
  const g2 = (bytes: Uint8Array, name: string): Uint8Array => {
    const what = `Verification key, ${name}`;
    const point = g2FromBytes(curve, bytes, what, { ...context, field: name });
    if (point.is0()) throw new PointAtInfinityError(what, { ...context, field: name });
    checks.g2(curve, bytes, what, { ...context, field: name });
    return compressG2(curve, point);
  };
  const encoded = joinBytes([
    Uint8Array.of(curve.id),
    u32le(points.ic.length),
    g1(points.alpha, 'alpha', false),
    g2(points.beta, 'beta'),
    g2(points.gamma, 'gamma'),
    g2(points.delta, 'delta'),
    ...points.ic.map((bytes, i) => g1(bytes, `IC[${i}]`, true)),
  ]);
  return keyOf(curve, points, encoded);
}

/** The key of points that were checked, with their encoding. */
function keyOf(curve: Curve, points: VerificationKeyPoints, encoded: Uint8Array): VerificationKey {
  const digest = verificationKeyDigest(encoded);
  return {
    curve,
    alpha: copyBytes(points.alpha),
    beta: copyBytes(points.beta),
    gamma: copyBytes(points.gamma),
    delta: copyBytes(points.delta),
    ic: joinBytes(points.ic),
    inputCount: points.ic.length - 1,
    encoded,
    digest,
    id: toHex(digest),
  };
}

/** Whether an encoding says that it is of a key on `curve` that takes `inputCount` inputs. Looks at nothing else. */
export function isEncodedKeyFor(encoded: Uint8Array, curve: Curve, inputCount: number): boolean {
  return equalBytes(encoded.subarray(0, 5), concatBytes(Uint8Array.of(curve.id), u32le(inputCount + 1)));
}

/**
 * Reads {@link VerificationKey.encoded}. Throws EncodingError for a wrong curve, count or length, and the point
 * errors of {@link createVerificationKey}.
 */
export function decodeVerificationKey(encoded: Uint8Array, context: ErrorContext = {}): VerificationKey {
  return withContext(context, () => {
    const reader = new ByteReader(encoded, 'Verification key');
    const curve = curveById(reader.u8('curve'));
    if (!curve) return reader.fail('expected a curve id of 1 (BN254) or 2 (BLS12-381)', 'curve');
    const icCount = reader.u32('IC count');
    const expected = curve.g1CompressedBytes * (1 + icCount) + 3 * curve.g2CompressedBytes;
    if (icCount < 1 || icCount > MAX_INPUTS + 1 || reader.remaining !== expected) {
      reader.fail(
        `expected ${expected} more bytes for ${icCount} IC points, got ${reader.remaining}`,
        'IC count',
      );
    }
    const finite = <P extends { is0(): boolean }>(point: P, name: string): P => {
      if (!point.is0()) return point;
      throw new PointAtInfinityError(`Verification key, ${name}`, { ...context, field: name });
    };
    const readG1 = (name: string): G1Point =>
      decompressG1(curve, reader.take(curve.g1CompressedBytes, name), name, context);
    const readG2 = (name: string): Uint8Array => {
      const point = decompressG2(curve, reader.take(curve.g2CompressedBytes, name), name, context);
      return g2ToBytes(curve, finite(point, name));
    };
    const points = {
      alpha: g1ToBytes(curve, finite(readG1('alpha'), 'alpha')),
      beta: readG2('beta'),
      gamma: readG2('gamma'),
      delta: readG2('delta'),
      ic: Array.from({ length: icCount }, (_, i) => g1ToBytes(curve, readG1(`IC[${i}]`))),
    };
    // Decompression checked all that createVerificationKey checks, and takes no encoding but the canonical one.
    return keyOf(curve, points, copyBytes(encoded));
  });
}
