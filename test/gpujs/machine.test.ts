/** Kernels of gpu.js in the modes that Node has, against bigints and reference points; shaders are tested in a browser. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES, type G1Point } from '../../src/curve/curve.ts';
import { g1ToBytes } from '../../src/curve/points.ts';
import { AbortedError, GpuFaultError } from '../../src/errors.ts';
import { joinBytes } from '../../src/field/bytes.ts';
import { mod } from '../../src/field/modular.ts';
import { BatchMachine } from '../../src/gpujs/batch-machine.ts';
import { limbFold } from '../../src/gpujs/fold.ts';
import { loadGpujs, openGpujs } from '../../src/gpujs/gpu-js.ts';
import { GroupMachine } from '../../src/gpujs/group-machine.ts';
import { readLimbs } from '../../src/gpujs/limb-codec.ts';
import { signedLimbs } from '../../src/gpujs/limb-spec.ts';
import { limbMsm } from '../../src/gpujs/msm.ts';
import { segmentSums } from '../../src/gpujs/segment-sums.ts';
import { drawShared } from '../helpers/seeded.ts';

const CASES = CURVES.flatMap((curve) =>
  (['webasm', 'cpu'] as const).map((mode) => ({ title: `${curve.name}, ${mode}`, curve, mode })),
);

describe.each(CASES)('gpu.js on $title', ({ curve, mode }) => {
  const { order } = curve;
  const count = 300;
  const scalar = fc.noBias(fc.bigInt({ min: 1n, max: order - 1n }));
  const random = drawShared(fc.array(scalar, { minLength: 3 * count, maxLength: 3 * count }));
  const at = (list: readonly bigint[], i: number): bigint => list[i] as bigint;
  let group: GroupMachine;
  beforeAll(async () => {
    const gpujs = await loadGpujs();
    group = new GroupMachine(curve, new BatchMachine(gpujs, openGpujs(gpujs, mode)));
  });
  afterAll(() => group.machine.dispose());

  const limbs = (values: readonly bigint[]): Float32Array => {
    const { limbs: n } = group.scalars;
    const out = new Float32Array(values.length * n);
    values.forEach((value, i) => {
      out.set(signedLimbs(value, n), i * n);
    });
    return out;
  };
  const encode = (points: readonly G1Point[]): Uint8Array =>
    joinBytes(points.map((point) => g1ToBytes(curve, point)));
  const pointLimbs = (points: readonly G1Point[]): Float32Array => group.points.fromBytes(encode(points));
  /** Points of a walk from random logarithms, with infinity, repeated and opposite ones. */
  const walk = (start: bigint, step: bigint, length: number): { points: G1Point[]; logs: bigint[] } => {
    const difference = curve.g1.BASE.multiplyUnsafe(step);
    const points = [curve.g1.BASE.multiplyUnsafe(start)];
    while (points.length < length) points.push((points.at(-1) as G1Point).add(difference));
    return {
      points: points.slice(0, length),
      logs: Array.from({ length }, (_, i) => mod(start + step * BigInt(i), order)),
    };
  };

  it('multiplies and adds scalars', async () => {
    const edges = [0n, 1n, 2n, order - 1n, order - 2n, order >> 1n];
    const triples = edges.flatMap((a) =>
      edges.flatMap((b) => [0n, order - 1n].map((c) => [a, b, c] as const)),
    );
    const side = (which: 0 | 1 | 2): bigint[] => [
      ...triples.map((triple) => triple[which]),
      ...random.slice(which * count, (which + 1) * count),
    ];
    const [left, right, addend] = [side(0), side(1), side(2)];
    const result = await group.multiplyAdd(limbs(left), limbs(right), limbs(addend));
    const n = group.scalars.limbs;
    expect(result.length).toBe(left.length * n);
    for (const [i, value] of left.entries()) {
      const expected = mod(value * at(right, i) + at(addend, i), order);
      expect(readLimbs(group.scalars, result, i * n), `product ${i}`).toBe(expected);
    }
  });

  it('adds points: different, equal, opposite, infinity, sums of sums', async () => {
    const { points } = walk(at(random, 0), at(random, 1), count);
    const others = points.map(
      (point, i) =>
        [points[(i * 7 + 3) % count], point, point.negate(), curve.g1.ZERO, points[0]][i % 5] as G1Point,
    );
    const own = points.map((point, i) => (i % 11 === 7 ? curve.g1.ZERO : point));
    const [left, right] = [pointLimbs(own), pointLimbs(others)];
    const sums = await group.add(left, right);
    const twice = await group.add(sums, sums);
    const thrice = await group.add(twice, sums);
    for (const [i, point] of own.entries()) {
      const sum = point.add(others[i] as G1Point);
      expect(group.points.toPoint(sums, i).equals(sum), `sum ${i}`).toBe(true);
      expect(group.points.toPoint(twice, i).equals(sum.double()), `double ${i}`).toBe(true);
      expect(group.points.toPoint(thrice, i).equals(sum.double().add(sum)), `triple ${i}`).toBe(true);
    }
    expect(group.points.toBytes(sums)).toEqual(
      encode(own.map((point, i) => point.add(others[i] as G1Point))),
    );
  });

  it('sums lists of any length, of points and opposites', async () => {
    const { points, logs } = walk(at(random, 2), at(random, 3), 20);
    const lengths = [0, 1, 2, 3, 0, 17, 64, 1, 0];
    const entries = Int32Array.from(
      { length: lengths.reduce((a, b) => a + b) },
      (_, i) => (((i * i) % 20) + 1) * (i % 3 === 0 ? -1 : 1),
    );
    let end = 0;
    const ends = Int32Array.from(lengths, (length) => {
      end += length;
      return end;
    });
    let additions = 0;
    const sums = await segmentSums(
      group,
      pointLimbs(points),
      { entries, ends },
      {
        onAdded: (more) => {
          additions += more;
        },
      },
    );
    lengths.forEach((length, s) => {
      const own = entries.subarray((ends[s] as number) - length, ends[s]);
      const log = own.reduce((sum, e) => sum + at(logs, Math.abs(e) - 1) * (e < 0 ? -1n : 1n), 0n);
      const expected = curve.g1.BASE.multiplyUnsafe(mod(log, order));
      expect(group.points.toPoint(sums, s).equals(expected), `list ${s}`).toBe(true);
    });
    expect(additions).toBe(entries.length - lengths.filter((length) => length > 0).length);
  });

  it('gives the same MSM whole and in pieces, of many jobs', async () => {
    const { points, logs } = walk(at(random, 4), at(random, 5), 60);
    const scalars = random.slice(0, 60);
    const lengths = [25, 0, 1, 34];
    let start = 0;
    const jobs = lengths.map((length) => {
      const range = [start, start + length] as const;
      start += length;
      return {
        points: pointLimbs(points.slice(...range)),
        scalars: packScalars(curve, scalars.slice(...range)),
      };
    });
    start = 0;
    const expected = lengths.map((length) => {
      let log = 0n;
      for (const end = start + length; start < end; start++) log += at(logs, start) * at(scalars, start);
      return curve.g1.BASE.multiplyUnsafe(mod(log, order));
    });
    for (const maxPoints of mode === 'cpu' ? [16] : [undefined, 1, 16]) {
      const fractions: number[] = [];
      const sums = await limbMsm(group, jobs, { maxPoints, onProgress: (f) => fractions.push(f) });
      expect(encode(sums)).toEqual(encode(expected));
      expect(fractions.at(-1)).toBe(1);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    }
  });

  it('stops between calls when it is told to', async () => {
    const { points } = walk(at(random, 6), at(random, 7), 8);
    const controller = new AbortController();
    const folding = limbFold(group, pointLimbs(points), pointLimbs(points), order - 2n, {
      signal: controller.signal,
      onProgress: () => controller.abort('enough'),
    });
    await expect(folding).rejects.toThrow(AbortedError);
  });

  it('refuses what is not on the curve, such as zeros', () => {
    const zeros = new Float32Array(group.points.length);
    expect(() => group.points.toPoint(zeros, 0)).toThrow(GpuFaultError);
    const moved = pointLimbs([curve.g1.BASE]);
    moved[0] = (moved[0] as number) + 1;
    expect(() => group.points.toPoint(moved, 0)).toThrow(GpuFaultError);
  });
});
