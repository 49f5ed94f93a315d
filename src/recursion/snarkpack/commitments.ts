/**
 * The prover's first message before its final exponentiation: T_AB, U_AB, T_C, U_C as Miller-loop products. For a fixed
 * capacity each is a sum over slots, so it can be gathered as proofs arrive, in any order.
 */

import type { Backend, G1Vector, G2Vector, OperationOptions } from '../../backend/backend.ts';
import { attachLines, type LineStore } from '../srs/line-store.ts';
import type { Srs } from '../srs/srs.ts';

/** Commitment keys on a backend: v = (τ^i·h)_{i<N} and w = (τ^{N+i}·g)_{i<N} for both strings. */
export interface CommitmentKeys {
  readonly v1: G2Vector;
  readonly v2: G2Vector;
  readonly w1: G1Vector;
  readonly w2: G1Vector;
}

/** Uploads the commitment keys of `capacity` slots; with a store, the lines of v are read from it or made and left there. */
export async function uploadCommitmentKeys(
  backend: Backend,
  srs: Srs,
  capacity: number,
  lines?: LineStore,
  options: OperationOptions = {},
): Promise<CommitmentKeys> {
  const { g1Bytes, g2Bytes } = backend.curve;
  const v = (powers: Srs['tau1']): Promise<G2Vector> =>
    backend.uploadG2(powers.g2.subarray(0, capacity * g2Bytes));
  const w = (powers: Srs['tau1']): Promise<G1Vector> =>
    backend.uploadG1(powers.g1.subarray(capacity * g1Bytes, 2 * capacity * g1Bytes));
  const [v1, v2] = [await v(srs.tau1), await v(srs.tau2)];
  if (lines) await attachLines(backend, srs, [v1, v2], lines, options);
  return { v1, v2, w1: await w(srs.tau1), w2: await w(srs.tau2) };
}

/** Miller-loop products of the four commitments over proofs in consecutive slots from `slot` on: 4 Fp12 elements. */
export function commitmentProducts(
  backend: Backend,
  keys: CommitmentKeys,
  slot: number,
  proofs: { readonly a: G1Vector; readonly b: G2Vector; readonly c: G1Vector },
  options: OperationOptions = {},
): Promise<Uint8Array> {
  const { a, b, c } = proofs;
  const end = slot + a.length;
  const v1 = keys.v1.slice(slot, end);
  const v2 = keys.v2.slice(slot, end);
  return backend.millerProducts(
    [
      [
        { g1: a, g2: v1 },
        { g1: keys.w1.slice(slot, end), g2: b },
      ],
      [
        { g1: a, g2: v2 },
        { g1: keys.w2.slice(slot, end), g2: b },
      ],
      [{ g1: c, g2: v1 }],
      [{ g1: c, g2: v2 }],
    ],
    options,
  );
}
