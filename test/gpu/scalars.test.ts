import { afterEach, describe, expect, it, vi } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { AbortedError } from '../../src/errors.ts';
import { mod, modInverse } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { SCALAR_BYTES } from '../../src/gpu/scalars.ts';
import { lengthOf, sliceSegments } from '../../src/gpu/segments.ts';
import { MULTIPLIERS } from '../../src/gpu/shader/field.ts';
import { drawShared } from '../helpers/seeded.ts';
import { release, ScalarCase, scalarsWithEdges } from './scalar-case.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();
afterEach(() => vi.restoreAllMocks());

describe.each(CURVES)('vectors of scalars on the GPU, $name', (curve) => {
  const { order } = curve;
  const left = drawShared(scalarsWithEdges(curve, 300));
  const right = left.map((_, i) => left[(i * 7 + 11) % left.length] as bigint);
  const x = left.at(-1) as bigint;

  describe.each(MULTIPLIERS)('with the multiplier %s', (multiplier) => {
    const make = (): ScalarCase => new ScalarCase(device(), curve, multiplier);

    it('are multiplied one by one', async () => {
      const own = make();
      const got = await own.run([left, right], (a, b) => own.scalars.mul(a, b));
      expect(got).toEqual(left.map((a, i) => mod(a * (right[i] as bigint), order)));
    });

    it.each([0n, 1n, order - 1n, x])('are folded by %i', async (factor) => {
      const own = make();
      const got = await own.run([left, right], (a, b) => own.scalars.fold(a, b, factor));
      expect(got).toEqual(left.map((a, i) => mod(a + factor * (right[i] as bigint), order)));
    });

    it('come out of Montgomery form when they are uploaded', async () => {
      const own = make();
      const inverse = modInverse(1n << 256n, order);
      const bytes = await own.scalars.read(await own.upload(left));
      const got = await own.take(await own.scalars.upload(bytes, 'montgomery'));
      expect(got).toEqual(left.map((a) => mod(a * inverse, order)));
    });

    it('are powers', async () => {
      const own = make();
      const got = await own.take(
        await own.scalars.powers({ first: left[5] as bigint, base: x, count: 2500 }),
      );
      expect(got).toEqual(powers(x, 2500, order, left[5]));
    });
  });

  it.each([0, 1, 2, 31, 32, 33, 63, 64, 65, 255, 257])('of %i elements', async (count) => {
    const own = new ScalarCase(device(), curve);
    const [a, b] = [left.slice(0, count), right.slice(0, count)];
    const { scalars } = own;
    expect(await own.run([a, b], (p, q) => scalars.mul(p, q))).toEqual(
      a.map((value, i) => mod(value * (b[i] as bigint), order)),
    );
    expect(await own.run([a, b], (p, q) => scalars.fold(p, q, x))).toEqual(
      a.map((value, i) => mod(value + x * (b[i] as bigint), order)),
    );
    for (const base of [0n, 1n, order - 1n, x]) {
      expect(await own.take(await scalars.powers({ first: 3n, base, count }))).toEqual(
        powers(base, count, order, 3n),
      );
    }
  });

  it('are squared when both sides are one vector', async () => {
    const own = new ScalarCase(device(), curve);
    const got = await own.run([left], (a) => own.scalars.mul(a, a));
    expect(got).toEqual(left.map((a) => mod(a * a, order)));
  });

  it('go over the ends of buffers, and start anywhere in them', async () => {
    // A binding that sees 100 scalars stands for one that sees 2^22.
    vi.spyOn(GpuDevice.prototype, 'maxBindingBytes', 'get').mockReturnValue(100 * SCALAR_BYTES);
    const own = new ScalarCase(device(), curve);
    const { scalars } = own;
    const [a, b] = [await own.upload(left), await own.upload(right)];
    expect(a.length).toBe(4);
    const [p, q] = [sliceSegments(a, 37, 301), sliceSegments(b, 5, 269)];
    expect(await own.take(await scalars.mul(p, q))).toEqual(
      left.slice(37, 301).map((value, i) => mod(value * (right[i + 5] as bigint), order)),
    );
    expect(await own.take(await scalars.fold(p, q, x))).toEqual(
      left.slice(37, 301).map((value, i) => mod(value + x * (right[i + 5] as bigint), order)),
    );
    const sequence = await scalars.powers({ first: 5n, base: x, count: 333 });
    expect(lengthOf(sequence)).toBe(333);
    expect(await own.take(sequence)).toEqual(powers(x, 333, order, 5n));
    const all = await scalars.upload(await scalars.read(a), 'montgomery');
    expect(await own.take(await scalars.scale(all, 1n << 256n))).toEqual(left);
    release(all);
    for (const stride of [1, 3, 64]) {
      for (const offset of [0, 1, 2]) {
        const count = Math.ceil((264 - offset) / stride);
        const [to] = await own.upload(new Array<bigint>(Math.min(100, count)).fill(0n));
        const from = sliceSegments(p, 0, Math.min(264, offset + 100 * stride));
        if (!to) throw new Error('no buffer');
        await scalars.gather(from, stride, offset, to);
        const expected = left.slice(37, 301).filter((_, i) => i >= offset && (i - offset) % stride === 0);
        expect(await own.take([to])).toEqual(expected.slice(0, 100));
      }
    }
    release(a);
    release(b);
  });

  it('are left alone by operations that are cancelled', async () => {
    const own = new ScalarCase(device(), curve);
    const a = await own.upload(left);
    const options = { signal: AbortSignal.abort() };
    await expect(own.scalars.mul(a, a, options)).rejects.toBeInstanceOf(AbortedError);
    await expect(own.scalars.fold(a, a, x, options)).rejects.toBeInstanceOf(AbortedError);
    await expect(own.scalars.powers({ first: 1n, base: 2n, count: 9 }, options)).rejects.toBeInstanceOf(
      AbortedError,
    );
    expect(await own.take(a)).toEqual(left);
  });
});
