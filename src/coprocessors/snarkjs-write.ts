/** Keys and proofs in the JSON form of snarkjs, field by field as snarkjs 0.7.6 writes them. */

import type { Curve, Fp2 } from '../curve/curve.ts';
import { g1FromBytes, g2FromBytes } from '../curve/points.ts';
import { bigintFromBytesLE, isZeroBytes } from '../field/bytes.ts';
import type { Groth16Proof } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';

/** Decimal coordinates of a G1 point: x, y, 1; infinity is 0, 1, 0. */
export type SnarkjsG1 = [string, string, string];
/** Decimal coordinates of a G2 point, real parts first; infinity is (0, 1, 0). */
export type SnarkjsG2 = [[string, string], [string, string], [string, string]];

/** proof.json */
export interface SnarkjsProofJson {
  pi_a: SnarkjsG1;
  pi_b: SnarkjsG2;
  pi_c: SnarkjsG1;
  protocol: 'groth16';
  /** `bn128` or `bls12381`. */
  curve: string;
}

/** verification_key.json */
export interface SnarkjsKeyJson {
  protocol: 'groth16';
  curve: string;
  nPublic: number;
  vk_alpha_1: SnarkjsG1;
  vk_beta_2: SnarkjsG2;
  vk_gamma_2: SnarkjsG2;
  vk_delta_2: SnarkjsG2;
  /** e(α, β), coefficients in tower order. */
  vk_alphabeta_12: string[][][];
  IC: SnarkjsG1[];
}

/** snarkjs' name of a curve. */
export function snarkjsCurveName(curve: Curve): string {
  return curve.name === 'bn254' ? 'bn128' : 'bls12381';
}

function coordinates(curve: Curve, bytes: Uint8Array): string[] {
  const { fpBytes } = curve;
  return Array.from({ length: bytes.length / fpBytes }, (_, i) =>
    bigintFromBytesLE(bytes.subarray(i * fpBytes, (i + 1) * fpBytes)).toString(),
  );
}

function writeG1(curve: Curve, bytes: Uint8Array): SnarkjsG1 {
  if (isZeroBytes(bytes)) return ['0', '1', '0'];
  const [x = '', y = ''] = coordinates(curve, bytes);
  return [x, y, '1'];
}

function writeG2(curve: Curve, bytes: Uint8Array): SnarkjsG2 {
  if (isZeroBytes(bytes)) {
    return [
      ['0', '0'],
      ['1', '0'],
      ['0', '0'],
    ];
  }
  const [x0 = '', x1 = '', y0 = '', y1 = ''] = coordinates(curve, bytes);
  return [
    [x0, x1],
    [y0, y1],
    ['1', '0'],
  ];
}

/** A proof in snarkjs' form. */
export function writeSnarkjsProof({ curve, a, b, c }: Groth16Proof): SnarkjsProofJson {
  return {
    pi_a: writeG1(curve, a),
    pi_b: writeG2(curve, b),
    pi_c: writeG1(curve, c),
    protocol: 'groth16',
    curve: snarkjsCurveName(curve),
  };
}

function alphaBeta({ curve, alpha, beta }: VerificationKey): string[][][] {
  const value = curve.pair.pairing(g1FromBytes(curve, alpha), g2FromBytes(curve, beta));
  const pair = ({ c0, c1 }: Fp2): string[] => [c0.toString(), c1.toString()];
  return [value.c0, value.c1].map(({ c0, c1, c2 }) => [c0, c1, c2].map(pair));
}

/** A key in snarkjs' form. */
export function writeSnarkjsKey(key: VerificationKey): SnarkjsKeyJson {
  const { curve, ic, inputCount } = key;
  return {
    protocol: 'groth16',
    curve: snarkjsCurveName(curve),
    nPublic: inputCount,
    vk_alpha_1: writeG1(curve, key.alpha),
    vk_beta_2: writeG2(curve, key.beta),
    vk_gamma_2: writeG2(curve, key.gamma),
    vk_delta_2: writeG2(curve, key.delta),
    vk_alphabeta_12: alphaBeta(key),
    IC: Array.from({ length: inputCount + 1 }, (_, i) =>
      writeG1(curve, ic.subarray(i * curve.g1Bytes, (i + 1) * curve.g1Bytes)),
    ),
  };
}
