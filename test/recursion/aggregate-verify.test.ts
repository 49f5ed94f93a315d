import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { BLS12_381, BN254, CURVES, type Curve } from '../../src/curve/curve.ts';
import {
  CapacityError,
  FalseProofError,
  LengthMismatchError,
  MixedCurvesError,
  OptionError,
} from '../../src/errors.ts';
import type { BatchMember } from '../../src/groth16/proof.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { decodeComposite, encodeComposite } from '../../src/recursion/composite-file.ts';
import { inspect } from '../../src/recursion/inspect.ts';
import { proofLayout } from '../../src/recursion/snarkpack/layout.ts';
import { INSECURE_WARNING } from '../../src/recursion/srs/srs.ts';
import { decodeVerifierSrs, encodeVerifierSrs } from '../../src/recursion/srs/srs-file.ts';
import { MAX_CONTEXT_BYTES } from '../../src/recursion/statement.ts';
import { verify } from '../../src/recursion/verify.ts';
import { backendOf } from '../helpers/backends.ts';
import { drawShared, forAll } from '../helpers/seeded.ts';
import {
  type BatchRecipe,
  type BatchShape,
  batchArbitrary,
  syntheticBatch,
} from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';

interface Case {
  readonly title: string;
  readonly shape: BatchShape;
  /** Slots asked for, and slots there are. */
  readonly capacity?: number;
  readonly slots: number;
  readonly curves: readonly Curve[];
}

const CASES: readonly Case[] = [
  { title: '1 proof', shape: { keyOf: [0], inputCounts: [1] }, slots: 1, curves: CURVES },
  { title: '1 proof without inputs', shape: { keyOf: [0], inputCounts: [0] }, slots: 1, curves: CURVES },
  { title: '2 proofs, 1 key', shape: { keyOf: [0, 0], inputCounts: [3] }, slots: 2, curves: CURVES },
  {
    title: '2 proofs, 2 keys that share everything but their IC',
    shape: { keyOf: [0, 1], inputCounts: [2, 2], shared: ['alpha', 'beta', 'gamma', 'delta'] },
    slots: 2,
    curves: CURVES,
  },
  {
    title: '3 proofs, 3 keys of one ceremony, one without inputs',
    shape: { keyOf: [0, 1, 2], inputCounts: [1, 0, 4], shared: ['alpha', 'beta', 'gamma'] },
    slots: 4,
    curves: CURVES,
  },
  {
    title: '1 proof in 4 slots',
    shape: { keyOf: [0], inputCounts: [2] },
    capacity: 4,
    slots: 4,
    curves: CURVES,
  },
  {
    title: '5 proofs, 4 keys',
    shape: { keyOf: [0, 1, 0, 2, 3], inputCounts: [1, 2, 0, 5], shared: ['gamma'] },
    slots: 8,
    curves: [BN254],
  },
  {
    title: '3 proofs, 2 keys that share δ, in 8 slots',
    shape: { keyOf: [0, 1, 1], inputCounts: [1, 1], shared: ['delta'] },
    capacity: 8,
    slots: 8,
    curves: [BN254],
  },
];

describe.each(CURVES)('composites on $name', (curve) => {
  const backend = backendOf(curve);

  it.each(CASES.filter(({ curves }) => curves.includes(curve)))(
    '$title',
    async ({ shape, capacity, slots }) => {
      const drawn = fc.record({
        batch: batchArbitrary(curve, shape),
        taus: tausArbitrary(curve),
        context: fc.uint8Array({ maxLength: 40 }),
      });
      await forAll(drawn, 1, async ({ batch, taus, context }) => {
        const { members, keys } = syntheticBatch(curve, batch);
        const srs = await syntheticSrs(backend, slots, taus);
        const result = await aggregate(members, { srs, backend, context, capacity });

        expect(result.insecure).toBe(true);
        expect(result.warnings).toEqual([INSECURE_WARNING]);
        expect(result.composite.statement.capacity).toBe(slots);
        expect(result.composite.proof).toHaveLength(
          proofLayout(curve, Math.log2(slots), shape.inputCounts.length).length,
        );
        expect(encodeComposite(decodeComposite(result.bytes))).toEqual(result.bytes);

        // The verifier has its keys in an order of its own, and no more of the string than four points.
        const verifierSrs = await decodeVerifierSrs(encodeVerifierSrs(srs), backend);
        const verified = await verify(result.bytes, {
          keys: [...keys].reverse(),
          srs: verifierSrs,
          backend,
          context,
        });
        expect(verified).not.toBe(false);
        if (!verified) return;
        expect(verified.insecure).toBe(true);
        expect(verified.warnings).toEqual([INSECURE_WARNING]);
        expect(verified.scheme).toBe('snarkpack');
        expect(verified.curve).toBe(curve);
        expect(verified.context).toEqual(context);
        expect(verified.claims.map(({ key, system, inputs }) => ({ key: key.id, system, inputs }))).toEqual(
          batch.proofs.map(({ key, inputs }) => ({ key: keys[key]?.id, system: 'synthetic', inputs })),
        );
      });
    },
  );
});

describe.each(CURVES)('a composite on $name', (curve) => {
  it('is the same bytes on the reference backend, which takes it as well', async () => {
    const drawn = fc.record({
      batch: batchArbitrary(curve, { keyOf: [0, 1, 0], inputCounts: [1, 2] }),
      taus: tausArbitrary(curve),
    });
    await forAll(drawn, 1, async ({ batch, taus }) => {
      const { members, keys } = syntheticBatch(curve, batch);
      const [backend, reference] = [backendOf(curve), createReferenceBackend(curve)];
      const srs = await syntheticSrs(backend, 4, taus);
      const { bytes } = await aggregate(members, { srs, backend });
      expect((await aggregate(members, { srs, backend: reference })).bytes).toEqual(bytes);
      expect(await verify(bytes, { keys, srs, backend: reference })).not.toBe(false);
      const [first, second, third] = members as [BatchMember, BatchMember, BatchMember];
      const swapped = [{ ...first, proof: third.proof }, second, third];
      await expect(aggregate(swapped, { srs, backend: reference })).rejects.toThrow(FalseProofError);
    });
  });
});

describe('a composite', () => {
  const backend = backendOf(BN254);
  const shape: BatchShape = { keyOf: [0, 1], inputCounts: [1, 2] };
  const shared = drawShared(fc.record({ batch: batchArbitrary(BN254, shape), taus: tausArbitrary(BN254) }));
  const { members, keys } = syntheticBatch(BN254, shared.batch);

  it('is the same bytes again for the same batch', async () => {
    const srs = await syntheticSrs(backend, 2, shared.taus);
    const first = await aggregate(members, { srs, backend });
    const second = await aggregate({ members }, { srs, backend });
    expect(second.bytes).toEqual(first.bytes);
  });

  it('under a ceremony string is not marked insecure', async () => {
    const srs = await syntheticSrs(backend, 2, shared.taus, 'ceremony');
    const { bytes, insecure, warnings } = await aggregate(members, { srs, backend });
    expect({ insecure, warnings }).toEqual({ insecure: false, warnings: [] });
    expect(await verify(bytes, { keys, srs, backend })).toMatchObject({ insecure: false, warnings: [] });
  });

  it('carries its keys unless told not to, and inspect says what is in it', async () => {
    const srs = await syntheticSrs(backend, 2, shared.taus);
    const context = Uint8Array.of(1, 2, 3);
    const withKeys = await aggregate(members, { srs, backend, context });
    const without = await aggregate(members, { srs, backend, context, carryKeys: false });
    expect(withKeys.bytes.length - without.bytes.length).toBe(
      keys.reduce((sum, { encoded }) => sum + encoded.length, 0),
    );
    for (const [{ bytes }, carried] of [
      [withKeys, true],
      [without, false],
    ] as const) {
      const proof = proofLayout(BN254, 1, 2).length;
      expect(inspect(bytes)).toEqual({
        scheme: 'snarkpack',
        curve: 'bn254',
        proofs: 2,
        capacity: 2,
        srs: srs.id,
        context: '010203',
        keys: keys.map(({ id, inputCount }) => ({
          digest: id,
          system: 'synthetic',
          inputs: inputCount,
          proofs: 1,
          carried,
        })),
        claims: shared.batch.proofs.map(({ key, inputs }) => ({ key, inputs: inputs.map(String) })),
        bytes: { total: bytes.length, proof, statement: bytes.length - proof },
      });
      expect(await verify(bytes, { keys, srs, backend })).not.toBe(false);
    }
  });

  it('is not made of an empty batch, for a bad capacity, or with a context that is too long', async () => {
    const srs = await syntheticSrs(backend, 2, shared.taus);
    await expect(aggregate([], { srs, backend })).rejects.toThrow(CapacityError);
    for (const capacity of [1, 3, 4, 0, -2, 2.5, Number.NaN]) {
      await expect(aggregate(members, { srs, backend, capacity })).rejects.toThrow(CapacityError);
    }
    await expect(aggregate([...members, ...members], { srs, backend })).rejects.toThrow(CapacityError);
    const context = new Uint8Array(MAX_CONTEXT_BYTES + 1);
    await expect(aggregate(members, { srs, backend, context })).rejects.toThrow(LengthMismatchError);
    await expect(aggregate(members, { srs, backend, scheme: 'plonk' })).rejects.toThrow(OptionError);
  });

  it('is not made of members on two curves or on a backend of the other curve', async () => {
    const srs = await syntheticSrs(backend, 2, shared.taus);
    const other = batchArbitrary(BLS12_381, { keyOf: [0], inputCounts: [1] });
    await forAll(other, 1, async (recipe: BatchRecipe) => {
      const mixed = [...members.slice(0, 1), ...syntheticBatch(BLS12_381, recipe).members];
      await expect(aggregate(mixed, { srs, backend })).rejects.toThrow(MixedCurvesError);
      await expect(aggregate(mixed, { srs, backend })).rejects.toMatchObject({ context: { index: 1 } });
    });
    await expect(aggregate(members, { srs, backend: backendOf(BLS12_381) })).rejects.toThrow(OptionError);
  });
});

describe('the size of a composite on BN254', () => {
  const backend = backendOf(BN254);
  const counts = { g1: 32, g2: 64, gt: 192 };

  it('is (5 + 10·l) GT + (6 + K + 2·l) G1 + 5 G2', () => {
    for (let rounds = 0; rounds <= 13; rounds++) {
      for (let keys = 1; keys <= 5; keys++) {
        const layout = proofLayout(BN254, rounds, keys);
        const length = (5 + 10 * rounds) * counts.gt + (6 + keys + 2 * rounds) * counts.g1 + 5 * counts.g2;
        expect(layout.length).toBe(length);
        let end = 0;
        for (const { kind, offset, length: own } of layout.slots) {
          expect({ offset, own }).toEqual({ offset: end, own: counts[kind] });
          end += own;
        }
        expect(end).toBe(length);
        expect(new Set(layout.slots.map(({ name }) => name)).size).toBe(layout.slots.length);
      }
    }
  });

  it('stays below 21.8 KB for 1024 proofs under 3 keys', () => {
    expect(proofLayout(BN254, 10, 3).length).toBeLessThanOrEqual(21_800);
  });

  it('stays below 13.8 KB for 64 proofs under 3 keys, made and verified', async () => {
    const keyOf = Array.from({ length: 64 }, (_, i) => (i < 3 ? i : (i * i) % 3));
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf, inputCounts: [5, 2, 4], shared: ['alpha', 'beta', 'gamma'] }),
      taus: tausArbitrary(BN254),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ batch, taus }) => {
        const { members, keys } = syntheticBatch(BN254, batch);
        const srs = await syntheticSrs(backend, 64, taus);
        const { bytes, composite } = await aggregate(members, { srs, backend });
        expect(composite.proof.length).toBeLessThanOrEqual(13_800);
        expect(composite.proof).toHaveLength(proofLayout(BN254, 6, 3).length);
        expect(await verify(bytes, { keys, srs, backend })).toMatchObject({
          claims: batch.proofs.map(({ key, inputs }) => ({ key: { id: keys[key]?.id }, inputs })),
        });
      }),
      { numRuns: 1, endOnFailure: true },
    );
  }, 600_000);
});
