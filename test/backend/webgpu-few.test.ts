/** Which operations the WebGPU backend leaves to the CPU because they have few operands, and which it does not. */

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Backend, G1Vector, G2Vector } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { onDevice } from '../helpers/on-device.ts';
import { g1Case, g2Case, uploadScalars } from './contract/fixture.ts';

const curve = BN254;
const x = curve.order - 5n;

/** Each operation on `count` points, with its result, and the first count from which on the GPU does it. */
interface Case {
  readonly name: string;
  readonly from: number;
  run(on: Backend, p: G1Vector, q: G2Vector): Promise<Uint8Array>;
}

const scalarsOf = (on: Backend, count: number) =>
  uploadScalars(
    { curve, backend: () => on },
    Array.from({ length: count }, (_, i) => curve.order - 7n ** BigInt(i + 1)).map((s) => s % curve.order),
  );

const CASES: readonly Case[] = [
  {
    name: 'scaleG1',
    from: 16,
    run: async (on, p) => on.read(await on.scaleG1(p, await scalarsOf(on, p.length))),
  },
  {
    name: 'scaleG2',
    from: 16,
    run: async (on, _, q) => on.read(await on.scaleG2(q, await scalarsOf(on, q.length))),
  },
  { name: 'foldG1', from: 16, run: async (on, p) => on.read(await on.foldG1(p, p, x)) },
  { name: 'foldG2', from: 16, run: async (on, _, q) => on.read(await on.foldG2(q, q, x)) },
  { name: 'msmG1', from: 64, run: async (on, p) => on.msmG1(p, await scalarsOf(on, p.length)) },
  { name: 'msmG2', from: 64, run: async (on, _, q) => on.msmG2(q, await scalarsOf(on, q.length)) },
  {
    name: 'msmManyG1',
    from: 64,
    run: async (on, p) => {
      const [half, scalars] = [p.length >> 1, await scalarsOf(on, p.length)];
      return on.msmManyG1([
        { bases: p.slice(0, half), scalars: scalars.slice(0, half) },
        { bases: p.slice(half, p.length), scalars: scalars.slice(half, p.length) },
      ]);
    },
  },
  {
    name: 'msmSums',
    from: 64,
    run: async (on, p, q) => {
      const scalars = await scalarsOf(on, p.length);
      const { g1, g2 } = await on.msmSums({ g1: [{ bases: p, scalars }], g2: [{ bases: q, scalars }] });
      return Uint8Array.from([...g1, ...g2]);
    },
  },
  {
    name: 'millerProducts',
    from: 16,
    run: async (on, g1, g2) => on.finalExponentiation(await on.millerProducts([[{ g1, g2 }]])),
  },
];

describe('few operands on the WebGPU backend', () => {
  let cpu: Backend;
  let backend: Backend;
  beforeAll(async () => {
    cpu = await createWasmBackend(curve, { threads: 1 });
    backend = await createWebGpuBackend(curve, {
      cpu,
      device: { gpu: nodeGpu() },
      onFault: (error) => {
        throw error;
      },
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await backend.dispose();
    await cpu.dispose();
  });

  const points = async (on: Backend, count: number): Promise<[G1Vector, G2Vector]> => {
    const fixture = { curve, backend: () => on };
    const [g1, g2] = [g1Case(fixture), g2Case(fixture)];
    return [await g1.upload(g1.progression(3n, 5n, count)), await g2.upload(g2.progression(7n, 2n, count))];
  };

  /** Whether the device was given anything to do. The result must be the CPU's either way. */
  async function usesDevice({ run }: Case, on: Backend, count: number): Promise<boolean> {
    const expected = await run(cpu, ...(await points(cpu, count)));
    const own = await points(on, count);
    const recordings = vi.spyOn(GpuDevice.prototype, 'record');
    const downloads = vi.spyOn(GpuDevice.prototype, 'downloadAll');
    expect(await run(on, ...own)).toEqual(expected);
    const used = recordings.mock.calls.length > 0;
    expect(downloads.mock.calls.length > 0).toBe(used);
    return used;
  }

  it.each(CASES)('$name of less than $from that are on the host alone is the CPU’s', async (each) => {
    for (const count of [1, each.from - 1]) expect(await usesDevice(each, backend, count)).toBe(false);
  });

  it.each(CASES)('$name of $from is the GPU’s', async (each) => {
    expect(await usesDevice(each, backend, each.from)).toBe(true);
  });

  it.each(CASES)('$name of one that is on the device is the GPU’s', async (each) => {
    expect(await usesDevice(each, onDevice(backend), 1)).toBe(true);
  });
});
