import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, FrVector, PairingTerm } from '../../src/backend/backend.ts';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { BLS12_381, BN254 } from '../../src/curve/curve.ts';
import { gtToBytes } from '../../src/curve/gt.ts';
import {
  DeviceLostError,
  DisposedError,
  GpuFaultError,
  GpuUnavailableError,
  OptionError,
} from '../../src/errors.ts';
import { concatBytes } from '../../src/field/bytes.ts';
import { gtGenerator } from '../curve/arbitraries.ts';
import { FlakyGpu } from '../helpers/flaky-gpu.ts';
import { g1Times, g2Times } from '../helpers/group-elements.ts';

const curve = BN254;
/** More than are left to the CPU. */
const COUNT = 70;
const logs = Array.from({ length: COUNT }, (_, i) => BigInt(3 * i + 2));
const scalars = logs.map((log) => curve.order - log * log);
const points = concatBytes(...logs.map((log) => g1Times(curve, log)));
const weights = packScalars(curve, scalars);
const expected = g1Times(
  curve,
  logs.reduce((sum, log, i) => sum + log * (scalars[i] as bigint), 0n),
);

describe('the WebGPU backend when the GPU fails', () => {
  let cpu: Backend;
  beforeAll(() => {
    cpu = createReferenceBackend(curve);
  });
  const created: Backend[] = [];
  afterAll(async () => {
    for (const backend of created) await backend.dispose();
  });
  async function create(gpu: FlakyGpu): Promise<{ backend: Backend; faults: unknown[] }> {
    const faults: unknown[] = [];
    const backend = await createWebGpuBackend(curve, {
      cpu,
      device: { gpu: gpu.asGpu() },
      onFault: (error) => faults.push(error),
    });
    created.push(backend);
    return { backend, faults };
  }

  it('takes another device when the one it has is lost, with the vectors that were on it', async () => {
    const gpu = new FlakyGpu();
    const { backend, faults } = await create(gpu);
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    const prepared = await backend.prepareG1(bases);
    expect(await backend.msmG1(bases, fr)).toEqual(expected);
    gpu.devices[0]?.destroy();
    expect(await backend.msmG1(bases, fr)).toEqual(expected);
    expect(await backend.msmG1(prepared, fr)).toEqual(expected);
    expect(await backend.read(bases)).toEqual(points);
    expect(gpu.devices).toHaveLength(2);
    expect(faults.every((fault) => fault instanceof DeviceLostError)).toBe(true);
  });

  it('gets over a device that is lost in the middle of a sum', async () => {
    const gpu = new FlakyGpu();
    const { backend, faults } = await create(gpu);
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    const running = backend.msmG1(bases, fr, {
      onProgress: () => gpu.devices[0]?.destroy(),
    });
    expect(await running).toEqual(expected);
    expect(faults).toEqual([expect.any(DeviceLostError)]);
    expect(gpu.devices).toHaveLength(2);
  });

  it('does it all on the CPU when no device can be had any more', async () => {
    const gpu = new FlakyGpu();
    const { backend, faults } = await create(gpu);
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    const prepared = await backend.prepareG1(bases);
    gpu.isGone = true;
    gpu.devices[0]?.destroy();
    expect(await backend.msmG1(prepared, fr)).toEqual(expected);
    expect(
      await backend.msmManyG1([
        { bases, scalars: fr },
        { bases: prepared, scalars: fr },
      ]),
    ).toEqual(concatBytes(expected, expected));
    expect(faults.some((fault) => fault instanceof GpuUnavailableError)).toBe(true);
  });

  it('does it on the CPU when the GPU refuses what it is asked', async () => {
    const gpu = new FlakyGpu();
    const { backend, faults } = await create(gpu);
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    const [device] = gpu.devices as [GPUDevice];
    const own = device.createBuffer.bind(device);
    // A buffer that is refused, as one is that does not fit: every use of it is an error too.
    device.createBuffer = (descriptor) => own({ ...descriptor, usage: 0xffff });
    expect(await backend.msmG1(bases, fr)).toEqual(expected);
    expect(faults).toHaveLength(2);
    expect(faults.every((fault) => fault instanceof GpuFaultError)).toBe(true);
    device.createBuffer = own;
    expect(await backend.msmG1(bases, fr)).toEqual(expected);
    expect(faults).toHaveLength(2);
  });

  it('notices sums that are no points', async () => {
    const gpu = new FlakyGpu();
    const { backend, faults } = await create(gpu);
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    const [device] = gpu.devices as [GPUDevice];
    const write = device.queue.writeBuffer.bind(device.queue);
    // Points arrive at the device with one bit flipped.
    device.queue.writeBuffer = ((
      buffer: GPUBuffer,
      offset: number,
      data: Uint8Array,
      from?: number,
      size?: number,
    ) => {
      const isPoints = data instanceof Uint8Array && data.length === points.length;
      const bytes = isPoints ? new Uint8Array(data) : data;
      if (isPoints) bytes[3] = (bytes[3] as number) ^ 4;
      write(buffer, offset, bytes as Uint8Array<ArrayBuffer>, from, size);
    }) as GPUQueue['writeBuffer'];
    expect(await backend.msmG1(bases, fr)).toEqual(expected);
    expect(faults[0]).toBeInstanceOf(GpuFaultError);
    expect((faults[0] as Error).message).toContain('no point of the curve');
  });

  it('computes sums that come back as zeros once more', async () => {
    const gpu = new FlakyGpu();
    const { backend } = await create(gpu);
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    const [device] = gpu.devices as [GPUDevice];
    const write = device.queue.writeBuffer.bind(device.queue);
    // No parameters arrive at the device: every count is 0.
    device.queue.writeBuffer = ((
      buffer: GPUBuffer,
      offset: number,
      data: Uint8Array,
      from?: number,
      size?: number,
    ) => {
      if (data instanceof Uint8Array) write(buffer, offset, data as Uint8Array<ArrayBuffer>, from, size);
    }) as GPUQueue['writeBuffer'];
    expect(await backend.msmG1(bases, fr)).toEqual(expected);
  });

  describe('products of Miller loops', () => {
    const count = 17;
    const g1 = points.slice(0, count * curve.g1Bytes);
    const g2 = concatBytes(...logs.slice(0, count).map((log) => g2Times(curve, log)));
    const log = logs.slice(0, count).reduce((sum, own) => sum + own * own, 0n);
    const pairing = gtToBytes(curve, curve.fields.Fp12.pow(gtGenerator(curve), log));
    const terms = async (backend: Backend): Promise<PairingTerm> => ({
      g1: await backend.uploadG1(g1),
      g2: await backend.uploadG2(g2),
    });

    it('get over a device that is lost in the middle', async () => {
      const gpu = new FlakyGpu();
      const { backend, faults } = await create(gpu);
      const values = await backend.millerProducts([[await terms(backend)]], {
        onProgress: () => gpu.devices[0]?.destroy(),
      });
      expect(await backend.finalExponentiation(values)).toEqual(pairing);
      expect(faults).toEqual([expect.any(DeviceLostError)]);
      expect(gpu.devices).toHaveLength(2);
    });

    it('are computed by the CPU when no device can be had any more', async () => {
      const gpu = new FlakyGpu();
      const { backend, faults } = await create(gpu);
      const term = await terms(backend);
      gpu.isGone = true;
      gpu.devices[0]?.destroy();
      const values = await backend.millerProducts([[term], []]);
      const one = gtToBytes(curve, curve.fields.Fp12.ONE);
      expect(await backend.finalExponentiation(values)).toEqual(concatBytes(pairing, one));
      expect(faults.some((fault) => fault instanceof GpuUnavailableError)).toBe(true);
    });

    it('are computed once more when they come back as 1', async () => {
      const gpu = new FlakyGpu();
      const { backend, faults } = await create(gpu);
      const [device] = gpu.devices as [GPUDevice];
      const write = device.queue.writeBuffer.bind(device.queue);
      // Points arrive at the device as zeros, and so as infinity.
      device.queue.writeBuffer = ((
        buffer: GPUBuffer,
        offset: number,
        data: Uint8Array | Uint32Array,
        from?: number,
        size?: number,
      ) => {
        const isPoints = data instanceof Uint8Array && [g1.length, g2.length].includes(data.length);
        write(buffer, offset, isPoints ? new Uint8Array(data.length) : data, from, size);
      }) as GPUQueue['writeBuffer'];
      const values = await backend.millerProducts([[await terms(backend)]]);
      expect(await backend.finalExponentiation(values)).toEqual(pairing);
      expect(faults).toEqual([]);
    });
  });

  it('computes scalars again that were on a device that is lost, from vectors and matrices that are given back', async () => {
    const gpu = new FlakyGpu();
    const { backend } = await create(gpu);
    const matrix = {
      rows: 3,
      columns: 16,
      rowIndices: Uint32Array.of(0, 2, 2),
      columnIndices: Uint32Array.of(3, 15, 0),
      valueIndices: Uint32Array.of(1, 0, 1),
    };
    const run = async (on: Backend): Promise<{ results: FrVector[]; again: () => Promise<FrVector> }> => {
      const a = await on.uploadFr(weights.subarray(0, 16 * 32));
      const values = await on.powersFr(curve.order - 5n, 2, 7n);
      const laid = await on.uploadMatrix(matrix, values);
      values.dispose();
      const values2 = await on.ntt(a, { shift: 3n });
      const back = await on.ntt(values2, { shift: 3n, inverse: true });
      const product = await on.mulFr(values2, a);
      const folded = await on.foldFr(product, back, 11n);
      const rows = await on.mulMatrix(laid, folded);
      for (const vector of [a, values2]) vector.dispose();
      return { results: [back, product, folded.slice(3, 9), rows], again: () => on.mulMatrix(laid, folded) };
    };
    const own = await run(backend);
    const expectedRun = await run(cpu);
    gpu.devices[0]?.destroy();
    const again = await own.again();
    expect(gpu.devices).toHaveLength(2);
    for (const [i, vector] of [...own.results, again].entries()) {
      const other = expectedRun.results[i] ?? (await expectedRun.again());
      expect(await backend.read(vector), `result ${i}`).toEqual(await cpu.read(other));
    }
  });

  it.each(['G1', 'G2'] as const)(
    'computes multiples in %s again that were on a device that is lost',
    async (name) => {
      const gpu = new FlakyGpu();
      const { backend, faults } = await create(gpu);
      const times = name === 'G1' ? g1Times : g2Times;
      const some = logs.slice(0, 16);
      const bytes = concatBytes(...some.map((log) => times(curve, log)));
      const fr = await backend.uploadFr(weights.slice(0, some.length * curve.frBytes));
      const [on, scaled] =
        name === 'G1'
          ? await backend.uploadG1(bytes).then(async (p) => [p, await backend.scaleG1(p, fr)] as const)
          : await backend.uploadG2(bytes).then(async (p) => [p, await backend.scaleG2(p, fr)] as const);
      for (const vector of [on, fr]) vector.dispose();
      expect(faults).toEqual([]);
      gpu.devices[0]?.destroy();
      await gpu.devices[0]?.lost;
      expect(await backend.read(scaled)).toEqual(
        concatBytes(...some.map((log, i) => times(curve, log * (scalars[i] as bigint)))),
      );
    },
  );

  it('refuses to be made without a GPU, or for another curve than the CPU backend', async () => {
    const gone = new FlakyGpu();
    gone.isGone = true;
    await expect(create(gone)).rejects.toThrow(GpuUnavailableError);
    await expect(createWebGpuBackend(BLS12_381, { cpu })).rejects.toThrow(OptionError);
  });

  it('refuses to be used after its end, and vectors after theirs', async () => {
    const { backend } = await create(new FlakyGpu());
    const [bases, fr] = [await backend.uploadG1(points), await backend.uploadFr(weights)];
    bases.dispose();
    await expect(backend.msmG1(bases, fr)).rejects.toThrow(DisposedError);
    const other = await backend.uploadG1(points);
    await backend.dispose();
    await expect(backend.msmG1(other, fr)).rejects.toThrow(DisposedError);
  });
});
