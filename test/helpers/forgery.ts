/** Claims without proofs, and attacks on transcripts with one fault. */

import { expect } from 'vitest';
import { packScalars } from '../../src/curve/affine.ts';
import { modInverse } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import { PairingCheck } from '../../src/groth16/pairing-check.ts';
import { publicInputSum, readInputs } from '../../src/groth16/public-input-sums.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import { encodeComposite } from '../../src/recursion/composite-file.ts';
import { foldVectors } from '../../src/recursion/snarkpack/fold-round.ts';
import { TRANSCRIPT_DOMAIN } from '../../src/recursion/snarkpack/transcript-schedule.ts';
import { verifySnarkpack } from '../../src/recursion/snarkpack/verify.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import type { Statement } from '../../src/recursion/statement.ts';
import { type FiatShamir, Transcript } from '../../src/recursion/transcript.ts';
import { verify } from '../../src/recursion/verify.ts';
import { backendOf } from './backends.ts';
import { g1Times, g2Times, gtTimes } from './group-elements.ts';
import { ProofDraft } from './proof-draft.ts';

/** The transcript as it is. */
export const right = (): FiatShamir => new Transcript(TRANSCRIPT_DOMAIN);

/** What is claimed, and by whom it is to be believed. */
export interface Claims {
  readonly srs: Srs;
  readonly keys: readonly VerificationKey[];
  readonly statement: Statement;
}

/** A statement about keys and inputs alone, as an attacker without proofs makes it. */
export function claim(
  srs: Srs,
  keys: readonly VerificationKey[],
  claims: readonly { readonly key: number; readonly inputs: readonly bigint[] }[],
  capacity: number,
): Claims {
  return {
    srs,
    keys,
    statement: {
      curve: srs.curve,
      capacity,
      srsDigest: srs.digest,
      keys: keys.map(({ digest, inputCount }) => ({ digest, inputCount, system: 'synthetic' })),
      keyOf: claims.map(({ key }) => key),
      inputs: claims.map(({ inputs }) => packScalars(srs.curve, inputs)),
      context: new Uint8Array(0),
    },
  };
}

/** Runs the scheme's verifier on a transcript of the caller's choice. */
export function check(
  { srs, keys, statement }: Claims,
  proof: Uint8Array,
  transcript: FiatShamir,
): Promise<boolean> {
  const backend = backendOf(srs.curve);
  return verifySnarkpack({ backend, srs, statement, keys, proof, transcript });
}

/** The forgery passes under the fault, and neither the scheme nor the whole verifier takes it. */
export async function expectForgery(
  claims: Claims,
  proof: Uint8Array,
  weak: () => FiatShamir,
): Promise<void> {
  const { srs, keys, statement } = claims;
  expect(await check(claims, proof, weak())).toBe(true);
  expect(await check(claims, proof, right())).toBe(false);
  const bytes = encodeComposite({ scheme: 'snarkpack', statement, carriedKeys: [], proof });
  expect(await verify(bytes, { srs, keys, backend: backendOf(srs.curve) })).toBe(false);
}

/** Σ_k [ e(R_k·α_k, β_k) + e(Σ r^i·S_i, γ_k) + e(Q_k, δ_k) ]: the Z that a verifier will ask for, from public data. */
async function demandedZ(
  { keys, statement }: Claims,
  r: bigint,
  q: readonly Uint8Array[],
): Promise<Uint8Array> {
  const backend = backendOf(statement.curve);
  const sum = new PairingCheck(backend);
  const rPowers = powers(r, statement.keyOf.length, statement.curve.order);
  for (const [k, key] of keys.entries()) {
    const own = statement.keyOf.flatMap((of, i) => (of === k ? [i] : []));
    const weights = own.map((i) => rPowers[i] as bigint);
    const inputs = own.map((i) => readInputs(statement.inputs[i] as Uint8Array));
    const total = weights.reduce((a, b) => a + b, 0n);
    sum.add(key.alpha, key.beta, total);
    sum.add(await publicInputSum(backend, key, inputs, weights), key.gamma, 1n);
    sum.add(q[k] as Uint8Array, key.delta, 1n);
  }
  return sum.finish();
}

/**
 * With x_1 known, the first round's messages can make the running values anything: here, the commitments to arbitrary
 * vectors of half the length, which honest rounds then finish. No proof of anything is used.
 */
export async function forgeFromNothing(
  claims: Claims,
  transcript: FiatShamir,
  tape: readonly bigint[],
): Promise<Uint8Array> {
  const { srs, statement } = claims;
  const { curve, capacity } = statement;
  const { order } = curve;
  const backend = backendOf(curve);
  let position = 0;
  const random = (): bigint => tape[position++ % tape.length] as bigint;
  const draft = new ProofDraft(backend, srs, statement, transcript);
  const { layout } = draft;

  const commitments = layout.commitments.slots.map(() => gtTimes(curve, random()));
  await draft.send(layout.commitments, { gt: commitments });
  const r = draft.draw('r');
  const qPerKey = statement.keys.map(() => g1Times(curve, random()));
  const z = await demandedZ(claims, r, qPerKey);
  await draft.send(layout.products, { gt: [z], g1: qPerKey });
  const rho = draft.draw('rho');
  const x = draft.draw('x');

  const slots = await draft.upload({
    a: Array.from({ length: capacity }, () => g1Times(curve, random())),
    b: Array.from({ length: capacity }, () => g2Times(curve, random())),
    c: Array.from({ length: capacity }, () => g1Times(curve, random())),
  });
  const vectors = await draft.vectors(await draft.commitmentKeys(), slots, r, rho);
  const folded = await foldVectors(backend, vectors, x);
  const { a, b, c, s, v1, v2, w1, w2 } = folded;
  const wanted = draft.splitGt(
    await backend.finalExponentiation(
      await backend.millerProducts([
        [{ g1: a, g2: b }],
        [
          { g1: a, g2: v1 },
          { g1: w1, g2: b },
        ],
        [
          { g1: a, g2: v2 },
          { g1: w2, g2: b },
        ],
        [{ g1: c, g2: v1 }],
        [{ g1: c, g2: v2 }],
      ]),
    ),
  );
  // X_L = (wanted − X)/x − X_R/x² makes X + x·X_L + X_R/x what is wanted.
  const inverse = modInverse(x, order);
  const weights = [inverse, -inverse, -inverse * inverse];
  const gt: Uint8Array[] = [];
  for (const [e, before] of [z, ...commitments].entries()) {
    const rightTerm = gtTimes(curve, random());
    gt.push(await draft.combineGt([wanted[e] as Uint8Array, before, rightTerm], weights), rightTerm);
  }
  const q = await draft.combineG1(qPerKey, powers(rho, qPerKey.length, order));
  const qRight = g1Times(curve, random());
  const qLeft = await draft.combineG1([await backend.msmG1(c, s), q, qRight], weights);
  await draft.send(layout.rounds[0] as (typeof layout.rounds)[number], { gt, g1: [qLeft, qRight] });
  return draft.finish(folded, r, [x]);
}
