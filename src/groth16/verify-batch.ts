/**
 * Verification of plain Groth16 proofs, many at a time: with random weights w_i drawn by the verifier,
 *
 *     Π e(w_i·A_i, B_i) · Π_k [ e(−(Σ w_i)·α_k, β_k) · e(−Σ w_i·S_i, γ_k) · e(−Σ w_i·C_i, δ_k) ] = 1
 *
 * holds for all proofs, or for a false one with probability 2^−128: n + 3K Miller loops and one final exponentiation
 * (Bellare–Garay–Rabin small exponents; keys that share β, γ or δ share a loop).
 */

import type { Backend, OperationOptions } from '../backend/backend.ts';
import { packScalars } from '../curve/affine.ts';
import { gtFromBytes } from '../curve/gt.ts';
import { MixedCurvesError } from '../errors.ts';
import { joinBytes } from '../field/bytes.ts';
import { randomWeight } from '../field/random.ts';
import { PairingCheck } from './pairing-check.ts';
import type { BatchMember } from './proof.ts';
import { publicInputSum, readInputs } from './public-input-sums.ts';
import type { VerificationKey } from './verification-key.ts';

/** Options of batch verification. */
export interface VerifyBatchOptions extends OperationOptions {
  /** Where the arithmetic runs; it must be of the members' curve. */
  readonly backend: Backend;
}

/** Groups indices by key digest, in order of first appearance. */
function byKey(members: readonly BatchMember[]): Map<string, { key: VerificationKey; indices: number[] }> {
  const groups = new Map<string, { key: VerificationKey; indices: number[] }>();
  for (const [i, { key }] of members.entries()) {
    const group = groups.get(key.id);
    if (group) group.indices.push(i);
    else groups.set(key.id, { key, indices: [i] });
  }
  return groups;
}

/**
 * Whether every member's proof is true. `false` means that at least one is not; {@link findFalseProofs} says which.
 * An empty batch is true. Throws {@link MixedCurvesError} when a member is not on the backend's curve.
 */
export async function verifyBatch(
  members: readonly BatchMember[],
  options: VerifyBatchOptions,
): Promise<boolean> {
  const { backend } = options;
  const { curve } = backend;
  for (const [index, { key, origin }] of members.entries()) {
    if (key.curve !== curve)
      throw new MixedCurvesError(curve.name, key.curve.name, { index, file: origin.file ?? '' });
  }
  if (members.length === 0) return true;
  const weights = members.map((_, i) => (i === 0 ? 1n : randomWeight()));
  const check = new PairingCheck(backend);

  const upload = async (points: readonly Uint8Array[]): Promise<Awaited<ReturnType<Backend['uploadG1']>>> =>
    backend.uploadG1(joinBytes(points));
  const scalars = (indices: readonly number[]): Uint8Array =>
    packScalars(
      curve,
      indices.map((i) => weights[i] as bigint),
    );

  const a = await upload(members.map(({ proof }) => proof.a));
  const b = await backend.uploadG2(joinBytes(members.map(({ proof }) => proof.b)));
  const w = await backend.uploadFr(scalars(members.map((_, i) => i)));
  const weighted = await backend.scaleG1(a, w, { signal: options.signal });
  check.addTerm(weighted, b);

  for (const { key, indices } of byKey(members).values()) {
    const total = indices.reduce((sum, i) => sum + (weights[i] as bigint), 0n) % curve.order;
    check.add(key.alpha, key.beta, -total);
    const s = await publicInputSum(
      backend,
      key,
      indices.map((i) => readInputs((members[i] as BatchMember).inputs)),
      indices.map((i) => weights[i] as bigint),
      { signal: options.signal },
    );
    check.add(s, key.gamma, -1n);
    const c = await upload(indices.map((i) => (members[i] as BatchMember).proof.c));
    const cWeights = await backend.uploadFr(scalars(indices));
    check.add(await backend.msmG1(c, cWeights, { signal: options.signal }), key.delta, -1n);
    c.dispose();
    cWeights.dispose();
  }
  const product = await check.finish(options);
  for (const vector of [a, b, w, weighted]) vector.dispose();
  return curve.fields.Fp12.eql(gtFromBytes(curve, product), curve.fields.Fp12.ONE);
}

/**
 * Indices of the members whose proof is false, ascending: one batch check, then bisection of what fails, so an all-true
 * batch costs no more than {@link verifyBatch}.
 */
export async function findFalseProofs(
  members: readonly BatchMember[],
  options: VerifyBatchOptions,
): Promise<number[]> {
  const search = async (start: number, end: number, top: boolean): Promise<number[]> => {
    const part = members.slice(start, end);
    const valid = await verifyBatch(
      part,
      top ? options : { backend: options.backend, signal: options.signal },
    );
    if (valid) return [];
    if (end - start === 1) return [start];
    const middle = (start + end) >> 1;
    return [...(await search(start, middle, false)), ...(await search(middle, end, false))];
  };
  return members.length === 0 ? [] : search(0, members.length, true);
}
