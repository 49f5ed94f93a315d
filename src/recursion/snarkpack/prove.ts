/**
 * The prover of scheme `snarkpack`: SnarkPack (Gailly–Maller–Nitulescu, ePrint 2021/529, sections 4 and 5) with the
 * corrected transcript, many verification keys and any number of proofs. Steps are numbered as in docs/PROTOCOL.md.
 */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { packScalars } from '../../curve/affine.ts';
import { InternalError } from '../../errors.ts';
import { concatBytes, joinBytes } from '../../field/bytes.ts';
import { modInverse, modPow } from '../../field/modular.ts';
import { powers } from '../../field/polynomial.ts';
import type { Groth16Proof } from '../../groth16/proof.ts';
import type { LineStore } from '../srs/line-store.ts';
import type { Srs } from '../srs/srs.ts';
import type { Statement } from '../statement.ts';
import type { FiatShamir } from '../transcript.ts';
import { commitmentProducts, uploadCommitmentKeys } from './commitments.ts';
import { crossProducts, crossTerms, type FoldVectors, foldVectors, innerProduct } from './fold-round.ts';
import { keyPolynomials } from './key-polynomials.ts';
import { proofLayout, type Section } from './layout.ts';
import { absorbStatement } from './transcript-schedule.ts';

/** Everything the prover is given. */
export interface ProveInput {
  readonly backend: Backend;
  readonly srs: Srs;
  readonly statement: Statement;
  /** The n proofs, in the statement's order. */
  readonly proofs: readonly Groth16Proof[];
  readonly transcript: FiatShamir;
  /** The four commitments' Miller-loop products over all n slots, where an accumulator has gathered them already. */
  readonly commitments?: Uint8Array | undefined;
  /** Keeps the lines of the commitment keys. */
  readonly lines?: LineStore | undefined;
}

/** Elements of a proof in memory form, by group, in the layout's order. */
type Elements = Readonly<Partial<Record<'g1' | 'g2' | 'gt', Uint8Array>>>;

/** Encodes a section's elements, which must be exactly those of the layout. */
async function encodeSection(backend: Backend, section: Section, elements: Elements): Promise<Uint8Array> {
  const compressed = {
    g1: await backend.compressG1(elements.g1 ?? new Uint8Array(0)),
    g2: await backend.compressG2(elements.g2 ?? new Uint8Array(0)),
    gt: await backend.compressGt(elements.gt ?? new Uint8Array(0)),
  };
  const used = { g1: 0, g2: 0, gt: 0 };
  const out = new Uint8Array(section.length);
  for (const { kind, offset, length } of section.slots) {
    out.set(compressed[kind].subarray(used[kind], used[kind] + length), offset - section.offset);
    used[kind] += length;
  }
  for (const kind of ['g1', 'g2', 'gt'] as const) {
    if (used[kind] !== compressed[kind].length)
      throw new InternalError(`Section ${section.label} got ${kind} elements it has no place for.`);
  }
  return out;
}

/** Weights of the prover's stages, in Miller loops per slot, for progress. */
const COMMIT_SHARE = 0.3;
const SCALE_SHARE = 0.1;
const FIRST_ROUND_SHARE = 0.25;

/** Makes the proof bytes. The caller verifies them. */
export async function proveSnarkpack(input: ProveInput, options: OperationOptions = {}): Promise<Uint8Array> {
  const { backend, srs, statement, proofs, transcript } = input;
  const { curve, capacity, keyOf, keys } = statement;
  const { order } = curve;
  const { signal } = options;
  const n = proofs.length;
  const rounds = Math.log2(capacity);
  const layout = proofLayout(curve, rounds, keys.length);
  const out = new Uint8Array(layout.length);
  const stage = (start: number, share: number): OperationOptions => ({
    signal,
    onProgress: (fraction) => options.onProgress?.(start + share * fraction),
  });
  const send = async (section: Section, elements: Elements): Promise<void> => {
    const bytes = await encodeSection(backend, section, elements);
    out.set(bytes, section.offset);
    transcript.absorb(section.label, bytes);
  };

  // 1. Commit to A, B, C; draw r.
  absorbStatement(transcript, statement);
  const keyVectors = await uploadCommitmentKeys(backend, srs, capacity, input.lines, { signal });
  const pad = (points: readonly Uint8Array[], size: number): Uint8Array =>
    joinBytes([...points, new Uint8Array((capacity - n) * size)]);
  const a = await backend.uploadG1(
    pad(
      proofs.map((proof) => proof.a),
      curve.g1Bytes,
    ),
  );
  const b = await backend.uploadG2(
    pad(
      proofs.map((proof) => proof.b),
      curve.g2Bytes,
    ),
  );
  const c = await backend.uploadG1(
    pad(
      proofs.map((proof) => proof.c),
      curve.g1Bytes,
    ),
  );
  const occupied = { a: a.slice(0, n), b: b.slice(0, n), c: c.slice(0, n) };
  const committed =
    input.commitments ?? (await commitmentProducts(backend, keyVectors, 0, occupied, stage(0, COMMIT_SHARE)));
  await send(layout.commitments, { gt: await backend.finalExponentiation(committed, { signal }) });
  const r = transcript.challenge('r', order);

  // 2. Separate the proofs by powers of r, then the keys by powers of ρ.
  const rPowers = powers(r, n, order);
  const rVector = await backend.powersFr(r, capacity);
  const rInverseVector = await backend.powersFr(modInverse(r, order), capacity);
  const scaledB = await backend.scaleG2(b, rVector, stage(COMMIT_SHARE, SCALE_SHARE));
  const w1 = await backend.scaleG1(keyVectors.w1, rInverseVector, { signal });
  const w2 = await backend.scaleG1(keyVectors.w2, rInverseVector, { signal });
  for (const vector of [b, rVector, rInverseVector, keyVectors.w1, keyVectors.w2]) vector.dispose();
  // The pairings of the first round do not depend on ρ: with those of Z they share the lines of the rescaled B.
  const paired = { a, b: scaledB, c, v1: keyVectors.v1, v2: keyVectors.v2, w1, w2 };
  const firstProducts = await backend.millerProducts(
    [innerProduct(paired), ...(rounds > 0 ? crossProducts(paired) : [])],
    stage(COMMIT_SHARE + SCALE_SHARE, FIRST_ROUND_SHARE),
  );
  const zMiller = firstProducts.subarray(0, curve.gtBytes);
  const perKey: Uint8Array[] = [];
  for (let k = 0; k < keys.length; k++) {
    const members = keyOf.flatMap((key, i) => (key === k ? [i] : []));
    const points = await backend.uploadG1(joinBytes(members.map((i) => (proofs[i] as Groth16Proof).c)));
    const scalars = await backend.uploadFr(
      packScalars(
        curve,
        members.map((i) => rPowers[i] as bigint),
      ),
    );
    perKey.push(await backend.msmG1(points, scalars, { signal }));
    points.dispose();
    scalars.dispose();
  }
  await send(layout.products, {
    gt: await backend.finalExponentiation(zMiller, { signal }),
    g1: joinBytes(perKey),
  });
  const rho = transcript.challenge('rho', order);
  const s = keyOf.map((k, i) => (modPow(rho, BigInt(k), order) * (rPowers[i] as bigint)) % order);

  // 3. Fold: send the cross terms, absorb, and only then draw the round's challenge.
  let vectors: FoldVectors = {
    ...paired,
    s: await backend.uploadFr(
      concatBytes(packScalars(curve, s), new Uint8Array((capacity - n) * curve.frBytes)),
    ),
  };
  const challenges: bigint[] = [];
  let progress = COMMIT_SHARE + SCALE_SHARE + FIRST_ROUND_SHARE;
  let share = (1 - progress) / 2;
  let products: Uint8Array | undefined = firstProducts.subarray(curve.gtBytes);
  for (const section of layout.rounds) {
    const terms = await crossTerms(backend, vectors, stage(progress, 0.6 * share), products);
    products = undefined;
    await send(section, terms);
    const x = transcript.challenge('x', order);
    challenges.push(x);
    vectors = await foldVectors(backend, vectors, x, stage(progress + 0.6 * share, 0.4 * share));
    progress += share;
    share /= 2;
  }

  // 4. Send the folded vectors; draw z.
  await send(layout.folded, {
    g1: joinBytes(
      await Promise.all([vectors.a, vectors.c, vectors.w1, vectors.w2].map((v) => backend.read(v))),
    ),
    g2: joinBytes(await Promise.all([vectors.b, vectors.v1, vectors.v2].map((v) => backend.read(v)))),
  });
  const z = transcript.challenge('z', order);

  // 5. Open the folded keys at z.
  const polynomials = keyPolynomials(challenges, r, order);
  const vQuotient = await backend.openingQuotient(polynomials.v, 0, z);
  const wQuotient = await backend.openingQuotient(polynomials.w, capacity, z);
  const openV = async (tau: Srs['tau1']): Promise<Uint8Array> => {
    const bases = await backend.uploadG2(tau.g2.subarray(0, vQuotient.length * curve.g2Bytes));
    const opening = await backend.msmG2(bases, vQuotient, { signal });
    bases.dispose();
    return opening;
  };
  const openW = async (tau: Srs['tau1']): Promise<Uint8Array> => {
    const bases = await backend.uploadG1(tau.g1.subarray(0, wQuotient.length * curve.g1Bytes));
    const opening = await backend.msmG1(bases, wQuotient, { signal });
    bases.dispose();
    return opening;
  };
  await send(layout.openings, {
    g2: concatBytes(await openV(srs.tau1), await openV(srs.tau2)),
    g1: concatBytes(await openW(srs.tau1), await openW(srs.tau2)),
  });
  for (const vector of [...Object.values(vectors), vQuotient, wQuotient]) vector.dispose();
  options.onProgress?.(1);
  return out;
}
