/**
 * A prover under the test's control: the steps of scheme `snarkpack` one by one, so that an attack can replace any of
 * them. What it does not replace follows docs/PROTOCOL.md.
 */

import type { Backend, G1Vector, G2Vector } from '../../src/backend/backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { joinBytes } from '../../src/field/bytes.ts';
import { mod, modInverse, modPow } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import {
  type CommitmentKeys,
  commitmentProducts,
  uploadCommitmentKeys,
} from '../../src/recursion/snarkpack/commitments.ts';
import { crossTerms, type FoldVectors, foldVectors } from '../../src/recursion/snarkpack/fold-round.ts';
import { keyPolynomials } from '../../src/recursion/snarkpack/key-polynomials.ts';
import { type ProofLayout, proofLayout, type Section } from '../../src/recursion/snarkpack/layout.ts';
import { absorbStatement } from '../../src/recursion/snarkpack/transcript-schedule.ts';
import type { PowersOfTau, Srs } from '../../src/recursion/srs/srs.ts';
import type { Statement } from '../../src/recursion/statement.ts';
import type { FiatShamir } from '../../src/recursion/transcript.ts';

/** Elements of a message in memory form, by group, in the layout's order. */
export interface Message {
  readonly gt?: readonly Uint8Array[];
  readonly g1?: readonly Uint8Array[];
  readonly g2?: readonly Uint8Array[];
}

/** One point in memory form for each slot, empty ones included. */
export interface SlotPoints {
  readonly a: readonly Uint8Array[];
  readonly b: readonly Uint8Array[];
  readonly c: readonly Uint8Array[];
}

/** Slots on the backend. */
export interface SlotVectors {
  readonly a: G1Vector;
  readonly b: G2Vector;
  readonly c: G1Vector;
}

/** A proof in the making. */
export class ProofDraft {
  readonly backend: Backend;
  readonly srs: Srs;
  readonly statement: Statement;
  readonly layout: ProofLayout;
  readonly bytes: Uint8Array;
  readonly #transcript: FiatShamir;

  constructor(backend: Backend, srs: Srs, statement: Statement, transcript: FiatShamir) {
    this.backend = backend;
    this.srs = srs;
    this.statement = statement;
    this.layout = proofLayout(statement.curve, Math.log2(statement.capacity), statement.keys.length);
    this.bytes = new Uint8Array(this.layout.length);
    this.#transcript = transcript;
    absorbStatement(transcript, statement);
  }

  get order(): bigint {
    return this.statement.curve.order;
  }

  /** Encodes a message, writes it into the proof and binds it. */
  async send(section: Section, { gt = [], g1 = [], g2 = [] }: Message): Promise<void> {
    const { backend, statement } = this;
    const { curve } = statement;
    const encoded = {
      gt: await backend.compressGt(joinBytes(gt)),
      g1: await backend.compressG1(joinBytes(g1)),
      g2: await backend.compressG2(joinBytes(g2)),
    };
    const sizes = { gt: curve.gtCompressedBytes, g1: curve.g1CompressedBytes, g2: curve.g2CompressedBytes };
    const next = { gt: 0, g1: 0, g2: 0 };
    for (const { kind, offset } of section.slots) {
      this.bytes.set(encoded[kind].subarray(next[kind], next[kind] + sizes[kind]), offset);
      next[kind] += sizes[kind];
    }
    this.#transcript.absorb(
      section.label,
      this.bytes.subarray(section.offset, section.offset + section.length),
    );
  }

  /** Draws a challenge. */
  draw(label: string): bigint {
    return this.#transcript.challenge(label, this.order);
  }

  async upload({ a, b, c }: SlotPoints): Promise<SlotVectors> {
    return {
      a: await this.backend.uploadG1(joinBytes(a)),
      b: await this.backend.uploadG2(joinBytes(b)),
      c: await this.backend.uploadG1(joinBytes(c)),
    };
  }

  commitmentKeys(): Promise<CommitmentKeys> {
    return uploadCommitmentKeys(this.backend, this.srs, this.statement.capacity);
  }

  /** T_AB, U_AB, T_C, U_C of all slots. */
  async commit(keys: CommitmentKeys, slots: SlotVectors): Promise<Uint8Array[]> {
    const products = await commitmentProducts(this.backend, keys, 0, slots);
    return this.splitGt(await this.backend.finalExponentiation(products));
  }

  /** Z over all slots. */
  async innerProduct({ a, b }: SlotVectors, r: bigint): Promise<Uint8Array> {
    const scaled = await this.backend.scaleG2(b, await this.backend.powersFr(r, b.length));
    return this.backend.finalExponentiation(await this.backend.millerProducts([[{ g1: a, g2: scaled }]]));
  }

  /** Q_k = Σ r^i·C_i over the proofs of each key. */
  keySums(c: readonly Uint8Array[], r: bigint): Promise<Uint8Array[]> {
    const rPowers = powers(r, c.length, this.order);
    return Promise.all(
      this.statement.keys.map((_, k) => {
        const own = this.statement.keyOf.flatMap((key, i) => (key === k ? [i] : []));
        return this.combineG1(
          own.map((i) => c[i] as Uint8Array),
          own.map((i) => rPowers[i] as bigint),
        );
      }),
    );
  }

  /** The vectors that the rounds fold. */
  async vectors(keys: CommitmentKeys, slots: SlotVectors, r: bigint, rho: bigint): Promise<FoldVectors> {
    const { backend, statement, order } = this;
    const { capacity, keyOf, curve } = statement;
    const rVector = await backend.powersFr(r, capacity);
    const inverse = await backend.powersFr(modInverse(r, order), capacity);
    const s = Array.from({ length: capacity }, (_, i) => {
      const k = keyOf[i];
      return k === undefined ? 0n : mod(modPow(rho, BigInt(k), order) * modPow(r, BigInt(i), order), order);
    });
    return {
      a: slots.a,
      b: await backend.scaleG2(slots.b, rVector),
      c: slots.c,
      s: await backend.uploadFr(packScalars(curve, s)),
      v1: keys.v1,
      v2: keys.v2,
      w1: await backend.scaleG1(keys.w1, inverse),
      w2: await backend.scaleG1(keys.w2, inverse),
    };
  }

  /** Rounds after those whose challenges are given, then the folded vectors and the openings. Returns the proof. */
  async finish(
    vectors: FoldVectors,
    r: bigint,
    earlierChallenges: readonly bigint[] = [],
  ): Promise<Uint8Array> {
    const { backend, layout, srs, order } = this;
    let current = vectors;
    const challenges = [...earlierChallenges];
    for (const section of layout.rounds.slice(challenges.length)) {
      const { gt, g1 } = await crossTerms(backend, current);
      await this.send(section, { gt: [gt], g1: [g1] });
      const x = this.draw('x');
      challenges.push(x);
      current = await foldVectors(backend, current, x);
    }
    const { a, b, c, v1, v2, w1, w2 } = current;
    await this.send(layout.folded, {
      g1: await Promise.all([a, c, w1, w2].map((vector) => backend.read(vector))),
      g2: await Promise.all([b, v1, v2].map((vector) => backend.read(vector))),
    });
    const z = this.draw('z');
    const factors = keyPolynomials(challenges, r, order);
    const { g1Bytes, g2Bytes } = backend.curve;
    const vQuotient = await backend.openingQuotient(factors.v, 0, z);
    const wQuotient = await backend.openingQuotient(factors.w, this.statement.capacity, z);
    const openV = async ({ g2 }: PowersOfTau): Promise<Uint8Array> =>
      backend.msmG2(await backend.uploadG2(g2.subarray(0, vQuotient.length * g2Bytes)), vQuotient);
    const openW = async ({ g1 }: PowersOfTau): Promise<Uint8Array> =>
      backend.msmG1(await backend.uploadG1(g1.subarray(0, wQuotient.length * g1Bytes)), wQuotient);
    await this.send(layout.openings, {
      g2: [await openV(srs.tau1), await openV(srs.tau2)],
      g1: [await openW(srs.tau1), await openW(srs.tau2)],
    });
    return this.bytes;
  }

  /** Σ scalars_i·points_i. */
  async combineG1(points: readonly Uint8Array[], scalars: readonly bigint[]): Promise<Uint8Array> {
    const { backend, order } = this;
    return backend.msmG1(
      await backend.uploadG1(joinBytes(points)),
      await backend.uploadFr(
        packScalars(
          backend.curve,
          scalars.map((scalar) => mod(scalar, order)),
        ),
      ),
    );
  }

  /** Π elements_i^scalars_i. */
  combineGt(elements: readonly Uint8Array[], scalars: readonly bigint[]): Promise<Uint8Array> {
    const { backend, order } = this;
    return backend.gtMultiExp(
      joinBytes(elements),
      packScalars(
        backend.curve,
        scalars.map((scalar) => mod(scalar, order)),
      ),
    );
  }

  splitGt(bytes: Uint8Array): Uint8Array[] {
    const { gtBytes } = this.backend.curve;
    return Array.from({ length: bytes.length / gtBytes }, (_, i) =>
      bytes.slice(i * gtBytes, (i + 1) * gtBytes),
    );
  }
}
