/** Folds and multiples of points on the GPU, against the reference. */

import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { packScalars } from '../../src/curve/affine.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { mod } from '../../src/field/modular.ts';
import { SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { GpuGroup } from '../../src/gpu/group.ts';
import { Pacer } from '../../src/gpu/pacer.ts';
import { GpuScalars } from '../../src/gpu/scalars.ts';
import { type Segment, sliceSegments } from '../../src/gpu/segments.ts';
import { inCampaign } from '../helpers/fuzz.ts';
import { drawShared } from '../helpers/seeded.ts';
import { GROUP_CASES, type Point } from './group-case.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();
const COUNT = 256;

describe.each(GROUP_CASES)(
  'points times scalars on the GPU, $title',
  ({ curve, group: name, zero, encode, walk }) => {
    const r = curve.order;
    // Of the slower curve and its slower group, the rest in a campaign.
    const isWhole = curve === BN254 || inCampaign();
    const many = isWhole || name === 'g1' ? COUNT : 64;
    const sizes = isWhole ? [0, 1, 63, 64, 65] : [0, 1];
    const scalar = fc.noBias(fc.bigInt({ min: 1n, max: r - 1n }));
    const random = drawShared(fc.array(scalar, { minLength: COUNT, maxLength: COUNT }));
    const [start = 1n, step = 1n, x = 1n] = random;
    const points = walk(start, step, COUNT);
    let group: GpuGroup;
    let fr: GpuScalars;
    beforeAll(async () => {
      const pacer = new Pacer(device());
      group = await GpuGroup.create(device(), pacer, curve, name, SOFTWARE_MULTIPLIER);
      fr = new GpuScalars(device(), pacer, curve, SOFTWARE_MULTIPLIER);
    });

    function release(...vectors: (readonly Segment[])[]): void {
      for (const { buffer } of vectors.flat()) buffer.release();
    }

    async function scale(p: readonly Point[], scalars: readonly bigint[]): Promise<Uint8Array> {
      const [on, by] = [await group.upload(encode(p)), await fr.upload(packScalars(curve, scalars))];
      const scaled = await group.scale(on, by);
      const bytes = await group.read(scaled);
      release(on, by, scaled);
      return bytes;
    }

    async function fold(left: readonly Point[], right: readonly Point[], by: bigint): Promise<Uint8Array> {
      const [a, b] = [await group.upload(encode(left)), await group.upload(encode(right))];
      const folded = await group.fold(a, b, by);
      const bytes = await group.read(folded);
      release(a, b, folded);
      return bytes;
    }

    const times = (p: Point, s: bigint): Point => p.multiplyUnsafe(s);

    it(`scales ${many} points, each by its own scalar`, async () => {
      const own = points.slice(0, many);
      const expected = own.map((p, i) => times(p, random[i] as bigint));
      expect(await scale(own, random.slice(0, many))).toEqual(encode(expected));
    }, 600_000);

    it.each(sizes)('scales %i points', async (count) => {
      const [p, s] = [points.slice(0, count), random.slice(COUNT - count)];
      expect(await scale(p, s)).toEqual(encode(p.map((each, i) => times(each, s[i] as bigint))));
    });

    const few = [zero, points[0] as Point, (points[0] as Point).negate(), points[1] as Point];
    const edges = [0n, 1n, 2n, 3n, r - 1n, r - 2n, r >> 1n, (r >> 1n) + 1n, 1n << 128n, (1n << 253n) - 1n, x];

    const factors = isWhole ? edges : [0n, 1n, r - 1n, x];

    it('scales infinity and opposite points by the extremes', async () => {
      const all = few.flatMap((p) => edges.map((s) => ({ p, s })));
      expect(
        await scale(
          all.map(({ p }) => p),
          all.map(({ s }) => s),
        ),
      ).toEqual(encode(all.map(({ p, s }) => times(p, s))));
    });

    it('scales parts of vectors', async () => {
      const [on, by] = [await group.upload(encode(points)), await fr.upload(packScalars(curve, random))];
      const scaled = await group.scale(sliceSegments(on, 5, 12), sliceSegments(by, 100, 107));
      const expected = points.slice(5, 12).map((p, i) => times(p, random[100 + i] as bigint));
      expect(await group.read(scaled)).toEqual(encode(expected));
      release(on, by, scaled);
    });

    it.each(sizes)('folds %i points by one scalar', async (count) => {
      const [a, b] = [points.slice(0, count), points.slice(COUNT - count)];
      expect(await fold(a, b, x)).toEqual(encode(a.map((p, i) => p.add(times(b[i] as Point, x)))));
    });

    it.each(factors)('folds by %i where sums double, cancel or meet infinity', async (by) => {
      const right = [...few, ...few];
      const left = right.map((p, i) => (i < 4 ? times(p, mod(-by, r)) : times(p, by)));
      left.push(points[2] as Point, zero);
      right.push(zero, points[3] as Point);
      expect(await fold(left, right, by)).toEqual(
        encode(left.map((p, i) => p.add(times(right[i] as Point, by)))),
      );
    });

    it('overwrites the scalar of a fold', async () => {
      const on = await group.upload(encode(points.slice(0, 2)));
      const releases = vi.spyOn(device(), 'releaseSecret');
      const folded = await group.fold(sliceSegments(on, 0, 1), sliceSegments(on, 1, 2), x);
      expect(releases).toHaveBeenCalledOnce();
      const [[buffer]] = releases.mock.calls as [[Parameters<typeof releases>[0]]];
      releases.mockRestore();
      expect(buffer.size).toBe(curve.frBytes);
      const bytes = await device().download(buffer.gpu, 0, buffer.size);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
      release(on, folded);
    });
  },
);
