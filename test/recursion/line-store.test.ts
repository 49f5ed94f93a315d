import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { createAccumulator } from '../../src/recursion/accumulator/accumulator.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { createMemoryLineStore, type LineKey, type LineStore } from '../../src/recursion/srs/line-store.ts';
import { syntheticBatch } from '../helpers/synthetic-groth16.ts';
import { syntheticSrs } from '../helpers/synthetic-srs.ts';

const { members } = syntheticBatch(BN254, {
  keys: [{ alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 13n] }],
  proofs: Array.from({ length: 5 }, (_, i) => ({ key: 0, inputs: [BigInt(i)], a: 3n + BigInt(i), b: 4n })),
});

/** A store that counts, and gives what `alter` makes of the tables. */
function counted(inner: LineStore, alter: (tables: Uint8Array) => Uint8Array = (tables) => tables) {
  const calls: string[] = [];
  const keys: LineKey[] = [];
  const store: LineStore = {
    load: async (key) => {
      keys.push(key);
      const tables = await inner.load(key);
      calls.push(tables ? 'found' : 'missed');
      return tables && alter(tables);
    },
    save: async (key, tables) => {
      calls.push('saved');
      await inner.save(key, tables);
    },
  };
  return { store, calls, keys };
}

describe('lines of a reference string', () => {
  let backend: Backend;
  let srs: Awaited<ReturnType<typeof syntheticSrs>>;
  let plain: Uint8Array;
  beforeAll(async () => {
    backend = await createWasmBackend(BN254, { threads: 2 });
    srs = await syntheticSrs(backend, 8, [12345n, 67890n]);
    plain = (await aggregate(members, { srs, backend })).bytes;
  });
  afterAll(() => backend.dispose());

  it('are made at the first fold and read at the next, and change no byte of a composite', async () => {
    const { store, calls, keys } = counted(createMemoryLineStore());
    expect((await aggregate(members, { srs, backend, lines: store })).bytes).toEqual(plain);
    expect((await aggregate(members, { srs, backend, lines: store })).bytes).toEqual(plain);
    expect(calls).toEqual(['missed', 'saved', 'found']);
    expect(keys[0]).toMatchObject({ srs: srs.id, slots: 8 });
    await aggregate(members.slice(0, 2), { srs, backend, lines: store });
    expect(calls.slice(3)).toEqual(['missed', 'saved']);
    const small = await aggregate(members.slice(0, 1), { srs, backend, lines: store });
    expect(small.bytes).toEqual((await aggregate(members.slice(0, 1), { srs, backend })).bytes);
  });

  it('serve an accumulator for each proof and at the end', async () => {
    const { store, calls } = counted(createMemoryLineStore());
    const accumulator = await createAccumulator({ srs, backend, lines: store, trusted: true });
    expect(calls).toEqual(['missed', 'saved']);
    // Slots of either lane, in any order.
    for (const slot of [3, 0, 4, 1, 2]) await accumulator.add(members[slot] as (typeof members)[0], { slot });
    expect((await accumulator.close()).bytes).toEqual(plain);
    expect(calls).toEqual(['missed', 'saved', 'found']);
  });

  it('of a wrong length are made anew; wrong ones of the right length make the fold fail, never a false composite', async () => {
    const inner = createMemoryLineStore();
    const short = counted(inner, (tables) => tables.subarray(1));
    await aggregate(members, { srs, backend, lines: short.store });
    expect((await aggregate(members, { srs, backend, lines: short.store })).bytes).toEqual(plain);
    expect(short.calls).toEqual(['missed', 'saved', 'found', 'saved']);
    const swapped = counted(inner, (tables) => {
      const half = tables.length / 2;
      return Uint8Array.from([...tables.subarray(half), ...tables.subarray(0, half)]);
    });
    await expect(aggregate(members, { srs, backend, lines: swapped.store })).rejects.toThrow(
      /did not verify/,
    );
  });

  it('are not asked for by a backend that has none', async () => {
    const { store, calls } = counted(createMemoryLineStore());
    const reference = createReferenceBackend(BN254);
    const two = members.slice(0, 2);
    const { bytes } = await aggregate(two, { srs, backend: reference, lines: store });
    expect(bytes).toEqual((await aggregate(two, { srs, backend })).bytes);
    expect(calls).toEqual([]);
  });
});
