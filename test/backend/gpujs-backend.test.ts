import * as gpujs from 'gpu.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGpujsBackend } from '../../src/backend/gpujs/create.ts';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { BLS12_381, BN254, CURVES } from '../../src/curve/curve.ts';
import { DeviceLostError, DisposedError, GpuUnavailableError, OptionError } from '../../src/errors.ts';
import { loadGpujs } from '../../src/gpujs/gpu-js.ts';
import { inCampaign } from '../helpers/fuzz.ts';
import { g1Times } from '../helpers/group-elements.ts';
import { backendContract } from './backend-contract.ts';

// What it computes itself is tested on both curves in test/gpujs, and in a browser.
backendContract(
  'gpu.js, webasm',
  (curve) => createGpujsBackend(curve, { mode: 'webasm' }),
  inCampaign() ? CURVES : [BN254],
);

/** The package's function, which its types leave out. */
const { input } = gpujs as unknown as { readonly input: unknown };

/** gpu.js as it is, with kernels' text or devices altered. */
function altered(alter: (device: gpujs.GPU) => void): unknown {
  class Altered extends gpujs.GPU {
    constructor(settings: object) {
      super(settings);
      alter(this);
    }
  }
  return { GPU: Altered, input };
}

describe('creating the gpu.js backend', () => {
  const fallback = createReferenceBackend(BN254);
  afterEach(() => {
    vi.doUnmock('gpu.js');
  });

  it('takes the best mode there is, and says which', async () => {
    const backend = await createGpujsBackend(BN254, { fallback });
    expect(backend.name).toBe('gpujs');
    expect(backend.mode).toBe('webasm');
    await backend.dispose();
  });

  it('says what to install where gpu.js is missing', async () => {
    vi.doMock('gpu.js', () => {
      throw new Error("Cannot find package 'gpu.js'");
    });
    await expect(loadGpujs()).rejects.toThrow(GpuUnavailableError);
    await expect(loadGpujs()).rejects.toThrow(/npm install gpu\.js/);
  });

  it.each([{}, null, 5, { GPU: class {} }, { default: {} }])('refuses %j as the package', async (gpu) => {
    const creating = createGpujsBackend(BN254, { gpu, fallback });
    await expect(creating).rejects.toMatchObject({ code: 'GPU_UNAVAILABLE' });
  });

  it('takes the package as the default of a namespace, and as a class with the rest on it', async () => {
    const asClass = Object.assign(class extends gpujs.GPU {}, { GPU: gpujs.GPU, input });
    for (const gpu of [{ default: gpujs }, { default: asClass }, asClass]) {
      await (await createGpujsBackend(BN254, { gpu, fallback, mode: 'webasm' })).dispose();
    }
  });

  it('refuses an older gpu.js', async () => {
    const gpu = { GPU: class {}, input: () => ({}) };
    await expect(createGpujsBackend(BN254, { gpu, fallback })).rejects.toThrow(/2\.24/);
  });

  it('refuses modes that there are not, or not here', async () => {
    const unknown = createGpujsBackend(BN254, { mode: 'webgpu' as never, fallback });
    await expect(unknown).rejects.toThrow(OptionError);
    await expect(createGpujsBackend(BN254, { mode: 'webgl2', fallback })).rejects.toThrow(
      GpuUnavailableError,
    );
  });

  it('refuses a fallback on another curve', async () => {
    await expect(createGpujsBackend(BLS12_381, { fallback })).rejects.toThrow(OptionError);
  });

  it('refuses floats that round large sums', async () => {
    const gpu = altered((device) => {
      const create = device.createKernel.bind(device);
      const rounding = 'if (Math.abs(sum) > 1048576.0) { sum = 4.0 * Math.floor(sum * 0.25); } return sum;';
      device.createKernel = ((source: string, settings: object) =>
        create(source.replaceAll('return sum;', rounding) as never, settings)) as never;
    });
    const creating = createGpujsBackend(BN254, { gpu, fallback, mode: 'webasm' });
    await expect(creating).rejects.toThrow(GpuUnavailableError);
    await expect(creating).rejects.toMatchObject({ context: { mode: 'webasm', reason: 'inexact' } });
  });

  it('gives no result once the context is lost', async () => {
    let isLost = false;
    const gpu = altered((device) => {
      Object.assign(device, { context: { isContextLost: () => isLost } });
    });
    const backend = await createGpujsBackend(BN254, { gpu, fallback, mode: 'webasm' });
    const scalars = await backend.uploadFr(packScalars(BN254, [1n, 2n]));
    isLost = true;
    await expect(backend.mulFr(scalars, scalars)).rejects.toThrow(DeviceLostError);
  });

  it('leaves a fallback that it was given to its owner, and ends itself', async () => {
    const backend = await createGpujsBackend(BN254, { fallback, mode: 'webasm' });
    const scalars = await backend.uploadFr(packScalars(BN254, [3n]));
    const points = await backend.uploadG1(g1Times(BN254, 5n));
    expect(await backend.msmG1(points, scalars)).toEqual(g1Times(BN254, 15n));
    await backend.dispose();
    await backend.dispose();
    await expect(backend.mulFr(scalars, scalars)).rejects.toThrow(DisposedError);
    expect(await fallback.msmG1(points, scalars)).toEqual(g1Times(BN254, 15n));
  });

  it('measures itself', async () => {
    const backend = await createGpujsBackend(BN254, { fallback, mode: 'webasm' });
    const { isShader, callMs, additionMs, productMs, msmG1Ms } = await backend.measure();
    expect(isShader).toBe(false);
    for (const ms of [callMs, additionMs, productMs]) expect(ms).toBeGreaterThan(0);
    expect(additionMs).toBeGreaterThan(productMs);
    expect(msmG1Ms(4096)).toBeGreaterThan(2 * msmG1Ms(1024));
    await expect(backend.measure({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    await backend.dispose();
  });
});
