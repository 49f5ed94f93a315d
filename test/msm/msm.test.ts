import { describe, expect, it } from 'vitest';
import { BN254 } from '../../src/curve/curve.ts';
import { LengthMismatchError } from '../../src/errors.ts';
import { type MsmOptions, msm } from '../../src/msm/msm.ts';
import {
  type Bench,
  CASES,
  createBench,
  type Point,
  referenceSum,
  scalarBytes,
} from '../wasm/curve/engine-bench.ts';

function run(
  bench: Bench,
  points: readonly Point[],
  scalars: readonly bigint[],
  options: MsmOptions = {},
): Uint8Array {
  const { engine } = bench;
  return engine.temporarily(() =>
    msm(engine, engine.import(bench.encode(points)), scalarBytes(scalars), options),
  );
}

describe.each(CASES)('MSM: $title', ({ curve, group, form }) => {
  const bench = createBench(curve, group, form);
  const r = curve.order;
  const isFast = curve === BN254 && group === 'g1';

  it('agrees with the reference for every length, by both methods', () => {
    const points = bench.points(33, 40);
    const scalars = bench.scalars(33, 41);
    points[5] = bench.infinity;
    for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33]) {
      const [p, s] = [points.slice(0, length), scalars.slice(0, length)];
      const expected = bench.encode([referenceSum(bench, p, s)]);
      expect(run(bench, p, s, { method: 'straus' })).toEqual(expected);
      expect(run(bench, p, s, { method: 'buckets' })).toEqual(expected);
      expect(run(bench, p, s)).toEqual(expected);
    }
  });

  it('gives the same for all window sizes', () => {
    const points = bench.points(isFast ? 257 : 60, 42);
    const scalars = bench.scalars(points.length, 43);
    const expected = bench.encode([referenceSum(bench, points, scalars)]);
    for (let windowBits = 2; windowBits <= 13; windowBits++) {
      expect(run(bench, points, scalars, { windowBits, method: 'buckets' })).toEqual(expected);
    }
  });

  it('takes one point with many scalars, and many points with one scalar', () => {
    const scalars = bench.scalars(100, 44);
    const [point] = bench.points(1, 45) as [Point];
    const total = scalars.reduce((sum, s) => sum + s, 0n) % r;
    const same = scalars.map(() => point);
    for (const windowBits of [3, 8]) {
      const options = { windowBits };
      expect(run(bench, same, scalars, options)).toEqual(bench.encode([point.multiplyUnsafe(total)]));
      const points = bench.points(100, 46);
      const sum = points.reduce((all, p) => all.add(p), bench.infinity);
      const shared = points.map(() => scalars[0] as bigint);
      expect(run(bench, points, shared, options)).toEqual(
        bench.encode([sum.multiplyUnsafe(scalars[0] as bigint)]),
      );
    }
  });

  it('cancels: opposite points, opposite scalars, infinities in between', () => {
    const half = bench.points(40, 47);
    const scalars = bench.scalars(40, 48);
    const opposite = half.map((p) => p.negate());
    const zero = bench.encode([bench.infinity]);
    expect(run(bench, [...half, ...opposite], [...scalars, ...scalars])).toEqual(zero);
    expect(run(bench, [...half, ...half], [...scalars, ...scalars.map((s) => (r - s) % r)])).toEqual(zero);
    // Neighbours in a bucket cancel at once, and what is left meets infinity on every level.
    const [p, q] = half as [Point, Point];
    const mixed = Array.from({ length: 99 }, (_, i) => [p, p.negate(), bench.infinity, q][i % 4] as Point);
    const ones = mixed.map(() => 1n);
    const many = mixed.map(() => scalars[0] as bigint);
    for (const windowBits of [2, 5]) {
      expect(run(bench, mixed, ones, { windowBits })).toEqual(
        bench.encode([referenceSum(bench, mixed, ones)]),
      );
      expect(run(bench, mixed, many, { windowBits })).toEqual(
        bench.encode([referenceSum(bench, mixed, many)]),
      );
    }
  });

  it('takes scalars that are mostly 0 and 1, and all 0', () => {
    const points = bench.points(isFast ? 300 : 70, 49);
    const [large = 0n] = bench.scalars(1, 50);
    const scalars = points.map((_, i) => (i % 50 === 7 ? large : BigInt(i % 3 === 0)));
    expect(run(bench, points, scalars)).toEqual(bench.encode([referenceSum(bench, points, scalars)]));
    expect(
      run(
        bench,
        points,
        points.map(() => 0n),
      ),
    ).toEqual(bench.encode([bench.infinity]));
    const last = points.map((_, i) => BigInt(i === points.length - 1));
    expect(run(bench, points, last)).toEqual(bench.encode([points.at(-1) as Point]));
  });

  it('takes the extreme scalars', () => {
    const scalars = [r - 1n, 1n, r - 2n, r >> 1n, (r >> 1n) + 1n, 0n, 1n << 128n, (1n << 127n) - 1n];
    const points = bench.points(scalars.length, 51);
    const expected = bench.encode([referenceSum(bench, points, scalars)]);
    for (const windowBits of [2, 4, 8]) {
      expect(run(bench, points, scalars, { windowBits, method: 'buckets' })).toEqual(expected);
    }
    expect(run(bench, points, scalars, { method: 'straus' })).toEqual(expected);
  });

  it('takes short scalars whole', () => {
    const top = (1n << 128n) - 1n;
    const scalars = [0n, 1n, top, top - 1n, 1n << 127n, ...bench.scalars(40, 52).map((s) => s & top)];
    const points = bench.points(scalars.length, 53);
    const expected = bench.encode([referenceSum(bench, points, scalars)]);
    for (const windowBits of [2, 5, 8]) {
      expect(run(bench, points, scalars, { shortScalars: true, windowBits })).toEqual(expected);
    }
  });

  it('frees what it took, and refuses another number of scalars', () => {
    const points = bench.engine.import(bench.encode(bench.points(3, 54)));
    const mark = bench.engine.allocator.mark;
    msm(bench.engine, points, scalarBytes([1n, 2n, 3n]), { method: 'buckets' });
    expect(bench.engine.allocator.mark).toBe(mark);
    expect(() => msm(bench.engine, points, scalarBytes([1n, 2n]))).toThrow(LengthMismatchError);
  });
});

describe('MSM in batches of the default size', () => {
  it('agrees with the reference where a bucket is larger than a batch', () => {
    const bench = createBench(BN254, 'g1', 'fma', {});
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
    expect(run(bench, points, scalars)).toEqual(bench.encode([expected]));
  });
});
