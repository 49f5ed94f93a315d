import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrate } from '../../../src/backend/auto/calibrate.ts';
import { type Line, OPERATIONS, type Operation } from '../../../src/backend/auto/cost-model.ts';
import { PROBES, type ProbeKind, probeInputs } from '../../../src/backend/auto/probes.ts';
import type { Backend } from '../../../src/backend/backend.ts';
import { createReferenceBackend } from '../../../src/backend/reference/reference-backend.ts';
import { createWasmBackend } from '../../../src/backend/wasm/wasm-backend.ts';
import { ALWAYS_GPU } from '../../../src/backend/webgpu/attempt.ts';
import { EngineSource } from '../../../src/backend/webgpu/engine.ts';
import { hybridBackend } from '../../../src/backend/webgpu/webgpu-backend.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { AbortedError, GpuFaultError } from '../../../src/errors.ts';
import { SOFTWARE_MULTIPLIER } from '../../../src/gpu/choose-multiplier.ts';
import { GpuDevice } from '../../../src/gpu/device.ts';
import { nodeGpu } from '../../helpers/node-gpu.ts';

let cpu: Backend;
beforeAll(async () => {
  cpu = await createWasmBackend(BN254, { threads: 1 });
});
afterAll(() => cpu.dispose());

/** Small enough for a GPU that is none. */
const tiny: Partial<Record<Operation, ProbeKind>> = {
  foldG1: { ...PROBES.foldG1, smallest: 2, largest: 8 },
  msmG1: { ...PROBES.msmG1, smallest: 4, largest: 16 },
};

async function setUp(probes = tiny, runner?: (gpu: Backend) => Backend) {
  const source = new EngineSource(
    BN254,
    () => GpuDevice.acquire({ gpu: nodeGpu() }),
    () => SOFTWARE_MULTIPLIER,
  );
  const engine = await source.current();
  const gpu = hybridBackend(cpu, source, {
    router: ALWAYS_GPU,
    onFault: (error) => {
      throw error;
    },
  });
  return { source, options: { cpu, gpu: runner?.(gpu) ?? gpu, engine, startMs: 7, probes } };
}

describe('probes', () => {
  it('compute the same on every backend, all of them', async () => {
    const inputs = await probeInputs(cpu, {});
    const reference = createReferenceBackend(BN254);
    expect(Object.keys(PROBES).sort()).toEqual([...OPERATIONS].sort());
    for (const operation of OPERATIONS) {
      const results = await Promise.all(
        [cpu, reference].map(async (backend) => {
          const probe = await PROBES[operation].place(backend, inputs, 32);
          const result = await probe.run({});
          if (!(result instanceof Uint8Array)) return backend.read(result);
          return probe.canonical?.(result) ?? result;
        }),
      );
      expect(results[0]?.some((byte) => byte !== 0)).toBe(true);
      expect(results[0], operation).toEqual(results[1]);
    }
  });
});

describe('calibrating', () => {
  it('gives a figure of both sides for everything that was probed', async () => {
    const { source, options } = await setUp();
    const fractions: number[] = [];
    const model = await calibrate({ ...options, onProgress: (fraction) => fractions.push(fraction) });
    for (const side of [model.cpu, model.gpu]) {
      expect(Object.keys(side.operations).sort()).toEqual(['foldG1', 'msmG1']);
      for (const { fixedMs, itemMs } of [
        ...(Object.values(side.operations) as Line[]),
        side.upload,
        side.readBack,
      ]) {
        expect(fixedMs).toBeGreaterThanOrEqual(0);
        expect(itemMs).toBeGreaterThanOrEqual(0);
        expect(fixedMs + itemMs).toBeGreaterThan(0);
      }
    }
    expect(model.gpu.startMs).toBe(7);
    expect(model.gpu.compileMs.msmG1).toBeGreaterThan(0);
    expect(fractions).toEqual([1 / 3, 2 / 3, 1]);
    await source.dispose();
  });

  it('times nothing on a GPU that computes wrongly', async () => {
    const { source, options } = await setUp(
      { msmG1: { ...PROBES.msmG1, smallest: 4, largest: 16 } },
      (gpu) => ({
        ...gpu,
        msmManyG1: async (jobs, run) => {
          const sums = await cpu.msmManyG1(
            await Promise.all(
              jobs.map(async ({ scalars }) => ({
                bases: await cpu.uploadG1(new Uint8Array(64 * scalars.length)),
                scalars: await cpu.uploadFr(await gpu.read(scalars)),
              })),
            ),
            run,
          );
          return sums;
        },
      }),
    );
    await expect(calibrate(options)).rejects.toThrow(GpuFaultError);
    await expect(calibrate(options)).rejects.toThrow(/msmG1/);
    await source.dispose();
  });

  it('can be cancelled', async () => {
    const { source, options } = await setUp();
    await expect(calibrate({ ...options, signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    await source.dispose();
  });
});
