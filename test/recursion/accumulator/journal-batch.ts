/** The same batch and reference string in every process that has the seed. */

import fc from 'fast-check';
import { BN254 } from '../../../src/curve/curve.ts';
import type { BatchMember } from '../../../src/groth16/proof.ts';
import type { Srs } from '../../../src/recursion/srs/srs.ts';
import { backendOf } from '../../helpers/backends.ts';
import { drawWith } from '../../helpers/seeded.ts';
import { batchArbitrary, syntheticBatch } from '../../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../../helpers/synthetic-srs.ts';

/** Eight proofs under two keys, and the string for as many slots. */
export async function journalBatch(seed: number): Promise<{ srs: Srs; members: BatchMember[] }> {
  const { batch, taus } = drawWith(
    fc.record({
      batch: batchArbitrary(BN254, {
        keyOf: [0, 1, 0, 1, 1, 0, 0, 1],
        inputCounts: [1, 0],
        uniformInputs: true,
      }),
      taus: tausArbitrary(BN254),
    }),
    seed,
  );
  // A key without inputs has one claim only: the proofs differ all the same.
  return {
    srs: await syntheticSrs(backendOf(BN254), 8, taus),
    members: syntheticBatch(BN254, batch).members,
  };
}
