/**
 * Baby Jubjub (ERC-2494): the embedded curve of the example circuits. Group arithmetic is @noble/curves'
 * twisted Edwards form; the circuits see points in Montgomery form v² = u³ + 168698·u² + u.
 */

import type { IField } from '@noble/curves/abstract/modular.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { bigintFromBytesBE } from '../../src/field/bytes.ts';

const { Point } = babyjubjub;

/** A point in @noble/curves' own representation. */
export type CurvePoint = InstanceType<typeof Point>;

/** Affine coordinates on the Montgomery form, canonical field elements. */
export interface MontgomeryPoint {
  u: bigint;
  v: bigint;
}

/** The BN254 scalar field: the circuits' field, which the curve's coordinates live in. */
export const Fp: Readonly<IField<bigint>> = Point.Fp;
/** The field of scalars: integers modulo the subgroup's order, a prime between 2^250 and 2^251. */
export const Fn: Readonly<IField<bigint>> = Point.Fn;
/** The order of the whole group divided by the subgroup's. */
export const COFACTOR = 8n;
/** ERC-2494's base point, which generates the subgroup. */
export const BASE: CurvePoint = Point.BASE;

/** The A of the Montgomery form. */
const CURVE_A = 168698n;
/** The smallest non-square, which Elligator 2 needs. */
const NON_SQUARE = 5n;

/** Uniform integer below 2^bits, from the CSPRNG. */
export function randomBits(bits: number): bigint {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(Math.ceil(bits / 8)));
  return bigintFromBytesBE(bytes) & ((1n << BigInt(bits)) - 1n);
}

/** A field element from the CSPRNG; its bias from uniform is below 2^−128. */
export function randomFieldElement(): bigint {
  return randomBits(384) % Fp.ORDER;
}

/** A scalar in [1, the subgroup's order) from the CSPRNG; its bias from uniform is below 2^−128. */
export function randomScalar(): bigint {
  return 1n + (randomBits(384) % (Fn.ORDER - 1n));
}

/** The scalar that `bits` bits stand for in circuits/lib/scalar-mul.circom. */
export function offsetScalar(bits: number, value: bigint): bigint {
  return (1n << BigInt(bits)) + 1n + 2n * value;
}

/** Montgomery coordinates of a point that is neither the neutral element nor the one of order 2. */
export function toMontgomery(point: CurvePoint): MontgomeryPoint {
  const { x, y } = point.toAffine();
  const u = Fp.div(Fp.add(1n, y), Fp.sub(1n, y));
  return { u, v: Fp.div(u, x) };
}

/** The inverse of {@link toMontgomery}. */
export function fromMontgomery({ u, v }: MontgomeryPoint): CurvePoint {
  return Point.fromAffine({ x: Fp.div(u, v), y: Fp.div(Fp.sub(u, 1n), Fp.add(u, 1n)) });
}

/** A point of the curve for a field element: Elligator 2, as circuits/lib/map-to-curve.circom checks it. */
export function mapToCurve(r: bigint): { takesFirst: boolean; point: MontgomeryPoint } {
  const first = Fp.div(Fp.neg(CURVE_A), Fp.add(1n, Fp.mul(NON_SQUARE, Fp.sqr(r))));
  for (const takesFirst of [true, false]) {
    const u = takesFirst ? first : Fp.sub(Fp.neg(CURVE_A), first);
    const square = Fp.mul(u, Fp.add(Fp.mul(Fp.add(u, CURVE_A), u), 1n));
    if (Fp.eql(Fp.pow(square, (Fp.ORDER - 1n) / 2n), 1n)) {
      return { takesFirst, point: { u, v: Fp.sqrt(square) } };
    }
  }
  throw new RangeError('r = 0 maps to no point; a hash never yields it');
}
