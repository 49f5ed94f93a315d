import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { packScalars } from '../../src/curve/affine.ts';
import { mod } from '../../src/field/modular.ts';
import type { PooledBuffer } from '../../src/gpu/buffer-pool.ts';
import { DEFAULT_MULTIPLIER, SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { DigitSort, type SortedDigits } from '../../src/gpu/digit-sort.ts';
import { GpuGroup } from '../../src/gpu/group.ts';
import { jobSums, msmShape, windowSums } from '../../src/gpu/msm.ts';
import { type GpuMsmPlan, planGpuMsm } from '../../src/gpu/msm-plan.ts';
import { Pacer } from '../../src/gpu/pacer.ts';
import { drawShared } from '../helpers/seeded.ts';
import { GROUP_CASES, type Point } from './group-case.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();

describe.each(GROUP_CASES)('MSM on the GPU, $title', ({ curve, group: name, zero, base, encode, walk }) => {
  const r = curve.order;
  const count = name === 'g2' ? 130 : 300;
  const scalar = fc.noBias(fc.bigInt({ min: 1n, max: r - 1n }));
  const random = drawShared(fc.array(scalar, { minLength: count, maxLength: count }));
  const [start = 1n, step = 1n] = random;
  const points = walk(start, step, count);
  const logs = points.map((_, i) => mod(start + step * BigInt(i), r));
  let group: GpuGroup;
  beforeAll(async () => {
    group = await GpuGroup.create(device(), new Pacer(device()), curve, name, SOFTWARE_MULTIPLIER);
  });

  /** Sums of jobs, each from its window sums by the reference, or all by Horner's rule on the device. */
  async function msm(
    bases: readonly Point[],
    scalars: readonly bigint[],
    {
      lengths = [bases.length],
      windowBits = undefined as number | undefined,
      onDevice = false,
      plan: own = undefined as ((plan: GpuMsmPlan) => GpuMsmPlan) | undefined,
      kept = undefined as { weights: PooledBuffer; digits: DigitSort } | undefined,
      on = group,
    } = {},
  ): Promise<Uint8Array> {
    const segments = await on.upload(encode(bases));
    const weights = kept?.weights ?? (await device().upload(packScalars(curve, scalars)));
    const planned = planGpuMsm(msmShape(on, bases.length, lengths.length), windowBits);
    if (!planned || !segments[0]) throw new Error('no plan');
    const plan = own ? own(planned) : planned;
    const input = {
      bases: segments[0].buffer.gpu,
      scalars: weights,
      firstPoint: 0,
      firstScalar: 0,
      lengths,
      digits: kept?.digits,
    };
    const sums = lengths.map(() => zero);
    let bytes: Uint8Array | undefined;
    await windowSums(on, input, plan, {}, async (windows, pass) => {
      if (onDevice) {
        await jobSums(on, windows, lengths.length, plan, async (buffer) => {
          bytes = await on.readSums(buffer, lengths.length);
        });
        return;
      }
      const affine = await on.readSums(windows, lengths.length * pass.windowCount);
      for (const job of lengths.keys()) {
        for (let w = 0; w < pass.windowCount; w++) {
          const at = (job * pass.windowCount + w) * group.pointBytes;
          const point = decode(affine.subarray(at, at + group.pointBytes));
          const weight = mod(1n << BigInt((pass.firstWindow + w) * plan.windowBits), r);
          sums[job] = (sums[job] as Point).add(point.multiplyUnsafe(weight));
        }
      }
    });
    segments[0].buffer.release();
    if (!kept) weights.release();
    return bytes ?? encode(sums);
  }

  function decode(bytes: Uint8Array): Point {
    const size = curve.fpBytes;
    const values = Array.from({ length: bytes.length / size }, (_, i) =>
      BigInt(
        `0x${Buffer.from(bytes.subarray(i * size, (i + 1) * size))
          .reverse()
          .toString('hex')}`,
      ),
    );
    if (values.every((value) => value === 0n)) return zero;
    const [a = 0n, b = 0n, c = 0n, d = 0n] = values;
    return name === 'g1'
      ? (curve.g1.fromAffine({ x: a, y: b }) as Point)
      : (curve.g2.fromAffine({ x: { c0: a, c1: b }, y: { c0: c, c1: d } }) as Point);
  }

  const multiple = (log: bigint): Uint8Array => encode([base.multiplyUnsafe(mod(log, r))]);
  const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
    a.reduce((sum, value, i) => sum + value * (b[i] as bigint), 0n);

  it.each([4, 7])('agrees with the reference for random scalars, windows of %i bits', async (windowBits) => {
    expect(await msm(points, random, { windowBits })).toEqual(multiple(dot(logs, random)));
  });

  it.each([1, 2, 7, 63, 64, 65])('agrees for %i points', async (length) => {
    const [p, s] = [points.slice(0, length), random.slice(0, length)];
    expect(await msm(p, s)).toEqual(multiple(dot(logs.slice(0, length), s)));
  });

  it('takes one fat bucket, zeros, ones and the extremes', async () => {
    const cases: bigint[][] = [
      points.map(() => 1n),
      points.map(() => 0n),
      points.map(() => r - 1n),
      points.map(() => random[0] as bigint),
      points.map(
        (_, i) => [0n, 1n, 2n, r - 1n, r - 2n, r >> 1n, (r >> 1n) + 1n, 1n << 128n][i % 8] as bigint,
      ),
      points.map((_, i) => (i % 50 === 7 ? (random[i] as bigint) : BigInt(i % 3 === 0))),
    ];
    for (const scalars of cases)
      expect(await msm(points, scalars, { windowBits: 4 })).toEqual(multiple(dot(logs, scalars)));
  });

  it('takes infinity, repeated and opposite points', async () => {
    const mixed = points.map(
      (_, i) => [zero, points[0], points[0]?.negate(), points[1], points[i]][i % 5] as Point,
    );
    const mixedLogs = logs.map(
      (log, i) => [0n, logs[0], -(logs[0] as bigint), logs[1], log][i % 5] as bigint,
    );
    for (const scalars of [points.map(() => 3n), random]) {
      expect(await msm(mixed, scalars)).toEqual(multiple(dot(mixedLogs, scalars)));
    }
    const opposite = [...points.slice(0, 40), ...points.slice(0, 40).map((p) => p.negate())];
    expect(await msm(opposite, [...random.slice(0, 40), ...random.slice(0, 40)])).toEqual(encode([zero]));
  });

  // Digits are of scalars alone; the forms of the multiplier are tested with the points.
  if (name === 'g1') {
    it('agrees with the multiplier that hardware starts with', async () => {
      const on = await GpuGroup.create(device(), new Pacer(device()), curve, name, DEFAULT_MULTIPLIER);
      expect(await msm(points, random, { on, onDevice: true })).toEqual(multiple(dot(logs, random)));
    });

    it('sorts the digits of kept scalars once, and overwrites them in the end', async () => {
      const weights = await device().upload(packScalars(curve, random));
      const digits = new DigitSort(device());
      const made: SortedDigits[] = [];
      const use = digits.use.bind(digits);
      vi.spyOn(digits, 'use').mockImplementation((key, make, run) =>
        use(
          key,
          async () => {
            const sorted = await make();
            made.push(sorted);
            return sorted;
          },
          run,
        ),
      );
      const kept = { weights, digits };
      const turned = [...points.slice(1), points[0] as Point];
      const turnedLogs = [...logs.slice(1), logs[0] as bigint];
      expect(await msm(points, random, { kept })).toEqual(multiple(dot(logs, random)));
      expect(await msm(turned, random, { kept })).toEqual(multiple(dot(turnedLogs, random)));
      expect(made).toHaveLength(1);
      // Other windows are another sort.
      expect(await msm(points, random, { kept, windowBits: 3 })).toEqual(multiple(dot(logs, random)));
      expect(made).toHaveLength(2);
      const { entries } = made[1] as SortedDigits;
      const before = await device().download(entries.gpu, 0, entries.size);
      expect(before.some((byte) => byte !== 0)).toBe(true);
      digits.drop(weights);
      await device().settled();
      const after = await device().download(entries.gpu, 0, entries.size);
      expect(after.every((byte) => byte === 0)).toBe(true);
      weights.release();
    });
  }

  it('sums many jobs at once, on the device to the end', async () => {
    const lengths = [17, 1, 0, 64, 3, count - 85];
    const expected: bigint[] = [];
    let at = 0;
    for (const length of lengths) {
      expected.push(mod(dot(logs.slice(at, at + length), random.slice(at, at + length)), r));
      at += length;
    }
    const bytes = encode(expected.map((log) => base.multiplyUnsafe(log)));
    expect(await msm(points, random, { lengths })).toEqual(bytes);
    expect(await msm(points, random, { lengths, onDevice: true })).toEqual(bytes);
  });

  it('gives the same in several passes and with any number of slices', async () => {
    const expected = multiple(dot(logs, random));
    for (const slices of [3, 50]) {
      const plan = (planned: GpuMsmPlan): GpuMsmPlan => ({
        ...planned,
        slices,
        passes: Array.from({ length: Math.ceil(planned.windows / 20) }, (_, i) => ({
          firstWindow: 20 * i,
          windowCount: Math.min(20, planned.windows - 20 * i),
        })),
      });
      expect(await msm(points, random, { windowBits: 5, plan })).toEqual(expected);
    }
  });
});
