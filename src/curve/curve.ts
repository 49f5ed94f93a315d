/**
 * The two pairing-friendly curves Sheaf folds over, as one description each. Parameters and reference arithmetic come from
 * \@noble/curves (MIT): BN254 as in EIP-196/197, BLS12-381 as in the IETF pairing-friendly-curves draft, section 4.2.1.
 *
 * Memory form, used wherever a point or element is a flat byte string: coordinates canonical (not Montgomery) and
 * little-endian, `fpBytes` each; G1 = x ‖ y; G2 = x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1; infinity = all zero bytes; scalars 32 bytes
 * little-endian; GT = the twelve Fp coefficients of c0 + c1·w in tower order.
 */

import type { BlsCurvePair } from '@noble/curves/abstract/bls.js';
import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { OptionError } from '../errors.ts';

/** Names as Sheaf writes them. snarkjs says `bn128` and `bls12381`. */
export type CurveName = 'bn254' | 'bls12-381';

export type G1Point = WeierstrassPoint<bigint>;
export type G2Point = WeierstrassPoint<Fp2>;
export type Fp2 = { c0: bigint; c1: bigint };
export type Fp6 = { c0: Fp2; c1: Fp2; c2: Fp2 };
export type Fp12 = { c0: Fp6; c1: Fp6 };

/** One curve: sizes in bytes, group order and the reference arithmetic. */
export interface Curve {
  readonly name: CurveName;
  /** The byte that stands for this curve in files and transcripts. */
  readonly id: number;
  /** Order r of G1, G2 and GT. */
  readonly order: bigint;
  /** Base-field modulus p. */
  readonly modulus: bigint;
  /** Bytes of one base-field element. */
  readonly fpBytes: number;
  /** Bytes of one scalar (32 on both curves). */
  readonly frBytes: number;
  /** Bytes of one affine point or GT element in memory form. */
  readonly g1Bytes: number;
  readonly g2Bytes: number;
  readonly gtBytes: number;
  /** Bytes of the compressed forms used in files and transcripts. */
  readonly g1CompressedBytes: number;
  readonly g2CompressedBytes: number;
  readonly gtCompressedBytes: number;
  /** Whether G1 has cofactor 1, so that the curve check is a subgroup check. */
  readonly g1IsWholeCurve: boolean;
  /** Exponent e with x^p = x^e exactly for x of order r in the cyclotomic subgroup: 6u² on BN, u on BLS (negative here). */
  readonly gtFrobeniusExponent: bigint;
  /** Reference arithmetic. */
  readonly g1: WeierstrassPointCons<bigint>;
  readonly g2: WeierstrassPointCons<Fp2>;
  readonly fields: BlsCurvePair['fields'];
  readonly pair: BlsCurvePair;
}

function createCurve(name: CurveName, id: number, pair: BlsCurvePair, gtFrobeniusExponent: bigint): Curve {
  const { Fp, Fr } = pair.fields;
  const fpBytes = Fp.BYTES;
  return {
    name,
    id,
    order: Fr.ORDER,
    modulus: Fp.ORDER,
    fpBytes,
    frBytes: Fr.BYTES,
    g1Bytes: 2 * fpBytes,
    g2Bytes: 4 * fpBytes,
    gtBytes: 12 * fpBytes,
    g1CompressedBytes: fpBytes,
    g2CompressedBytes: 2 * fpBytes,
    gtCompressedBytes: 6 * fpBytes,
    g1IsWholeCurve: pair.G1.Point.CURVE().h === 1n,
    gtFrobeniusExponent,
    g1: pair.G1.Point,
    g2: pair.G2.Point,
    fields: pair.fields,
    pair,
  };
}

/** BN parameter u with p = 36u⁴ + 36u³ + 24u² + 6u + 1 (EIP-197's curve). */
const BN254_U = 4965661367192848881n;
/** BLS parameter u with r = u⁴ − u² + 1. */
const BLS12_381_U = -0xd201000000010000n;

/** BN254, also called alt_bn128, bn128 or bn256. */
export const BN254: Curve = /* @__PURE__ */ createCurve('bn254', 1, bn254, 6n * BN254_U ** 2n);
/** BLS12-381. */
export const BLS12_381: Curve = /* @__PURE__ */ createCurve('bls12-381', 2, bls12_381, BLS12_381_U);

/** Every supported curve. */
export const CURVES: readonly Curve[] = [BN254, BLS12_381];

const ALIASES: Readonly<Record<string, Curve>> = {
  bn254: BN254,
  bn128: BN254,
  bn256: BN254,
  alt_bn128: BN254,
  altbn128: BN254,
  'bls12-381': BLS12_381,
  bls12381: BLS12_381,
  bls12_381: BLS12_381,
};

/** Finds a curve by any of its common names. Throws {@link OptionError} for one that is not supported. */
export function curveByName(name: string): Curve {
  const curve = Object.hasOwn(ALIASES, name.toLowerCase()) ? ALIASES[name.toLowerCase()] : undefined;
  if (!curve) {
    throw new OptionError(
      `Curve "${name}" is not supported: expected one of ${Object.keys(ALIASES).join(', ')}.`,
      {
        field: 'curve',
      },
    );
  }
  return curve;
}

/** Finds a curve by its file id, or undefined. */
export function curveById(id: number): Curve | undefined {
  return CURVES.find((curve) => curve.id === id);
}
