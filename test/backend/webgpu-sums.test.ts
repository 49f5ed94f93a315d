/** Sums that are asked for together on the WebGPU backend: where each runs, what is read back, and failures on the way. */

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Backend, GroupSums } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import type { HybridRouter } from '../../src/backend/webgpu/attempt.ts';
import { EngineSource } from '../../src/backend/webgpu/engine.ts';
import { hybridBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { DeviceLostError, GpuFaultError } from '../../src/errors.ts';
import { mod } from '../../src/field/modular.ts';
import { SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { DigitSort } from '../../src/gpu/digit-sort.ts';
import { FlakyGpu } from '../helpers/flaky-gpu.ts';
import { g1Case, g2Case, uploadScalars } from './contract/fixture.ts';

const curve = BN254;
const COUNT = { g1: 300, g2: 150 } as const;
const scalars = Array.from({ length: COUNT.g1 }, (_, i) =>
  mod(7n ** BigInt(i % 90) * BigInt(i - 40), curve.order),
);

describe('sums in both groups on the WebGPU backend', () => {
  let cpu: Backend;
  let expected: GroupSums;
  let points: GroupSums;
  const gpu = new FlakyGpu();
  let source: EngineSource;
  beforeAll(async () => {
    cpu = await createWasmBackend(curve, { threads: 1 });
    const [g1, g2] = [g1Case({ curve, backend: () => cpu }), g2Case({ curve, backend: () => cpu })];
    points = { g1: g1.progression(-3n, 2n, COUNT.g1), g2: g2.progression(5n, 7n, COUNT.g2) };
    expected = await sums(cpu);
    source = new EngineSource(
      curve,
      () => GpuDevice.acquire({ gpu: gpu.asGpu() }),
      () => SOFTWARE_MULTIPLIER,
    );
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await source.dispose();
    await cpu.dispose();
  });

  function create(router?: HybridRouter): { backend: Backend; faults: unknown[] } {
    const faults: unknown[] = [];
    return {
      backend: hybridBackend(cpu, source, { router, onFault: (error) => faults.push(error) }),
      faults,
    };
  }

  /** Two sums in G1, of which the second has half the terms, and one in G2. */
  async function sums(on: Backend, onProgress?: (fraction: number) => void): Promise<GroupSums> {
    const [p, q] = [await on.uploadG1(points.g1), await on.uploadG2(points.g2)];
    const s = await uploadScalars({ curve, backend: () => on }, scalars);
    const half = COUNT.g1 / 2;
    try {
      return await on.msmSums(
        {
          g1: [
            { bases: p, scalars: s },
            { bases: p.slice(0, half), scalars: s.slice(half, COUNT.g1) },
          ],
          g2: [{ bases: q, scalars: s.slice(0, COUNT.g2) }],
        },
        { onProgress },
      );
    } finally {
      for (const vector of [p, q, s]) vector.dispose();
    }
  }

  it('are read back together, however many buffers and passes they take', async () => {
    const { backend, faults } = create();
    vi.spyOn(GpuDevice.prototype, 'maxBindingBytes', 'get').mockReturnValue(2 ** 14);
    const downloads = vi.spyOn(GpuDevice.prototype, 'downloadAll');
    const sorts = vi.spyOn(DigitSort.prototype, 'use');
    expect(await sums(backend)).toEqual(expected);
    expect(downloads).toHaveBeenCalledOnce();
    // Buffers have 256 points in G1 and 128 in G2: five pieces in all, of which some take several passes.
    expect(sorts.mock.calls.length).toBeGreaterThan(5);
    expect(faults).toEqual([]);
  });

  it('run each where the router wants it', async () => {
    const { backend, faults } = create({
      isAwake: true,
      route: async ({ operation, items }) => (operation === 'msmG1' && items > COUNT.g1 / 2 ? 'gpu' : 'cpu'),
    });
    const downloads = vi.spyOn(GpuDevice.prototype, 'downloadAll');
    const [onCpu1, onCpu2] = [vi.spyOn(cpu, 'msmG1'), vi.spyOn(cpu, 'msmG2')];
    expect(await sums(backend)).toEqual(expected);
    expect(downloads).toHaveBeenCalledOnce();
    expect(onCpu2.mock.calls.map(([bases]) => bases.length)).toEqual([COUNT.g2]);
    // The last is the end of the sum that was on the GPU: its windows.
    expect(onCpu1.mock.calls.map(([bases]) => bases.length)).toEqual([COUNT.g1 / 2, expect.any(Number)]);
    expect(onCpu1.mock.calls.at(-1)?.[0].length).toBeLessThan(100);
    expect(faults).toEqual([]);
  });

  it.each([
    ['zeros', (bytes: Uint8Array) => bytes.fill(0), []],
    [
      'no points',
      (bytes: Uint8Array) => {
        bytes[3] = (bytes[3] as number) ^ 4;
      },
      [expect.any(GpuFaultError), expect.any(GpuFaultError)],
    ],
  ])('that come back as %s are computed once more', async (_, damage, faultsOf) => {
    const { backend, faults } = create();
    const download = GpuDevice.prototype.downloadAll;
    vi.spyOn(GpuDevice.prototype, 'downloadAll').mockImplementation(async function (this: GpuDevice, runs) {
      const parts = await download.call(this, runs);
      for (const part of parts) damage(part);
      return parts;
    });
    expect(await sums(backend)).toEqual(expected);
    expect(faults).toEqual(faultsOf);
  });

  it('get over a device that is lost in their middle', async () => {
    const { backend, faults } = create();
    expect(await sums(backend, (fraction) => fraction > 0.3 && gpu.devices[0]?.destroy())).toEqual(expected);
    expect(faults).toEqual([expect.any(DeviceLostError)]);
    expect(gpu.devices).toHaveLength(2);
  });
});
