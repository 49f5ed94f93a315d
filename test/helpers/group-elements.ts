/** Multiples of the generators, in memory form and as files have them. */

import fc from 'fast-check';
import { compressG1, compressG2 } from '../../src/curve/compressed.ts';
import type { Curve, G1Point, G2Point } from '../../src/curve/curve.ts';
import { gtMultiExp, gtToBytes } from '../../src/curve/gt.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { compressGt } from '../../src/curve/torus.ts';
import { mod } from '../../src/field/modular.ts';

function g1Multiple(curve: Curve, scalar: bigint): G1Point {
  const reduced = mod(scalar, curve.order);
  return reduced === 0n ? curve.g1.ZERO : curve.g1.BASE.multiply(reduced);
}

function g2Multiple(curve: Curve, scalar: bigint): G2Point {
  const reduced = mod(scalar, curve.order);
  return reduced === 0n ? curve.g2.ZERO : curve.g2.BASE.multiply(reduced);
}

function gtMultiple(curve: Curve, scalar: bigint): ReturnType<typeof gtMultiExp> {
  const base = curve.pair.pairing(curve.g1.BASE, curve.g2.BASE);
  return gtMultiExp(curve, [base], [mod(scalar, curve.order)]);
}

/** scalar·g in memory form, any integer scalar. */
export function g1Times(curve: Curve, scalar: bigint): Uint8Array {
  return g1ToBytes(curve, g1Multiple(curve, scalar));
}

/** scalar·h in memory form. */
export function g2Times(curve: Curve, scalar: bigint): Uint8Array {
  return g2ToBytes(curve, g2Multiple(curve, scalar));
}

/** e(g, h)^scalar in memory form. */
export function gtTimes(curve: Curve, scalar: bigint): Uint8Array {
  return gtToBytes(curve, gtMultiple(curve, scalar));
}

/** A multiple of the generator of a group in its canonical encoding; 0 is the neutral element. */
export function encodedMultiple(curve: Curve, kind: 'g1' | 'g2' | 'gt', scalar: bigint): Uint8Array {
  if (kind === 'g1') return compressG1(curve, g1Multiple(curve, scalar));
  if (kind === 'g2') return compressG2(curve, g2Multiple(curve, scalar));
  return compressGt(curve, gtMultiple(curve, scalar));
}

/** Uniform scalars in [1, order): no small ones, so that two are never equal and no sum vanishes by chance. */
export function scalarArbitrary(curve: Curve): fc.Arbitrary<bigint> {
  return fc.noBias(fc.bigInt({ min: 1n, max: curve.order - 1n }));
}
