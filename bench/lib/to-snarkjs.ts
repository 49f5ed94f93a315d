/** Batch members in snarkjs' JSON form, so that it can verify the same proofs. */

import type { SnarkjsProof, SnarkjsVerificationKey } from '../../examples/lib/snarkjs.ts';
import { writeSnarkjsKey, writeSnarkjsProof } from '../../src/coprocessors/snarkjs-write.ts';
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
  return {
    key: { ...writeSnarkjsKey(key) },
    inputs: readInputs(inputs).map(String),
    proof: writeSnarkjsProof(proof),
  };
}
