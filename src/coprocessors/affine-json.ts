/** Points as snarkjs and gnark write them in JSON, into memory form (see curve/curve.ts). */

import { packG1, packG2 } from '../curve/affine.ts';
import { CURVES, type Curve, type Fp2 } from '../curve/curve.ts';
import { isOnG1Curve } from '../curve/points.ts';
import { type ErrorContext, PointNotOnCurveError, ProofFormatError } from '../errors.ts';
import { describe, isJsonObject, ownField, readInteger } from './json.ts';

function readPair(value: unknown, what: string, context: ErrorContext): Fp2 {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ProofFormatError(`${what}: expected a pair [c0, c1], got ${describe(value)}.`, context);
  }
  return {
    c0: readInteger(value[0], `${what}.c0`, context),
    c1: readInteger(value[1], `${what}.c1`, context),
  };
}

/** Splits [x, y] or [x, y, z]; what stands third says whether the point is affine or infinite. */
function splitPoint(
  value: unknown,
  what: string,
  context: ErrorContext,
): { x: unknown; y: unknown; z: unknown } {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    throw new ProofFormatError(`${what}: expected coordinates [x, y, "1"], got ${describe(value)}.`, context);
  }
  return { x: value[0], y: value[1], z: value.length === 3 ? value[2] : undefined };
}

function refuseThirdCoordinate(what: string, context: ErrorContext): never {
  throw new ProofFormatError(
    `${what}: the third coordinate must be 1 (affine) or 0 (infinity). Other values mean Jacobian or homogeneous coordinates, which the file does not tell apart; write the point in affine form.`,
    context,
  );
}

/** (0, 0) is how memory form spells infinity; written as an affine point it is simply off the curve. */
function refuseOrigin(isOrigin: boolean, what: string, context: ErrorContext): void {
  if (isOrigin) throw new PointNotOnCurveError(what, context);
}

/** snarkjs G1: ["x", "y", "1"]; third coordinate 0 is infinity. Coordinates checked, curve and subgroup not. */
export function readSnarkjsG1(
  curve: Curve,
  value: unknown,
  what: string,
  context: ErrorContext = {},
): Uint8Array {
  const { x: rawX, y: rawY, z: rawZ } = splitPoint(value, what, context);
  const x = readInteger(rawX, `${what}, x`, context);
  const y = readInteger(rawY, `${what}, y`, context);
  const z = rawZ === undefined ? 1n : readInteger(rawZ, `${what}, z`, context);
  if (z === 0n) return new Uint8Array(curve.g1Bytes);
  if (z !== 1n) refuseThirdCoordinate(what, context);
  refuseOrigin(x === 0n && y === 0n, what, context);
  return packG1(curve, x, y, what, context);
}

/** snarkjs G2: [["x0", "x1"], ["y0", "y1"], ["1", "0"]], the real part first. As {@link readSnarkjsG1}. */
export function readSnarkjsG2(
  curve: Curve,
  value: unknown,
  what: string,
  context: ErrorContext = {},
): Uint8Array {
  const { x: rawX, y: rawY, z: rawZ } = splitPoint(value, what, context);
  const x = readPair(rawX, `${what}, x`, context);
  const y = readPair(rawY, `${what}, y`, context);
  const z = rawZ === undefined ? { c0: 1n, c1: 0n } : readPair(rawZ, `${what}, z`, context);
  if (z.c0 === 0n && z.c1 === 0n) return new Uint8Array(curve.g2Bytes);
  if (z.c0 !== 1n || z.c1 !== 0n) refuseThirdCoordinate(what, context);
  refuseOrigin(
    [x.c0, x.c1, y.c0, y.c1].every((c) => c === 0n),
    what,
    context,
  );
  return packG2(curve, x, y, what, context);
}

function readXY(value: unknown, what: string, context: ErrorContext): { x: unknown; y: unknown } {
  if (!isJsonObject(value)) {
    throw new ProofFormatError(`${what}: expected {"X": …, "Y": …}, got ${describe(value)}.`, context);
  }
  return { x: ownField(value, 'X'), y: ownField(value, 'Y') };
}

/** gnark G1: {"X": "…", "Y": "…"}; (0, 0) is infinity, as in gnark. Coordinates checked, curve and subgroup not. */
export function readGnarkG1(
  curve: Curve,
  value: unknown,
  what: string,
  context: ErrorContext = {},
): Uint8Array {
  const { x, y } = readXY(value, what, context);
  return packG1(
    curve,
    readInteger(x, `${what}.X`, context),
    readInteger(y, `${what}.Y`, context),
    what,
    context,
  );
}

/** gnark G2: {"X": {"A0": …, "A1": …}, "Y": …}, A0 the real part. As {@link readGnarkG1}. */
export function readGnarkG2(
  curve: Curve,
  value: unknown,
  what: string,
  context: ErrorContext = {},
): Uint8Array {
  const { x, y } = readXY(value, what, context);
  const element = (part: unknown, name: string): Fp2 => {
    if (!isJsonObject(part)) {
      throw new ProofFormatError(
        `${what}.${name}: expected {"A0": …, "A1": …}, got ${describe(part)}.`,
        context,
      );
    }
    return {
      c0: readInteger(ownField(part, 'A0'), `${what}.${name}.A0`, context),
      c1: readInteger(ownField(part, 'A1'), `${what}.${name}.A1`, context),
    };
  };
  return packG2(curve, element(x, 'X'), element(y, 'Y'), what, context);
}

/**
 * The curve whose G1 an affine point is on, for files that do not name theirs. A point on both would be a coincidence of
 * probability 2^-254. Throws PointNotOnCurveError when it is on neither.
 */
export function curveOfG1(x: bigint, y: bigint, what: string, context: ErrorContext = {}): Curve {
  for (const curve of CURVES) {
    if (x < curve.modulus && y < curve.modulus && isOnG1Curve(curve, x, y)) return curve;
  }
  throw new PointNotOnCurveError(`${what}, on BN254 and on BLS12-381,`, context);
}
