/** Multi-scalar multiplication, scaling and folding in G1 and G2, against the logarithms the points were made with. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MsmJob, SumJob } from '../../../src/backend/backend.ts';
import type { Curve } from '../../../src/curve/curve.ts';
import { concatBytes } from '../../../src/field/bytes.ts';
import { mod } from '../../../src/field/modular.ts';
import { residue, slow } from '../../curve/arbitraries.ts';
import {
  elementsOf,
  expectRefusal,
  type Fixture,
  type GroupCase,
  g1Case,
  g2Case,
  MANY,
  SIZES,
  scalarList,
  skewedList,
  uploadScalars,
} from './fixture.ts';

function dot(curve: Curve, a: readonly bigint[], b: readonly bigint[]): bigint {
  return mod(
    a.reduce((sum, value, i) => sum + value * (b[i] as bigint), 0n),
    curve.order,
  );
}

function msmLaws<K extends 'g1' | 'g2'>(fixture: Fixture, group: GroupCase<K>, large: number): void {
  const { curve } = fixture;
  const { order } = curve;
  const infinity = new Uint8Array(group.bytes);
  const msm = async (points: Uint8Array, scalars: readonly bigint[]): Promise<Uint8Array> => {
    const [bases, weights] = [await group.upload(points), await uploadScalars(fixture, scalars)];
    const sum = await group.msm(bases, weights);
    bases.dispose();
    weights.dispose();
    return sum;
  };
  const expectMultiple = (sum: Uint8Array, log: bigint): void => {
    expect(sum).toEqual(group.points([log]));
  };

  it.each(SIZES)('of %i terms', async (count) => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, count), scalarList(curve, count), async (logs, scalars) => {
        expectMultiple(await msm(group.points(logs), scalars), dot(curve, logs, scalars));
      }),
      slow(1),
    );
  });

  it(`of ${large} terms`, async () => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, large), residue(order), async (scalars, start) => {
        const logs = scalars.map((_, i) => start + 7n * BigInt(i));
        expectMultiple(await msm(group.progression(start, 7n, large), scalars), dot(curve, logs, scalars));
      }),
      slow(1),
    );
  });

  it('of skewed scalars, mostly 0 and 1', async () => {
    await fc.assert(
      fc.asyncProperty(skewedList(curve, 129), residue(order), async (scalars, start) => {
        const logs = scalars.map((_, i) => start + BigInt(i));
        expectMultiple(await msm(group.progression(start, 1n, 129), scalars), dot(curve, logs, scalars));
      }),
      slow(1),
    );
  });

  it('of scalars at every bit: 2^j, 2^j − 1 and order − 2^j', async () => {
    const bits = order.toString(2).length;
    const powers = Array.from({ length: bits }, (_, j) => 1n << BigInt(j));
    const scalars = [...powers, ...powers.map((s) => s - 1n), ...powers.map((s) => order - s)];
    const logs = scalars.map((_, i) => 5n + 3n * BigInt(i));
    expectMultiple(await msm(group.progression(5n, 3n, scalars.length), scalars), dot(curve, logs, scalars));
  });

  it('of repeated and opposite bases, infinities among them, under a handful of scalars', async () => {
    const pool = [0n, 1n, order - 1n, 2n, 1n, 77n, order - 77n];
    const points = elementsOf(group.points(pool), group.bytes);
    const term = fc.tuple(fc.nat(pool.length - 1), fc.constantFrom(0n, 1n, 2n, 3n, order - 1n, order - 2n));
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 200, maxLength: 200 }), async (terms) => {
        const logs = terms.map(([which]) => pool[which] as bigint);
        const scalars = terms.map(([, scalar]) => scalar);
        const bytes = concatBytes(...terms.map(([which]) => points[which] as Uint8Array));
        expectMultiple(await msm(bytes, scalars), dot(curve, logs, scalars));
      }),
      slow(2),
    );
  });

  it('of one point n times is the sum of the scalars', async () => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, MANY), residue(order), async (scalars, log) => {
        const logs = scalars.map(() => log);
        expectMultiple(await msm(group.progression(log, 0n, MANY), scalars), dot(curve, logs, scalars));
      }),
      slow(1),
    );
  });

  it('with one scalar n times is that multiple of the sum of the points', async () => {
    await fc.assert(
      fc.asyncProperty(residue(order), residue(order), async (scalar, start) => {
        const logs = Array.from({ length: MANY }, (_, i) => start + BigInt(i));
        const scalars = logs.map(() => scalar);
        expectMultiple(await msm(group.progression(start, 1n, MANY), scalars), dot(curve, logs, scalars));
      }),
      slow(1),
    );
  });

  it('of a zero sum is infinity', async () => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, 9), scalarList(curve, 9), async (logs, scalars) => {
        const opposite = logs.map((log) => mod(-log, order));
        expect(await msm(group.points([...logs, ...opposite]), [...scalars, ...scalars])).toEqual(infinity);
        const negated = scalars.map((scalar) => mod(-scalar, order));
        expect(await msm(group.points([...logs, ...logs]), [...scalars, ...negated])).toEqual(infinity);
      }),
      slow(1),
    );
  });

  it('of zeros, of infinities and of nothing is infinity', async () => {
    expect(await msm(group.points([1n, 2n, 3n]), [0n, 0n, 0n])).toEqual(infinity);
    expect(await msm(new Uint8Array(3 * group.bytes), [order - 1n, 1n, 2n])).toEqual(infinity);
    expect(await msm(new Uint8Array(), [])).toEqual(infinity);
  });

  it('with order − 1 everywhere is the negated sum', async () => {
    const logs = Array.from({ length: 17 }, (_, i) => BigInt(i) + 1n);
    expectMultiple(
      await msm(
        group.points(logs),
        logs.map(() => order - 1n),
      ),
      -logs.reduce((a, b) => a + b),
    );
  });

  it('of slices is that of the elements they show', async () => {
    const logs = Array.from({ length: 12 }, (_, i) => BigInt(i) + 3n);
    const scalars = logs.map((log) => order - log * log);
    const [points, weights] = [await group.upload(group.points(logs)), await uploadScalars(fixture, scalars)];
    expectMultiple(
      await group.msm(points.slice(2, 9), weights.slice(5, 12)),
      dot(curve, logs.slice(2, 9), scalars.slice(5, 12)),
    );
  });

  it('refuses another number of scalars', async () => {
    const points = await group.upload(group.points([1n, 2n]));
    const bases = await group.prepare(points);
    for (const scalars of [[], [1n], [1n, 2n, 3n]]) {
      const weights = await uploadScalars(fixture, scalars);
      await expectRefusal(group.msm(points, weights), 'LENGTH_MISMATCH');
      await expectRefusal(group.msm(bases, weights), 'LENGTH_MISMATCH');
      await expectRefusal(group.msmMany([{ bases: points, scalars: weights }]), 'LENGTH_MISMATCH');
    }
  });

  it('is the same with prepared bases, time and again, also once the points are gone', async () => {
    for (const count of [0, 1, 16, MANY]) {
      const logs = Array.from({ length: count }, (_, i) => (i % 9 === 4 ? 0n : 3n + 2n * BigInt(i)));
      const points = await group.upload(group.points(logs));
      const bases = await group.prepare(points);
      expect([bases.kind, bases.length]).toEqual([group.kind, count]);
      for (const factor of [1n, 3n ** 140n]) {
        const scalars = logs.map((_, i) => mod(factor * BigInt((i * i) % 7), order));
        const weights = await uploadScalars(fixture, scalars);
        const sum = dot(curve, logs, scalars);
        if (factor === 1n) expect(await group.msm(points, weights)).toEqual(group.points([sum]));
        expectMultiple(await group.msm(bases, weights), sum);
        points.dispose();
      }
      bases.dispose();
    }
  });

  it('many at a time are those one by one, over slices and prepared bases, of all lengths', async () => {
    const logs = Array.from({ length: 300 }, (_, i) => 11n + 5n * BigInt(i));
    const points = await group.upload(group.progression(11n, 5n, logs.length));
    const lengths = [...SIZES, 40, 0, 100];
    const jobs: MsmJob<K>[] = [];
    const sums: bigint[] = [];
    for (const [i, length] of lengths.entries()) {
      const own = logs.slice(i, i + length);
      const scalars = own.map((_, k) =>
        k % 4 === 1 ? BigInt(k % 8 === 1) : mod(7n ** BigInt(i * k + 90), order),
      );
      const slice = points.slice(i, i + length);
      const bases = i % 2 === 0 ? slice : await group.prepare(slice);
      jobs.push({ bases, scalars: await uploadScalars(fixture, scalars) });
      sums.push(dot(curve, own, scalars));
    }
    expect(await group.msmMany(jobs)).toEqual(group.points(sums));
    expect(await group.msmMany([])).toEqual(new Uint8Array());
  });
}

function elementwiseLaws<K extends 'g1' | 'g2'>(fixture: Fixture, group: GroupCase<K>): void {
  const { curve, backend } = fixture;
  const { order } = curve;
  const expectEach = async (
    vector: Parameters<GroupCase<K>['scale']>[0],
    logs: readonly bigint[],
  ): Promise<void> => {
    expect(vector.kind).toBe(group.kind);
    expect(vector.length).toBe(logs.length);
    const got = elementsOf(await backend().read(vector), group.bytes);
    const expected = elementsOf(group.points(logs), group.bytes);
    expect(got).toHaveLength(expected.length);
    for (const [i, element] of got.entries()) expect(element, `element ${i}`).toEqual(expected[i]);
  };

  it.each([0, 1, 7, 9, MANY])('scales %i points one by one', async (count) => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, count), scalarList(curve, count), async (logs, scalars) => {
        const points = await group.upload(group.points(logs));
        const scaled = await group.scale(points, await uploadScalars(fixture, scalars));
        await expectEach(
          scaled,
          logs.map((log, i) => log * (scalars[i] as bigint)),
        );
        await expectEach(points, logs);
      }),
      slow(1),
    );
  });

  it('scales infinity, P and −P by 0, 1, 2, order − 2 and order − 1', async () => {
    const logs = [0n, 1n, order - 1n, 9n].flatMap((log) => new Array<bigint>(5).fill(log));
    const scalars = logs.map((_, i) => [0n, 1n, 2n, order - 2n, order - 1n][i % 5] as bigint);
    const scaled = await group.scale(
      await group.upload(group.points(logs)),
      await uploadScalars(fixture, scalars),
    );
    await expectEach(
      scaled,
      logs.map((log, i) => log * (scalars[i] as bigint)),
    );
  });

  it.each([0, 1, 8, MANY])('folds %i pairs one by one: left + x·right', async (count) => {
    await fc.assert(
      fc.asyncProperty(
        scalarList(curve, count),
        scalarList(curve, count),
        residue(order),
        async (left, right, x) => {
          const vectors = [await group.upload(group.points(left)), await group.upload(group.points(right))];
          const folded = await group.fold(vectors[0] as never, vectors[1] as never, x);
          await expectEach(
            folded,
            left.map((log, i) => log + x * (right[i] as bigint)),
          );
        },
      ),
      slow(1),
    );
  });

  it.each([0n, 1n, 2n, -1n, -2n])(
    'folds with x = %s (mod order) where sums double, cancel or meet infinity',
    async (small) => {
      const x = mod(small, order);
      const right = [0n, 0n, 1n, 5n, 5n, 5n, order - 1n, 5n];
      const left = [0n, 3n, 0n, x * 5n, -x * 5n, 5n, order - 1n, -5n];
      const folded = await group.fold(
        await group.upload(group.points(left)),
        await group.upload(group.points(right)),
        x,
      );
      await expectEach(
        folded,
        left.map((log, i) => log + x * (right[i] as bigint)),
      );
    },
  );

  it('folds the halves of a vector, leaves the vector as it was, and folds on', async () => {
    const logs = Array.from({ length: 8 }, (_, i) => 3n ** BigInt(i));
    const x = mod(-0x1234567890abcdefn, order);
    const vector = await group.upload(group.points(logs));
    const once = await group.fold(vector.slice(0, 4), vector.slice(4, 8), x);
    const onceLogs = [0, 1, 2, 3].map((i) => (logs[i] as bigint) + x * (logs[i + 4] as bigint));
    await expectEach(once, onceLogs);
    await expectEach(vector, logs);
    vector.dispose();
    const twice = await group.fold(once.slice(0, 2), once.slice(2, 4), x);
    await expectEach(
      twice,
      [0, 1].map((i) => (onceLogs[i] as bigint) + x * (onceLogs[i + 2] as bigint)),
    );
  });

  it('scales and then sums what it scaled', async () => {
    const [logs, scalars] = [
      [2n, 3n, 5n, 0n],
      [order - 1n, 7n, 0n, 4n],
    ];
    const weights = await uploadScalars(fixture, scalars as bigint[]);
    const scaled = await group.scale(await group.upload(group.points(logs as bigint[])), weights);
    const squares = (scalars as bigint[]).map((scalar) => scalar * scalar);
    expect(await group.msm(scaled, weights)).toEqual(group.points([dot(curve, logs as bigint[], squares)]));
  });

  it('refuses another number of scalars, and halves of different length', async () => {
    const [one, two] = [await group.upload(group.points([1n])), await group.upload(group.points([1n, 2n]))];
    await expectRefusal(group.scale(two, await uploadScalars(fixture, [1n])), 'LENGTH_MISMATCH');
    await expectRefusal(group.scale(one, await uploadScalars(fixture, [1n, 2n])), 'LENGTH_MISMATCH');
    await expectRefusal(group.fold(one, two, 3n), 'LENGTH_MISMATCH');
    await expectRefusal(group.fold(two, one, 3n), 'LENGTH_MISMATCH');
  });
}

function togetherLaws(fixture: Fixture, g1: GroupCase<'g1'>, g2: GroupCase<'g2'>): void {
  const { curve, backend } = fixture;
  /** Logarithms of points, and scalars that several sums share. */
  const logs = Array.from({ length: 70 }, (_, i) => (i % 23 === 5 ? 0n : 5n + 3n * BigInt(i)));
  const scalars = logs.map((_, i) => (i % 5 === 2 ? BigInt(i % 2) : mod(11n ** BigInt(i + 60), curve.order)));

  it('are those one by one, of shared scalars and of their parts, in both groups', async () => {
    const [p, q] = [await g1.upload(g1.points(logs)), await g2.upload(g2.points(logs))];
    const [shared, other] = [await uploadScalars(fixture, scalars), await uploadScalars(fixture, logs)];
    const spent: string[] = [];
    const job = <K extends 'g1' | 'g2'>(
      name: string,
      bases: MsmJob<K>['bases'],
      on: MsmJob<K>['scalars'],
    ): SumJob<K> => ({
      bases,
      scalars: on,
      onSpent: () => spent.push(name),
    });
    const prepared = [await g1.prepare(p), await g2.prepare(q.slice(3, 70))] as const;
    const { g1: sums1, g2: sums2 } = await backend().msmSums({
      g1: [
        job('own', p, other),
        job('shared', prepared[0], shared),
        job('none', p.slice(7, 7), shared.slice(1, 1)),
        job('one', p.slice(69, 70), shared.slice(0, 1)),
        job('shared again', p, shared),
      ],
      g2: [job('part in G2', prepared[1], shared.slice(0, 67)), job('shared in G2', q, shared)],
    });
    const all = dot(curve, logs, scalars);
    expect(sums1).toEqual(
      g1.points([dot(curve, logs, logs), all, 0n, (logs[69] as bigint) * (scalars[0] as bigint), all]),
    );
    expect(sums2).toEqual(g2.points([dot(curve, logs.slice(3), scalars), all]));
    expect(spent.sort()).toEqual(
      ['none', 'one', 'own', 'part in G2', 'shared', 'shared again', 'shared in G2'].sort(),
    );
  });

  it('of one group or of none', async () => {
    const [p, weights] = [await g1.upload(g1.points(logs)), await uploadScalars(fixture, scalars)];
    const none = new Uint8Array();
    expect(await backend().msmSums({ g1: [], g2: [] })).toEqual({ g1: none, g2: none });
    const sum = g1.points([dot(curve, logs, scalars)]);
    expect(await backend().msmSums({ g1: [{ bases: p, scalars: weights }], g2: [] })).toEqual({
      g1: sum,
      g2: none,
    });
  });

  it('may lose the scalars of each once they are spent', async () => {
    const [p, weights] = [await g1.upload(g1.points(logs)), await uploadScalars(fixture, scalars)];
    const own = await uploadScalars(fixture, scalars);
    const { g1: sums } = await backend().msmSums({
      g1: [
        { bases: p, scalars: own, onSpent: () => own.dispose() },
        { bases: p, scalars: weights, onSpent: () => weights.dispose() },
      ],
      g2: [],
    });
    const sum = dot(curve, logs, scalars);
    expect(sums).toEqual(g1.points([sum, sum]));
  });

  it('refuse another number of scalars', async () => {
    const [p, q] = [await g1.upload(g1.points([1n, 2n])), await g2.upload(g2.points([1n, 2n]))];
    const one = await uploadScalars(fixture, [1n]);
    await expectRefusal(backend().msmSums({ g1: [{ bases: p, scalars: one }], g2: [] }), 'LENGTH_MISMATCH');
    await expectRefusal(backend().msmSums({ g1: [], g2: [{ bases: q, scalars: one }] }), 'LENGTH_MISMATCH');
  });
}

export function groupContract(fixture: Fixture): void {
  const [g1, g2] = [g1Case(fixture), g2Case(fixture)];
  describe('multi-scalar multiplication in G1', () => msmLaws(fixture, g1, 1025));
  describe('multi-scalar multiplication in G2', () => msmLaws(fixture, g2, 257));
  describe('sums in both groups together', () => togetherLaws(fixture, g1, g2));
  describe('element by element in G1', () => elementwiseLaws(fixture, g1));
  describe('element by element in G2', () => elementwiseLaws(fixture, g2));
}
