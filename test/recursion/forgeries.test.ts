/**
 * Why every challenge stands where it stands: against a transcript with one fault each, an attacker who holds no proof
 * (or only false ones) passes the verifier; against the right transcript the same bytes fail.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLS12_381, BN254, type Curve } from '../../src/curve/curve.ts';
import { mod, modInverse } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import { type BatchMember, createMember, createProof } from '../../src/groth16/proof.ts';
import { publicInputSum, readInputs } from '../../src/groth16/public-input-sums.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import { verifyBatch } from '../../src/groth16/verify-batch.ts';
import { proveSnarkpack } from '../../src/recursion/snarkpack/prove.ts';
import { absorbStatement } from '../../src/recursion/snarkpack/transcript-schedule.ts';
import { statementOf } from '../../src/recursion/statement.ts';
import type { FiatShamir } from '../../src/recursion/transcript.ts';
import { backendOf } from '../helpers/backends.ts';
import { type Claims, check, claim, expectForgery, forgeFromNothing, right } from '../helpers/forgery.ts';
import { g1Times, scalarArbitrary } from '../helpers/group-elements.ts';
import { ProofDraft } from '../helpers/proof-draft.ts';
import { forAll } from '../helpers/seeded.ts';
import {
  batchArbitrary,
  type KeySecrets,
  syntheticBatch,
  syntheticKey,
  syntheticMember,
} from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';
import { bindingLate, fixing, forgetting } from '../helpers/weak-transcripts.ts';

const firstChallengeEarly = (): FiatShamir => bindingLate(right(), 'round 1', 'x');
const rEarly = (): FiatShamir => bindingLate(right(), 'commitments', 'r');
const rhoEarly = (): FiatShamir => bindingLate(right(), 'products', 'rho');
const withoutRho = (): FiatShamir => fixing(right(), 'rho', 1n);
const withoutInputs = (): FiatShamir => forgetting(right(), 'public inputs');

const tapeArbitrary = (curve: Curve): fc.Arbitrary<bigint[]> =>
  fc.array(scalarArbitrary(curve), { minLength: 40, maxLength: 40 });

describe('the first challenge drawn before the first round is bound', () => {
  it.each([
    { curve: BN254, keyOf: [0, 1], capacity: 2 },
    { curve: BN254, keyOf: [0, 1, 0], capacity: 4 },
    { curve: BLS12_381, keyOf: [0, 0], capacity: 2 },
  ])('proves any claim without a proof: $curve.name, keys $keyOf', async ({ curve, keyOf, capacity }) => {
    const inputCounts = [2, 1].slice(0, Math.max(...keyOf) + 1);
    const drawn = fc.record({
      batch: batchArbitrary(curve, { keyOf, inputCounts }),
      taus: tausArbitrary(curve),
      tape: tapeArbitrary(curve),
    });
    await forAll(drawn, 1, async ({ batch, taus, tape }) => {
      const srs = await syntheticSrs(backendOf(curve), capacity, taus);
      const keys = batch.keys.map((secrets) => syntheticKey(curve, secrets));
      const claims = claim(srs, keys, batch.proofs, capacity);
      const forged = await forgeFromNothing(claims, firstChallengeEarly(), tape);
      await expectForgery(claims, forged, firstChallengeEarly);
      // The same attack on the right transcript, where x_1 then is another one.
      expect(await check(claims, await forgeFromNothing(claims, right(), tape), right())).toBe(false);
    });
  });
});

describe('r drawn before the commitments are bound', () => {
  it('proves any claim with the points of the key alone', async () => {
    const keyOf = [0, 0, 0];
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf, inputCounts: [2] }),
      taus: tausArbitrary(BN254),
      tape: tapeArbitrary(BN254),
    });
    await forAll(drawn, 1, async ({ batch, taus, tape }) => {
      const { order } = BN254;
      const backend = backendOf(BN254);
      const srs = await syntheticSrs(backend, 4, taus);
      const key = syntheticKey(BN254, batch.keys[0] as KeySecrets);
      const claims = claim(srs, [key], batch.proofs, 4);
      const probe = rEarly();
      absorbStatement(probe, claims.statement);
      const r = probe.challenge('r', order);

      // Σ r^i·e(A_i, B_i): one product holds all of α·β, one all public inputs, one all of C.
      const [r0, r1, r2] = powers(r, 3, order) as [bigint, bigint, bigint];
      const draft = new ProofDraft(backend, srs, claims.statement, rEarly());
      const inputs = claims.statement.inputs.map(readInputs);
      const sum = await publicInputSum(backend, key, inputs, [r0, r1, r2]);
      const c = tape.slice(0, 3);
      const allC = mod((c[0] as bigint) + (c[1] as bigint) * r1 + (c[2] as bigint) * r2, order);
      const proofs = [
        { a: await draft.combineG1([key.alpha], [r0 + r1 + r2]), b: key.beta },
        { a: await draft.combineG1([sum], [modInverse(r1, order)]), b: key.gamma },
        { a: g1Times(BN254, allC * modInverse(r2, order)), b: key.delta },
      ].map((points, i) => createProof(BN254, { ...points, c: g1Times(BN254, c[i] as bigint) }));
      const members = proofs.map((proof, i) => createMember(key, proof, inputs[i] as bigint[], 'synthetic'));
      for (const member of members) expect(await verifyBatch([member], { backend })).toBe(false);

      const prove = (transcript: FiatShamir): Promise<Uint8Array> =>
        proveSnarkpack({ backend, srs, statement: claims.statement, proofs, transcript });
      await expectForgery(claims, await prove(rEarly()), rEarly);
      expect(await check(claims, await prove(right()), right())).toBe(false);
    });
  });
});

describe('ρ drawn before the sums per key are bound', () => {
  it('passes false C under two keys that share δ, by shifting the sums against each other', async () => {
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0, 1], inputCounts: [1, 2], shared: ['delta'] }),
      taus: tausArbitrary(BN254),
      junk: fc.tuple(scalarArbitrary(BN254), scalarArbitrary(BN254)),
    });
    await forAll(drawn, 1, async ({ batch, taus, junk }) => {
      const { order } = BN254;
      const backend = backendOf(BN254);
      const { members, keys } = syntheticBatch(BN254, batch);
      const srs = await syntheticSrs(backend, 2, taus);
      const { statement } = statementOf(members, srs);
      const claims = { srs, keys, statement };
      // What is committed to: the proofs with their C replaced by junk.
      const falseC = junk.map((scalar) => g1Times(BN254, scalar));
      const committed = members.map((member, i) => ({
        ...member,
        proof: createProof(BN254, { ...member.proof, c: falseC[i] as Uint8Array }),
      }));
      for (const member of committed) expect(await verifyBatch([member], { backend })).toBe(false);

      const forge = async (transcript: FiatShamir): Promise<Uint8Array> => {
        const draft = new ProofDraft(backend, srs, statement, transcript);
        const slots = await draft.upload({
          a: members.map(({ proof }) => proof.a),
          b: members.map(({ proof }) => proof.b),
          c: falseC,
        });
        const commitmentKeys = await draft.commitmentKeys();
        await draft.send(draft.layout.commitments, { gt: await draft.commit(commitmentKeys, slots) });
        const r = draft.draw('r');
        const z = await draft.innerProduct(slots, r);
        const rho = draft.draw('rho');
        // The Groth16 equation sees Q_0 + Q_1, the folding argument Q_0 + ρ·Q_1.
        const trueSums = await draft.keySums(
          members.map(({ proof }) => proof.c),
          r,
        );
        const falseSums = await draft.keySums(falseC, r);
        const inverse = modInverse(mod(rho - 1n, order), order);
        const q1 = await draft.combineG1(
          [...falseSums, ...trueSums],
          [inverse, rho * inverse, -inverse, -inverse],
        );
        const q0 = await draft.combineG1([...trueSums, q1], [1n, 1n, -1n]);
        await draft.send(draft.layout.products, { gt: [z], g1: [q0, q1] });
        return draft.finish(await draft.vectors(commitmentKeys, slots, r, rho), r);
      };
      await expectForgery(claims, await forge(rhoEarly()), rhoEarly);
      expect(await check(claims, await forge(right()), right())).toBe(false);
    });
  });

  it('and without any ρ, a proof under one key passes for another key', async () => {
    const drawn = fc.record({
      // One circuit, two second phases: the keys differ in δ alone. The first proof is valid under key 1 only.
      batch: batchArbitrary(BN254, { keyOf: [1, 1, 0], inputCounts: [1, 1] }),
      taus: tausArbitrary(BN254),
    });
    await forAll(drawn, 1, async ({ batch, taus }) => {
      const backend = backendOf(BN254);
      const [first, second] = batch.keys as [KeySecrets, KeySecrets];
      const secrets = [first, { ...first, delta: second.delta }];
      const keys = secrets.map((own) => syntheticKey(BN254, own));
      const members = batch.proofs.map((proof) =>
        syntheticMember(BN254, keys[proof.key] as VerificationKey, secrets[proof.key] as KeySecrets, proof),
      );
      expect(await verifyBatch(members, { backend })).toBe(true);
      const srs = await syntheticSrs(backend, 4, taus);
      const claims = claim(
        srs,
        keys,
        batch.proofs.map((proof, i) => ({ ...proof, key: [0, 1, 0][i] as number })),
        4,
      );
      const claimed: BatchMember = { ...(members[0] as BatchMember), key: keys[0] as VerificationKey };
      expect(await verifyBatch([claimed], { backend })).toBe(false);

      const forge = async (transcript: FiatShamir): Promise<Uint8Array> => {
        const draft = new ProofDraft(backend, srs, claims.statement, transcript);
        const empty = { a: new Uint8Array(64), b: new Uint8Array(128), c: new Uint8Array(64) };
        const points = [...members.map(({ proof }) => proof), empty];
        const slots = await draft.upload({
          a: points.map(({ a }) => a),
          b: points.map(({ b }) => b),
          c: points.map(({ c }) => c),
        });
        const commitmentKeys = await draft.commitmentKeys();
        await draft.send(draft.layout.commitments, { gt: await draft.commit(commitmentKeys, slots) });
        const r = draft.draw('r');
        const [r0, r1, r2] = powers(r, 3, BN254.order) as [bigint, bigint, bigint];
        const [c0, c1, c2] = members.map(({ proof }) => proof.c) as [Uint8Array, Uint8Array, Uint8Array];
        await draft.send(draft.layout.products, {
          gt: [await draft.innerProduct(slots, r)],
          g1: [await draft.combineG1([c2], [r2]), await draft.combineG1([c0, c1], [r0, r1])],
        });
        const rho = draft.draw('rho');
        return draft.finish(await draft.vectors(commitmentKeys, slots, r, rho), r);
      };
      await expectForgery(claims, await forge(withoutRho()), withoutRho);
      expect(await check(claims, await forge(right()), right())).toBe(false);
    });
  });
});

describe('public inputs left out of the transcript', () => {
  it('can be exchanged for any others with the same weighted sums', async () => {
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0, 0], inputCounts: [2] }),
      taus: tausArbitrary(BN254),
      shifts: fc.tuple(scalarArbitrary(BN254), scalarArbitrary(BN254)),
    });
    await forAll(drawn, 1, async ({ batch, taus, shifts }) => {
      const { order } = BN254;
      const backend = backendOf(BN254);
      const { members, keys } = syntheticBatch(BN254, batch);
      const srs = await syntheticSrs(backend, 2, taus);
      const { statement } = statementOf(members, srs);
      const prove = async (weak: FiatShamir): Promise<{ proof: Uint8Array; r: bigint }> => {
        let r = 0n;
        const watched: FiatShamir = {
          absorb: (label, message) => weak.absorb(label, message),
          challenge: (label, own) => {
            const value = weak.challenge(label, own);
            if (label === 'r') r = value;
            return value;
          },
        };
        const proofs = members.map(({ proof }) => proof);
        const proof = await proveSnarkpack({ backend, srs, statement, proofs, transcript: watched });
        return { proof, r };
      };
      // a_0 + shift and a_1 − shift/r have the same weighted sum as a_0 and a_1.
      const swap = (r: bigint): Claims => {
        const inverse = modInverse(r, order);
        const shifted = (i: number, factor: bigint): bigint[] =>
          (batch.proofs[i]?.inputs ?? []).map((input, j) =>
            mod(input + factor * (shifts[j] as bigint), order),
          );
        const inputs = [shifted(0, 1n), shifted(1, -inverse)];
        return claim(
          srs,
          keys,
          inputs.map((own) => ({ key: 0, inputs: own })),
          2,
        );
      };
      const weakRun = await prove(withoutInputs());
      const claims = swap(weakRun.r);
      for (const [i, { proof }] of members.entries()) {
        const inputs = readInputs(claims.statement.inputs[i] as Uint8Array);
        const member = createMember(keys[0] as VerificationKey, proof, inputs, 'synthetic');
        expect(await verifyBatch([member], { backend })).toBe(false);
      }
      await expectForgery(claims, weakRun.proof, withoutInputs);
      const honestRun = await prove(right());
      expect(await check({ srs, keys, statement }, honestRun.proof, right())).toBe(true);
      expect(await check(swap(honestRun.r), honestRun.proof, right())).toBe(false);
    });
  });
});

describe('each fault', () => {
  const faults = { firstChallengeEarly, rEarly, rhoEarly, withoutRho, withoutInputs, right };

  it.each(Object.entries(faults))('%s leaves honest proofs true, under itself alone', async (_, faulty) => {
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0, 1], inputCounts: [1, 1] }),
      taus: tausArbitrary(BN254),
    });
    await forAll(drawn, 1, async ({ batch, taus }) => {
      const backend = backendOf(BN254);
      const { members, keys } = syntheticBatch(BN254, batch);
      const srs = await syntheticSrs(backend, 2, taus);
      const { statement } = statementOf(members, srs);
      const proofs = members.map(({ proof }) => proof);
      const proof = await proveSnarkpack({ backend, srs, statement, proofs, transcript: faulty() });
      const claims = { srs, keys, statement };
      expect(await check(claims, proof, faulty())).toBe(true);
      expect(await check(claims, proof, right())).toBe(faulty === right);
    });
  });

  it('is not in the draft that the attacks start from: run honestly, it makes the prover’s bytes', async () => {
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0, 1, 0], inputCounts: [1, 2] }),
      taus: tausArbitrary(BN254),
    });
    await forAll(drawn, 1, async ({ batch, taus }) => {
      const backend = backendOf(BN254);
      const { members } = syntheticBatch(BN254, batch);
      const srs = await syntheticSrs(backend, 4, taus);
      const { statement } = statementOf(members, srs);
      const proofs = members.map(({ proof }) => proof);
      const draft = new ProofDraft(backend, srs, statement, right());
      const empty = { a: new Uint8Array(64), b: new Uint8Array(128), c: new Uint8Array(64) };
      const points = [...proofs, empty];
      const slots = await draft.upload({
        a: points.map(({ a }) => a),
        b: points.map(({ b }) => b),
        c: points.map(({ c }) => c),
      });
      const keys = await draft.commitmentKeys();
      await draft.send(draft.layout.commitments, { gt: await draft.commit(keys, slots) });
      const r = draft.draw('r');
      await draft.send(draft.layout.products, {
        gt: [await draft.innerProduct(slots, r)],
        g1: await draft.keySums(
          proofs.map(({ c }) => c),
          r,
        ),
      });
      const rho = draft.draw('rho');
      const bytes = await draft.finish(await draft.vectors(keys, slots, r, rho), r);
      expect(bytes).toEqual(await proveSnarkpack({ backend, srs, statement, proofs, transcript: right() }));
    });
  });
});
