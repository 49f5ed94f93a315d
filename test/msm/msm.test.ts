import { describe, expect, it } from 'vitest';
import { type MsmChoices, pooledMsm, prepareBases } from '../../src/backend/wasm/pooled-msm.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { joinBytes } from '../../src/field/bytes.ts';
import { primeCoordinates } from '../../src/wasm/curve/coordinates.ts';
import { groupSpec } from '../../src/wasm/curve/group-spec.ts';
import { Group, type RunLength } from '../../src/wasm/curve/kit.ts';
import { msmTasksFunction } from '../../src/wasm/curve/msm-windows.ts';
import { ModuleBuilder } from '../../src/wasm/emit/index.ts';
import { createForm } from '../../src/wasm/field/create-form.ts';
import {
  type Bench,
  CASES,
  createBench,
  type Point,
  referenceSum,
  scalarBytes,
} from '../wasm/curve/group-bench.ts';

/** A sum; in G1, by the functions for long runs as well, which must give the same. */
async function run(
  { group, encode }: Bench,
  points: readonly Point[],
  scalars: readonly bigint[],
  choices: MsmChoices = {},
): Promise<Uint8Array> {
  const vector = await group.upload(encode(points));
  const sumBy = (run: RunLength): Promise<Uint8Array> =>
    group.pool.memory.withArena((arena) =>
      pooledMsm(
        group,
        [{ bases: vector, scalars: arena.copyIn(scalarBytes(scalars)) }],
        {},
        { ...choices, run },
      ),
    );
  const sum = await sumBy('short');
  if (group.kind === 'g1') expect(await sumBy('long')).toEqual(sum);
  vector.dispose();
  return sum;
}

describe('which functions do a sum', () => {
  it('is decided by how much was added so far', async () => {
    const { group } = await createBench(BN254, 'g1', 'fma');
    expect(group.runOf(2 ** 19)).toBe('short');
    expect(group.runOf(2 ** 20)).toBe('short');
    expect(group.runOf(2 ** 19)).toBe('long');
    expect(group.runOf(1)).toBe('long');
  });

  it('leaves engines little to optimise before a short one is done', () => {
    const sizes = (run: RunLength): number[] => {
      const module = new ModuleBuilder({ minPages: 1, constantBase: 1024, constantCapacity: 1 << 18 });
      const spec = groupSpec(BN254, 'g1');
      const coords = primeCoordinates(createForm(spec.field, 'fma'));
      msmTasksFunction(new Group(module, spec, coords), 4096, run);
      return functionSizes(module.toBytes());
    };
    // V8 takes about a millisecond for a kilobyte, and more than that for each of very many.
    expect(Math.max(...sizes('short'))).toBeLessThan(12_000);
    expect(Math.max(...sizes('long'))).toBeGreaterThan(30_000);
  });
});

/** Bytes of the body of each function of a module. */
function functionSizes(bytes: Uint8Array): number[] {
  let at = 8;
  const number = (): number => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    return value;
  };
  for (;;) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === 10) break;
    at = end;
  }
  return Array.from({ length: number() }, () => {
    const size = number();
    at += size;
    return size;
  });
}

describe.each(CASES)('MSM: $title', async ({ curve, group, form }) => {
  const bench = await createBench(curve, group, form);
  const r = curve.order;
  const isFast = curve === BN254 && group === 'g1';

  it('agrees with the reference for every length, by both methods', async () => {
    const points = bench.points(33, 40);
    const scalars = bench.scalars(33, 41);
    points[5] = bench.infinity;
    for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33]) {
      const [p, s] = [points.slice(0, length), scalars.slice(0, length)];
      const expected = bench.encode([referenceSum(bench, p, s)]);
      expect(await run(bench, p, s, { method: 'straus' })).toEqual(expected);
      expect(await run(bench, p, s, { method: 'buckets' })).toEqual(expected);
      expect(await run(bench, p, s)).toEqual(expected);
    }
  });

  it('gives the same for all window sizes', async () => {
    const points = bench.points(isFast ? 257 : 60, 42);
    const scalars = bench.scalars(points.length, 43);
    const expected = bench.encode([referenceSum(bench, points, scalars)]);
    for (let windowBits = 2; windowBits <= 13; windowBits++) {
      expect(await run(bench, points, scalars, { windowBits, method: 'buckets' })).toEqual(expected);
    }
  });

  it('takes one point with many scalars, and many points with one scalar', async () => {
    const scalars = bench.scalars(100, 44);
    const [point] = bench.points(1, 45) as [Point];
    const total = scalars.reduce((sum, s) => sum + s, 0n) % r;
    const same = scalars.map(() => point);
    for (const windowBits of [3, 8]) {
      const options = { windowBits };
      expect(await run(bench, same, scalars, options)).toEqual(bench.encode([point.multiplyUnsafe(total)]));
      const points = bench.points(100, 46);
      const sum = points.reduce((all, p) => all.add(p), bench.infinity);
      const shared = points.map(() => scalars[0] as bigint);
      expect(await run(bench, points, shared, options)).toEqual(
        bench.encode([sum.multiplyUnsafe(scalars[0] as bigint)]),
      );
    }
  });

  it('cancels: opposite points, opposite scalars, infinities in between', async () => {
    const half = bench.points(40, 47);
    const scalars = bench.scalars(40, 48);
    const opposite = half.map((p) => p.negate());
    const zero = bench.encode([bench.infinity]);
    expect(await run(bench, [...half, ...opposite], [...scalars, ...scalars])).toEqual(zero);
    expect(await run(bench, [...half, ...half], [...scalars, ...scalars.map((s) => (r - s) % r)])).toEqual(
      zero,
    );
    // Neighbours in a bucket cancel at once, and what is left meets infinity on every level.
    const [p, q] = half as [Point, Point];
    const mixed = Array.from({ length: 99 }, (_, i) => [p, p.negate(), bench.infinity, q][i % 4] as Point);
    const ones = mixed.map(() => 1n);
    const many = mixed.map(() => scalars[0] as bigint);
    for (const windowBits of [2, 5]) {
      expect(await run(bench, mixed, ones, { windowBits })).toEqual(
        bench.encode([referenceSum(bench, mixed, ones)]),
      );
      expect(await run(bench, mixed, many, { windowBits })).toEqual(
        bench.encode([referenceSum(bench, mixed, many)]),
      );
    }
  });

  it('takes scalars that are mostly 0 and 1, and all 0', async () => {
    const points = bench.points(isFast ? 300 : 70, 49);
    const [large = 0n] = bench.scalars(1, 50);
    const scalars = points.map((_, i) => (i % 50 === 7 ? large : BigInt(i % 3 === 0)));
    expect(await run(bench, points, scalars)).toEqual(bench.encode([referenceSum(bench, points, scalars)]));
    expect(
      await run(
        bench,
        points,
        points.map(() => 0n),
      ),
    ).toEqual(bench.encode([bench.infinity]));
    const last = points.map((_, i) => BigInt(i === points.length - 1));
    expect(await run(bench, points, last)).toEqual(bench.encode([points.at(-1) as Point]));
  });

  it('takes the extreme scalars', async () => {
    const scalars = [r - 1n, 1n, r - 2n, r >> 1n, (r >> 1n) + 1n, 0n, 1n << 128n, (1n << 127n) - 1n];
    const points = bench.points(scalars.length, 51);
    const expected = bench.encode([referenceSum(bench, points, scalars)]);
    for (const windowBits of [2, 4, 8]) {
      expect(await run(bench, points, scalars, { windowBits, method: 'buckets' })).toEqual(expected);
    }
    expect(await run(bench, points, scalars, { method: 'straus' })).toEqual(expected);
  });

  it('takes short scalars whole', async () => {
    for (const bits of [2n, 8n, 64n, 127n, 128n]) {
      const top = (1n << bits) - 1n;
      const scalars = [
        0n,
        1n,
        top,
        top - 1n,
        1n << (bits - 1n),
        ...bench.scalars(30, 52).map((s) => s & top),
      ];
      const points = bench.points(scalars.length, 53);
      const expected = bench.encode([referenceSum(bench, points, scalars)]);
      for (const windowBits of [2, 5, 8]) {
        expect(await run(bench, points, scalars, { windowBits })).toEqual(expected);
      }
    }
  });

  it('frees what it took', async () => {
    const { memory } = bench.group.pool;
    const before = memory.stats().pieces;
    await run(bench, bench.points(40, 54), bench.scalars(40, 54));
    expect(memory.stats().pieces).toBe(before);
  });

  it('gives the same for prepared bases, and for many sums at once as for each', async () => {
    const { group: kernels } = bench;
    const { memory } = kernels.pool;
    const lengths = [0, 1, 3, 16, 17, 40, 2, 33, 0, 5];
    const points = lengths.map((length, i) => bench.points(length, 60 + i));
    const scalars = lengths.map((length, i) =>
      bench.scalars(length, 80 + i).map((scalar, k) => (k % 3 === i % 3 ? BigInt(k % 2) : scalar)),
    );
    const each: Uint8Array[] = [];
    for (const [i, own] of points.entries()) each.push(await run(bench, own, scalars[i] as bigint[]));
    await memory.withArena(async (arena) => {
      const jobs = [];
      for (const [i, own] of points.entries()) {
        const vector = await kernels.upload(bench.encode(own));
        const bases = i % 2 === 0 ? vector : await prepareBases(kernels, vector, {});
        if (i % 2 === 1) vector.dispose();
        jobs.push({ bases, scalars: arena.copyIn(scalarBytes(scalars[i] as bigint[])) });
      }
      expect(await pooledMsm(kernels, jobs, {})).toEqual(joinBytes(each));
      expect(await pooledMsm(kernels, jobs, {}, { method: 'buckets' })).toEqual(joinBytes(each));
      expect(await pooledMsm(kernels, [], {})).toEqual(new Uint8Array());
      for (const { bases } of jobs) bases.dispose();
    });
  });
});

describe('MSM in batches of the default size', () => {
  it('agrees with the reference where a bucket is larger than a batch', async () => {
    const bench = await createBench(BN254, 'g1', 'fma', { msmBatch: 8192 });
    const base = bench.points(64, 55);
    const points = Array.from({ length: 9000 }, (_, i) => base[(i * 7) % 64] as Point);
    const scalars = points.map((_, i) => BigInt(i % 5 === 0 ? 3 : 1));
    const weight = (k: number): bigint =>
      scalars.reduce((sum, s, i) => ((i * 7) % 64 === k ? sum + s : sum), 0n);
    const expected = referenceSum(
      bench,
      base,
      base.map((_, k) => weight(k)),
    );
    expect(await run(bench, points, scalars)).toEqual(bench.encode([expected]));
  });
});
