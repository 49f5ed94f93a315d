import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BLS12_381, BN254 } from '../../../src/curve/curve.ts';
import {
  AbortedError,
  CapacityError,
  FalseProofError,
  MixedCurvesError,
  OptionError,
  StoreError,
} from '../../../src/errors.ts';
import { type BatchMember, statementId } from '../../../src/groth16/proof.ts';
import type { VerificationKey } from '../../../src/groth16/verification-key.ts';
import { type Accumulator, createAccumulator } from '../../../src/recursion/accumulator/accumulator.ts';
import { type AccumulatorStore, createMemoryStore } from '../../../src/recursion/accumulator/store.ts';
import { aggregate } from '../../../src/recursion/aggregate.ts';
import type { Srs } from '../../../src/recursion/srs/srs.ts';
import { verify } from '../../../src/recursion/verify.ts';
import { backendOf } from '../../helpers/backends.ts';
import { scalarArbitrary } from '../../helpers/group-elements.ts';
import { drawShared } from '../../helpers/seeded.ts';
import {
  batchArbitrary,
  type KeySecrets,
  type ProofRecipe,
  syntheticBatch,
  syntheticMember,
} from '../../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../../helpers/synthetic-srs.ts';

const backend = backendOf(BN254);
const drawn = drawShared(
  fc.record({
    batch: batchArbitrary(BN254, { keyOf: [0, 1, 0, 1], inputCounts: [1, 2], uniformInputs: true }),
    bls: batchArbitrary(BLS12_381, { keyOf: [0], inputCounts: [1] }),
    taus: tausArbitrary(BN254),
    junk: scalarArbitrary(BN254),
  }),
);
const { members, keys } = syntheticBatch(BN254, drawn.batch);
const [first, second, third, fourth] = members as [BatchMember, BatchMember, BatchMember, BatchMember];

/** Member i with a C that is not its own. */
function falseMember(i: number): BatchMember {
  const recipe = drawn.batch.proofs[i] as ProofRecipe;
  const key = keys[recipe.key] as VerificationKey;
  return syntheticMember(BN254, key, drawn.batch.keys[recipe.key] as KeySecrets, recipe, drawn.junk);
}

let srs: Srs;
beforeAll(async () => {
  srs = await syntheticSrs(backend, 4, drawn.taus);
});

const open = (options: Partial<Parameters<typeof createAccumulator>[0]> = {}): Promise<Accumulator> =>
  createAccumulator({ srs, backend, ...options });

describe('what an accumulator makes', () => {
  it('is what aggregate makes of the same members with the same capacity, after each close', async () => {
    const accumulator = await open();
    expect(accumulator.capacity).toBe(4);
    const context = Uint8Array.of(4, 5);
    await accumulator.add(first);
    await accumulator.add(second);
    const early = await accumulator.close({ context });
    expect(early.bytes).toEqual(
      (await aggregate([first, second], { srs, backend, capacity: 4, context })).bytes,
    );
    await accumulator.add(third);
    const late = await accumulator.close({ carryKeys: false });
    expect(late.bytes).toEqual(
      (await aggregate([first, second, third], { srs, backend, capacity: 4, carryKeys: false })).bytes,
    );
    expect(await verify(late.bytes, { keys, srs, backend })).toMatchObject({ claims: [{}, {}, {}] });
  });

  it('has its proofs in slot order, whatever the order in which they came', async () => {
    const accumulator = await open();
    expect(await accumulator.add(third, { slot: 2 })).toMatchObject({ slot: 2, duplicate: false });
    expect(await accumulator.add(first)).toMatchObject({ slot: 0 });
    await expect(accumulator.close()).rejects.toThrow(CapacityError);
    await expect(accumulator.close()).rejects.toThrow(/Slot 1 is empty/);
    expect(await accumulator.add(second)).toMatchObject({ slot: 1 });
    expect(accumulator.members()).toEqual([first, second, third]);
    expect((await accumulator.close()).bytes).toEqual(
      (await aggregate([first, second, third], { srs, backend, capacity: 4 })).bytes,
    );
  });

  it('may have fewer slots than the string serves', async () => {
    const accumulator = await open({ capacity: 1 });
    await accumulator.add(fourth);
    expect((await accumulator.close()).bytes).toEqual((await aggregate([fourth], { srs, backend })).bytes);
  });

  it('is nothing without a proof', async () => {
    await expect((await open()).close()).rejects.toThrow(CapacityError);
  });
});

describe('adding', () => {
  it('acknowledges with the slot and the claim', async () => {
    const accumulator = await open();
    for (const [slot, member] of members.entries()) {
      expect(await accumulator.add(member)).toEqual({
        slot,
        statementId: statementId(member),
        duplicate: false,
      });
      expect(accumulator.size).toBe(slot + 1);
    }
    await expect(accumulator.add(first)).rejects.toThrow(CapacityError);
  });

  it('refuses slots that are taken or not there, and records nothing', async () => {
    const store = createMemoryStore();
    const accumulator = await open({ store });
    await accumulator.add(first, { slot: 1 });
    const before = store.bytes();
    for (const slot of [1, 4, -1, 0.5, Number.NaN, 2 ** 32]) {
      await expect(accumulator.add(second, { slot }), `${slot}`).rejects.toThrow(CapacityError);
    }
    expect(store.bytes()).toEqual(before);
    expect(accumulator.size).toBe(1);
  });

  it('refuses a false proof, and records nothing', async () => {
    const store = createMemoryStore();
    const accumulator = await open({ store });
    const before = store.bytes();
    const bad = { ...falseMember(1), origin: { file: 'bad.json', index: 3 } };
    await expect(accumulator.add(bad)).rejects.toThrow(FalseProofError);
    await expect(accumulator.add(bad)).rejects.toMatchObject({ context: { file: 'bad.json', index: 3 } });
    expect(store.bytes()).toEqual(before);
    expect(accumulator.members()).toEqual([]);
    expect(await accumulator.add(second)).toMatchObject({ slot: 0, duplicate: false });
  });

  it('takes a false proof where the caller vouches for it, and close then names it', async () => {
    const accumulator = await open({ trusted: true });
    await accumulator.add(first);
    await accumulator.add(falseMember(1));
    await expect(accumulator.close()).rejects.toMatchObject({
      code: 'FALSE_PROOF',
      context: { index: 1, indices: [1] },
    });
  });

  it('refuses another curve and a bad system name', async () => {
    const store = createMemoryStore();
    const accumulator = await open({ store });
    const before = store.bytes();
    const other = syntheticBatch(BLS12_381, drawn.bls).members[0] as BatchMember;
    await expect(accumulator.add(other)).rejects.toThrow(MixedCurvesError);
    await expect(accumulator.add({ ...first, system: 'Not A Name' })).rejects.toThrow(OptionError);
    expect(store.bytes()).toEqual(before);
  });

  it('keeps a repeated claim or skips it, as told', async () => {
    const recipe = drawn.batch.proofs[0] as ProofRecipe;
    const again = syntheticMember(BN254, keys[0] as VerificationKey, drawn.batch.keys[0] as KeySecrets, {
      ...recipe,
      b: recipe.b + 1n,
    });
    expect(again.proof.b).not.toEqual(first.proof.b);

    const keeping = await open();
    await keeping.add(first);
    expect(await keeping.add(again)).toEqual({ slot: 1, statementId: statementId(first), duplicate: true });
    expect(keeping.members()).toEqual([first, again]);

    const store = createMemoryStore();
    const skipping = await open({ store, duplicates: 'skip' });
    await skipping.add(second);
    await skipping.add(first);
    const before = store.bytes();
    expect(await skipping.add(again)).toEqual({ slot: 1, statementId: statementId(first), duplicate: true });
    expect(store.bytes()).toEqual(before);
    expect(skipping.members()).toEqual([second, first]);
    // It knows the claims of its journal, too.
    const reopened = await open({ store, duplicates: 'skip' });
    expect(await reopened.add(again)).toMatchObject({ slot: 1, duplicate: true });
    expect(store.bytes()).toEqual(before);
  });

  it('takes overlapping calls in their order, each on its own', async () => {
    const sequential = createMemoryStore();
    const one = await open({ store: sequential });
    for (const member of [first, second, third]) await one.add(member);

    const overlapping = createMemoryStore();
    const other = await open({ store: overlapping });
    const results = await Promise.allSettled([
      other.add(first),
      other.add(falseMember(1)),
      other.add(second),
      other.add(third, { slot: 0 }),
      other.add(third),
      other.close(),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(other.members()).toEqual([first, second, third]);
    expect(overlapping.bytes()).toEqual(sequential.bytes());
  });

  it('stops at its signal with nothing recorded, and goes on with the next', async () => {
    const store = createMemoryStore();
    const accumulator = await open({ store });
    const before = store.bytes();
    const reason = new Error('enough');
    await expect(accumulator.add(first, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: reason,
    });
    await expect(accumulator.add(first, { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    expect(store.bytes()).toEqual(before);
    expect(await accumulator.add(first)).toMatchObject({ slot: 0 });
  });
});

describe('opening', () => {
  it('takes a power of two up to the size of the string, and no other capacity', async () => {
    for (const capacity of [0, -1, 3, 8, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(open({ capacity }), `${capacity}`).rejects.toThrow(CapacityError);
    }
    for (const capacity of [1, 2, 4]) expect((await open({ capacity })).capacity).toBe(capacity);
  });

  it('stops at its signal, before anything is written', async () => {
    const store = createMemoryStore();
    await expect(open({ store, signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    expect(store.bytes()).toHaveLength(0);
  });

  it('refuses the journal of another string, capacity or curve, and leaves it as it is', async () => {
    const store = createMemoryStore();
    const accumulator = await open({ store, capacity: 2 });
    await accumulator.add(first);
    const before = store.bytes();
    const [tau1, tau2] = drawn.taus;
    const others: Partial<Parameters<typeof createAccumulator>[0]>[] = [
      { capacity: 4 },
      { capacity: 1 },
      { capacity: 2, srs: await syntheticSrs(backend, 4, [tau2, tau1]) },
      { capacity: 2, srs: await syntheticSrs(backend, 4, drawn.taus, 'ceremony') },
      {
        capacity: 2,
        srs: await syntheticSrs(backendOf(BLS12_381), 2, [3n, 5n]),
        backend: backendOf(BLS12_381),
      },
    ];
    for (const other of others) {
      await expect(open({ store, ...other })).rejects.toThrow(StoreError);
      expect(store.bytes()).toEqual(before);
    }
    const again = await open({ store, capacity: 2 });
    expect(again.recovered).toEqual({ proofs: 1, tornBytes: 0 });
    // The same string at another size is the same string.
    const larger = await open({ store, capacity: 2, srs: await syntheticSrs(backend, 8, drawn.taus) });
    expect(larger.size).toBe(1);
  });
});

describe('a store that fails', () => {
  /** Fails from the `failing`-th append on (the header is the 0th), after writing a share of the bytes. */
  function failingStore(failing: number, share: number) {
    const memory = createMemoryStore();
    let appends = 0;
    const store: AccumulatorStore = {
      ...memory,
      append: async (bytes) => {
        if (appends++ < failing) return memory.append(bytes);
        await memory.append(bytes.subarray(0, Math.floor(share * bytes.length)));
        throw new Error('disk full');
      },
    };
    return { store, memory };
  }

  it.each([0, 0.3, 0.999])(
    'acknowledges nothing and is shut until opened again (%d written)',
    async (share) => {
      const { store, memory } = failingStore(2, share);
      const accumulator = await open({ store });
      await accumulator.add(first);
      await expect(accumulator.add(second)).rejects.toMatchObject({
        code: 'STORE',
        cause: new Error('disk full'),
      });
      expect(accumulator.members()).toEqual([first]);
      const left = memory.bytes();
      for (let i = 0; i < 2; i++) await expect(accumulator.add(third)).rejects.toThrow(StoreError);
      expect(memory.bytes()).toEqual(left);

      const reopened = await open({ store: memory });
      expect(reopened.recovered.proofs).toBe(1);
      expect(reopened.members()).toEqual([first]);
      await reopened.add(second);
      const untroubled = createMemoryStore();
      const reference = await open({ store: untroubled });
      for (const member of [first, second]) await reference.add(member);
      expect(memory.bytes()).toEqual(untroubled.bytes());
    },
  );

  it('at the header cannot be opened', async () => {
    const { store } = failingStore(0, 0.5);
    await expect(open({ store })).rejects.toThrow('disk full');
  });
});
