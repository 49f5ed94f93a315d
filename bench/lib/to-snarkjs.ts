/** Batch members in snarkjs' JSON form, so that it can verify the same proofs. */

import type { SnarkjsProof, SnarkjsVerificationKey } from '../../examples/lib/snarkjs.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { readInputs } from '../../src/groth16/public-input-sums.ts';
import type { BatchMember } from '../../src/index.ts';

/** What `groth16.verify` takes. */
export interface SnarkjsMember {
  readonly key: SnarkjsVerificationKey;
  readonly inputs: string[];
  readonly proof: SnarkjsProof;
}

/** Converts one member. */
export function toSnarkjs({ key, proof, inputs }: BatchMember): SnarkjsMember {
  const { fpBytes, g1Bytes } = key.curve;
  const coordinates = (bytes: Uint8Array): string[] =>
    Array.from({ length: bytes.length / fpBytes }, (_, i) =>
      bigintFromBytesLE(bytes.subarray(i * fpBytes, (i + 1) * fpBytes)).toString(),
    );
  const g1 = (bytes: Uint8Array): string[] => [...coordinates(bytes), '1'];
  const g2 = (bytes: Uint8Array): string[][] => {
    const [x0 = '', x1 = '', y0 = '', y1 = ''] = coordinates(bytes);
    return [
      [x0, x1],
      [y0, y1],
      ['1', '0'],
    ];
  };
  const curve = key.curve.name === 'bn254' ? 'bn128' : 'bls12381';
  return {
    key: {
      protocol: 'groth16',
      curve,
      nPublic: key.inputCount,
      vk_alpha_1: g1(key.alpha),
      vk_beta_2: g2(key.beta),
      vk_gamma_2: g2(key.gamma),
      vk_delta_2: g2(key.delta),
      IC: Array.from({ length: key.inputCount + 1 }, (_, i) =>
        g1(key.ic.subarray(i * g1Bytes, (i + 1) * g1Bytes)),
      ),
    },
    inputs: readInputs(inputs).map(String),
    proof: { protocol: 'groth16', curve, pi_a: g1(proof.a), pi_b: g2(proof.b), pi_c: g1(proof.c) },
  };
}
