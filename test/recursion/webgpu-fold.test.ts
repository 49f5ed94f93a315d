/** Folds on the WebGPU backend, and the GPU failing in the middle of them. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { ALWAYS_GPU } from '../../src/backend/webgpu/attempt.ts';
import { EngineSource } from '../../src/backend/webgpu/engine.ts';
import { hybridBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { DeviceLostError, GpuFaultError, GpuUnavailableError } from '../../src/errors.ts';
import { SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { createMemoryLineStore } from '../../src/recursion/srs/line-store.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import { FlakyGpu } from '../helpers/flaky-gpu.ts';
import { syntheticBatch } from '../helpers/synthetic-groth16.ts';
import { syntheticSrs } from '../helpers/synthetic-srs.ts';

const { members } = syntheticBatch(BN254, {
  keys: [{ alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 13n] }],
  proofs: Array.from({ length: 4 }, (_, i) => ({ key: 0, inputs: [BigInt(i)], a: 3n + BigInt(i), b: 4n })),
});
/** In the rounds, of which there are two: everything before is on the device. */
const MIDDLE = 0.6;

describe('a fold on the GPU', () => {
  const gpu = new FlakyGpu();
  const faults: unknown[] = [];
  let cpu: Backend;
  let source: EngineSource;
  let backend: Backend;
  let srs: Srs;
  let expected: Uint8Array;
  beforeAll(async () => {
    cpu = await createWasmBackend(BN254, { threads: 1 });
    srs = await syntheticSrs(cpu, 4, [12345n, 67890n]);
    expected = (await aggregate(members, { srs, backend: cpu })).bytes;
    const acquire = (): Promise<GpuDevice> => GpuDevice.acquire({ gpu: gpu.asGpu() });
    source = new EngineSource(BN254, acquire, () => SOFTWARE_MULTIPLIER);
    // So few elements would be left to the CPU.
    backend = hybridBackend(cpu, source, { router: ALWAYS_GPU, onFault: (error) => faults.push(error) });
  });
  afterAll(async () => {
    await backend.dispose();
    await cpu.dispose();
  });

  /** Folds, and does something to the GPU in the middle. */
  async function foldWith(inTheMiddle: () => void): Promise<Uint8Array> {
    let isDone = false;
    const { bytes } = await aggregate(members, {
      srs,
      backend,
      onProgress: ({ phase, fraction }) => {
        if (isDone || phase !== 'fold' || fraction < MIDDLE) return;
        isDone = true;
        inTheMiddle();
      },
    });
    expect(isDone).toBe(true);
    return bytes;
  }

  it('gives the composite of the CPU, byte for byte', async () => {
    expect(await foldWith(() => {})).toEqual(expected);
    expect(faults).toEqual([]);
  }, 300_000);

  it('keeps lines of the string as the CPU does', async () => {
    const lines = createMemoryLineStore();
    for (let i = 0; i < 2; i++) {
      expect((await aggregate(members, { srs, backend, lines })).bytes).toEqual(expected);
    }
    // What one backend kept serves the other.
    expect((await aggregate(members, { srs, backend: cpu, lines })).bytes).toEqual(expected);
    expect(faults).toEqual([]);
  });

  it('comes out the same when the GPU has no memory left from its middle on', async () => {
    const [device] = gpu.devices as [GPUDevice];
    const own = device.createBuffer.bind(device);
    const { buffers } = (await source.current()).device;
    const bytes = await foldWith(() => {
      // Nothing is left of earlier folds either.
      buffers.trim();
      device.createBuffer = (descriptor) => own({ ...descriptor, usage: 0xffff });
    });
    device.createBuffer = own;
    expect(bytes).toEqual(expected);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.every((fault) => fault instanceof GpuFaultError)).toBe(true);
  });

  it('comes out the same when the device is lost in its middle, and no other is to be had', async () => {
    faults.length = 0;
    const bytes = await foldWith(() => {
      gpu.isGone = true;
      for (const device of gpu.devices) device.destroy();
    });
    expect(bytes).toEqual(expected);
    expect(faults.length).toBeGreaterThan(0);
    const kinds = [DeviceLostError, GpuUnavailableError];
    expect(faults.every((fault) => kinds.some((kind) => fault instanceof kind))).toBe(true);
  });
});
