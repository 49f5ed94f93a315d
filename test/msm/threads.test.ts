import { afterAll, describe, expect, it } from 'vitest';
import { pooledMsm, prepareBases } from '../../src/backend/wasm/pooled-msm.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { createBench, FORMS, type Point, scalarBytes } from '../wasm/curve/group-bench.ts';

/** Numbers of points around powers of two. */
const SIZES = [63, 64, 65, 255, 256, 257];
const r = BN254.order;

describe.each(FORMS)('MSM on any number of threads: %s', (form) => {
  describe.each([1, 2, 3, 5])('%i threads', async (threads) => {
    const bench = await createBench(BN254, 'g1', form, { threads });
    afterAll(() => bench.group.pool.dispose());
    // Multiples of the generator, so that the expected sum is one multiplication: k of them, P and −P, infinity, repeated.
    const bases = [1n, 2n, r - 1n, 0n, 3n, r - 3n, 1n];
    const encoded = bases.map((k): Point => (k === 0n ? bench.infinity : bench.generator.multiplyUnsafe(k)));
    const random = bench.scalars(257, 90);

    const kinds: Record<string, (i: number) => bigint> = {
      random: (i) => random[i] as bigint,
      'one fat bucket': () => 0x5555n,
      'nine tenths 0 and 1': (i) => (i % 10 === 0 ? (random[i] as bigint) : BigInt(i % 2)),
      'all r − 1': () => r - 1n,
      'opposite scalars side by side': (i) =>
        i % 2 === 0 ? (random[i >> 1] as bigint) : r - (random[i >> 1] as bigint),
    };

    it.each(Object.keys(kinds))('%s, prepared and not', async (kind) => {
      const { group } = bench;
      for (const size of SIZES) {
        const scalars = Array.from({ length: size }, (_, i) => (kinds[kind] as (i: number) => bigint)(i));
        const points = scalars.map((_, i) => encoded[i % encoded.length] as Point);
        const total = scalars.reduce((sum, s, i) => (sum + s * (bases[i % bases.length] as bigint)) % r, 0n);
        const expected = bench.encode([
          total === 0n ? bench.infinity : bench.generator.multiplyUnsafe(total),
        ]);
        const vector = await group.upload(bench.encode(points));
        const prepared = await prepareBases(group, vector, {});
        await group.pool.memory.withArena(async (arena) => {
          const at = arena.copyIn(scalarBytes(scalars));
          expect(await pooledMsm(group, [{ bases: vector, scalars: at }], {})).toEqual(expected);
          expect(await pooledMsm(group, [{ bases: prepared, scalars: at }], {})).toEqual(expected);
        });
        vector.dispose();
        prepared.dispose();
      }
    });
  });
});
