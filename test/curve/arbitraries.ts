/** Random elements of each curve's fields and groups for fast-check, with the values arithmetic most often gets wrong mixed in. */

import fc from 'fast-check';
import type { Curve, Fp2, Fp6, Fp12, G1Point, G2Point } from '../../src/curve/curve.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';

/** Integers in [0, modulus), one in four at an edge. */
export function residue(modulus: bigint): fc.Arbitrary<bigint> {
  const half = modulus / 2n;
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 2n, half, half + 1n, modulus - 2n, modulus - 1n) },
    { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: modulus - 1n }) },
  );
}

export function scalar(curve: Curve): fc.Arbitrary<bigint> {
  return residue(curve.order);
}

export function fp2(curve: Curve): fc.Arbitrary<Fp2> {
  const coefficient = residue(curve.modulus);
  return fc.record({ c0: coefficient, c1: coefficient });
}

export function fp6(curve: Curve): fc.Arbitrary<Fp6> {
  const pair = fp2(curve);
  return fc.record({ c0: pair, c1: pair, c2: pair });
}

export function fp12(curve: Curve): fc.Arbitrary<Fp12> {
  const half = fp6(curve);
  return fc.record({ c0: half, c1: half });
}

/** Points of G1, infinity and ±generator included. */
export function g1Point(curve: Curve): fc.Arbitrary<G1Point> {
  return scalar(curve).map((k) => curve.g1.BASE.multiplyUnsafe(k));
}

/** Points of G2, infinity and ±generator included. */
export function g2Point(curve: Curve): fc.Arbitrary<G2Point> {
  return scalar(curve).map((k) => curve.g2.BASE.multiplyUnsafe(k));
}

/** e(G1, G2) of the generators by the reference library, computed once per curve. */
const generators = new Map<Curve, Fp12>();

export function gtGenerator(curve: Curve): Fp12 {
  const known = generators.get(curve) ?? curve.pair.pairing(curve.g1.BASE, curve.g2.BASE);
  generators.set(curve, known);
  return known;
}

/** Elements of GT, 1 included. */
export function gtElement(curve: Curve): fc.Arbitrary<Fp12> {
  return scalar(curve).map((k) => curve.fields.Fp12.pow(gtGenerator(curve), k));
}

/** Parameters for properties of milliseconds a run: few runs, and no shrinking, which would take minutes. */
export function slow(runs: number): { numRuns: number; endOnFailure: true } {
  return { numRuns: fuzzRuns(runs), endOnFailure: true };
}
