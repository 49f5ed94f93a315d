import { BLS12_381, BN254, type Curve } from '../../curve/curve.ts';

/** A prime field as the kernels see it. */
export interface FieldSpec {
  /** Short name, unique among fields: the prefix of generated function names. */
  readonly name: string;
  /** The odd prime modulus. */
  readonly modulus: bigint;
  /** Bytes of a canonical little-endian element: 32 or 48. */
  readonly byteLength: number;
}

/** Coordinates of BN254 points. */
export const BN254_FP: FieldSpec = {
  name: 'bn254Fp',
  modulus: BN254.modulus,
  byteLength: BN254.fpBytes,
};
/** Scalars of BN254. */
const BN254_FR: FieldSpec = { name: 'bn254Fr', modulus: BN254.order, byteLength: BN254.frBytes };
/** Coordinates of BLS12-381 points. */
export const BLS12_381_FP: FieldSpec = {
  name: 'bls12381Fp',
  modulus: BLS12_381.modulus,
  byteLength: BLS12_381.fpBytes,
};
/** Scalars of BLS12-381. */
const BLS12_381_FR: FieldSpec = {
  name: 'bls12381Fr',
  modulus: BLS12_381.order,
  byteLength: BLS12_381.frBytes,
};

/** Every field the engine has kernels for. */
export const FIELD_SPECS: readonly FieldSpec[] = [BN254_FP, BN254_FR, BLS12_381_FP, BLS12_381_FR];

/** The field of a curve's scalars. */
export function scalarField(curve: Curve): FieldSpec {
  return curve.name === BN254.name ? BN254_FR : BLS12_381_FR;
}
