import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { AbortedError, InternalError } from '../../src/errors.ts';
import { modInverse } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import { DEFAULT_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { SOFTWARE_TILE_LOG2, TILE_LOG2 } from '../../src/gpu/kernels/ntt-pass.ts';
import { GpuNtt, type GpuNttOptions } from '../../src/gpu/ntt.ts';
import { planGpuNtt } from '../../src/gpu/ntt-plan.ts';
import { SCALAR_BYTES } from '../../src/gpu/scalars.ts';
import { sliceSegments } from '../../src/gpu/segments.ts';
import { MULTIPLIERS } from '../../src/gpu/shader/field.ts';
import { nttReference } from '../../src/ntt/ntt-reference.ts';
import { rootOfUnity } from '../../src/ntt/roots.ts';
import { drawShared } from '../helpers/seeded.ts';
import { release, ScalarCase, scalarsWithEdges } from './scalar-case.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();
afterEach(() => vi.restoreAllMocks());

describe('plans of transforms', () => {
  it('have passes of even height that make all levels, in tiles that fit', () => {
    for (let log2 = 0; log2 <= 24; log2++) {
      for (const [most, tile] of [
        [2 ** 22, TILE_LOG2],
        [2 ** 22 + 5, TILE_LOG2],
        [2 ** 24, SOFTWARE_TILE_LOG2],
        [2 ** 27, TILE_LOG2],
        [2 ** 27, SOFTWARE_TILE_LOG2],
      ] as const) {
        const plan = planGpuNtt(log2, most, tile);
        expect(plan.tileLog2).toBeLessThanOrEqual(tile);
        expect(plan.partLog2 + plan.partsLog2).toBe(log2);
        expect(2 ** plan.partLog2).toBeLessThanOrEqual(most);
        let level = 0;
        for (const { firstLevel, levels } of plan.passes) {
          expect(firstLevel).toBe(level);
          expect(levels).toBeLessThanOrEqual(plan.tileLog2);
          // Columns of a tile are neighbours below the rows of its pass.
          if (level > 0) expect(plan.tileLog2 - levels).toBeLessThanOrEqual(level);
          level += levels;
        }
        expect(level).toBe(plan.partLog2);
        expect(plan.tiles * 2 ** plan.tileLog2).toBe(2 ** plan.partLog2);
      }
    }
  });
});

describe.each(CURVES)('transforms on the GPU, $name', (curve) => {
  const { order } = curve;
  const random = drawShared(scalarsWithEdges(curve, 512));
  const shift = random.at(-1) as bigint;
  /** 2^log2 values: edges and random ones first. */
  const list = (log2: number): bigint[] => {
    const some = random.slice(0, 2 ** log2);
    return [...some, ...powers(shift, 2 ** log2 - some.length, order, 3n)];
  };
  const forward = (log2: number, by = 1n): GpuNttOptions => ({ root: rootOfUnity(order, log2), shift: by });
  const inverse = (log2: number): GpuNttOptions => ({
    root: modInverse(rootOfUnity(order, log2), order),
    scale: modInverse(2n ** BigInt(log2), order),
  });
  let cpu: Backend;
  let own: ScalarCase;
  let ntt: GpuNtt;
  /** By the kernels that hardware gets: other tiles, and the multiplier that it starts with. */
  let hardware: ScalarCase;
  beforeAll(async () => {
    cpu = await createWasmBackend(curve, { threads: 1 });
    own = new ScalarCase(device(), curve);
    ntt = new GpuNtt(own.scalars);
    hardware = new ScalarCase(device(), curve, DEFAULT_MULTIPLIER, TILE_LOG2);
  });
  afterAll(() => cpu?.dispose());

  it.each(Array.from({ length: 12 }, (_, log2) => log2))('of 2^%i values', async (log2) => {
    const values = list(log2);
    const [plain, shifted] = [nttReference(values, order), nttReference(values, order, { shift })];
    const back = nttReference(values, order, { inverse: true });
    for (const form of [own, hardware]) {
      const transforms = new GpuNtt(form.scalars);
      const run = (options: GpuNttOptions): Promise<bigint[]> =>
        form.run([values], (a) => transforms.transform(a, options));
      expect(await run(forward(log2))).toEqual(plain);
      expect(await run(forward(log2, shift))).toEqual(shifted);
      expect(await run(inverse(log2))).toEqual(back);
      transforms.trim();
    }
  });

  it.each(MULTIPLIERS)('with the multiplier %s', async (multiplier) => {
    const other = new ScalarCase(device(), curve, multiplier);
    const transforms = new GpuNtt(other.scalars);
    const values = list(10);
    const run = (options: GpuNttOptions): Promise<bigint[]> =>
      other.run([values], (a) => transforms.transform(a, options));
    expect(await run(forward(10, shift))).toEqual(nttReference(values, order, { shift }));
    expect(await run(inverse(10))).toEqual(nttReference(values, order, { inverse: true }));
  });

  it('of 2^14 values are those of the WebAssembly backend, and go back', async () => {
    const values = list(14);
    const expected = await cpu.read(await cpu.ntt(await cpu.uploadFr(packScalars(curve, values)), { shift }));
    const a = await own.upload(values);
    const b = await ntt.transform(a, forward(14, shift));
    expect(await own.scalars.read(b)).toEqual(expected);
    const c = await ntt.transform(a, forward(14));
    const back = await ntt.transform(c, inverse(14));
    expect(await own.take(back)).toEqual(values);
    for (const vector of [a, b, c]) release(vector);
  });

  it('are linear', async () => {
    const [p, q] = [list(9), list(9).reverse()];
    const { scalars } = own;
    const after = await own.run([p, q], async (a, b) =>
      ntt.transform(await scalars.fold(a, b, shift), forward(9)),
    );
    const before = await own.run([p, q], async (a, b) =>
      scalars.fold(await ntt.transform(a, forward(9)), await ntt.transform(b, forward(9)), shift),
    );
    expect(after).toEqual(before);
  });

  it.each([5, 8, 9])('in parts of 2^%i values, as where a binding does not see all', async (partLog2) => {
    // The values begin in the middle of a buffer and go over the ends of several.
    vi.spyOn(GpuDevice.prototype, 'maxBindingBytes', 'get').mockReturnValue(
      1.25 * 2 ** partLog2 * SCALAR_BYTES,
    );
    const log2 = partLog2 + 3;
    const values = list(log2);
    const padded = await own.upload([7n, 7n, 7n, ...values, 7n]);
    const a = sliceSegments(padded, 3, 3 + values.length);
    for (const [options, expected] of [
      [forward(log2), {}],
      [forward(log2, shift), { shift }],
      [inverse(log2), { inverse: true }],
    ] as const) {
      const result = await ntt.transform(a, options);
      expect(result).toHaveLength(8);
      expect(await own.take(result)).toEqual(nttReference(values, order, expected));
    }
    release(padded);
  });

  it('of values in several buffers where one could hold them', async () => {
    const values = list(8);
    const [head, tail] = [await own.upload(values.slice(0, 100)), await own.upload(values.slice(100))];
    expect(await own.take(await ntt.transform([...head, ...tail], forward(8)))).toEqual(
      nttReference(values, order),
    );
    release([...head, ...tail]);
  });

  it('report progress, are cancelled, and refuse other lengths', async () => {
    const a = await own.upload(list(11));
    const seen = [0];
    release(await ntt.transform(a, { ...forward(11), onProgress: (fraction) => seen.push(fraction) }));
    expect(seen).toEqual(seen.toSorted((x, y) => x - y));
    expect(seen.at(-1)).toBe(1);
    const before = device().buffers.bytes;
    const cancelled = ntt.transform(a, { ...forward(11), signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toBeInstanceOf(AbortedError);
    expect(device().buffers.bytes).toBe(before);
    await expect(ntt.transform(sliceSegments(a, 0, 3), forward(2))).rejects.toBeInstanceOf(InternalError);
    release(a);
  });

  it('give tables back', async () => {
    const a = await own.upload(list(6));
    release(await ntt.transform(a, forward(6, 3n)));
    ntt.trim();
    expect(await own.take(await ntt.transform(a, forward(6, 3n)))).toEqual(
      nttReference(list(6), order, { shift: 3n }),
    );
    release(a);
  });
});
