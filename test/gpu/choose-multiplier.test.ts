import { describe, expect, it } from 'vitest';
import { BN254, CURVES } from '../../src/curve/curve.ts';
import { AbortedError, GpuFaultError } from '../../src/errors.ts';
import { chooseMultiplier, measureMultipliers } from '../../src/gpu/choose-multiplier.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { MULTIPLIERS } from '../../src/gpu/shader/field.ts';
import { softwareGpuEnv } from '../helpers/chromium-package.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();
const isSoftware = softwareGpuEnv().VK_DRIVER_FILES !== undefined;
/** Small enough for a GPU that is none. */
const SMALL = { threads: 100, runMs: 0 };

describe('choosing a multiplier', () => {
  it.each(CURVES)('measures every form on $name and takes the fastest', async (curve) => {
    const fractions: number[] = [];
    const { multiplier, productsPerMs } = await measureMultipliers(device(), curve, {
      ...SMALL,
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(Object.keys(productsPerMs).sort()).toEqual([...MULTIPLIERS].sort());
    expect(productsPerMs[multiplier]).toBe(Math.max(...Object.values(productsPerMs)));
    expect(fractions).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  });

  it.runIf(isSoftware)('measures nothing on a software adapter', async () => {
    expect(await chooseMultiplier(device(), BN254)).toEqual({ multiplier: 'loop13', productsPerMs: {} });
  });

  it('leaves out forms that the driver refuses', async () => {
    const own = await GpuDevice.acquire({ gpu: nodeGpu() });
    const create = own.gpu.createShaderModule.bind(own.gpu);
    own.gpu.createShaderModule = (descriptor) =>
      create(/limb|loop/.test(descriptor.label ?? '') ? { ...descriptor, code: 'nonsense' } : descriptor);
    const { multiplier, productsPerMs } = await measureMultipliers(own, BN254, SMALL);
    expect({ multiplier, forms: Object.keys(productsPerMs) }).toEqual({
      multiplier: 'word32',
      forms: ['word32'],
    });
    own.dispose();
  });

  it('takes no form that computes wrongly', async () => {
    const own = await GpuDevice.acquire({ gpu: nodeGpu() });
    const create = own.gpu.createShaderModule.bind(own.gpu);
    // One product too many.
    own.gpu.createShaderModule = (descriptor) =>
      create({ ...descriptor, code: descriptor.code.replace('round = 0u; round <', 'round = 0u; round <=') });
    await expect(measureMultipliers(own, BN254, SMALL)).rejects.toThrow(GpuFaultError);
    own.dispose();
  });

  it('can be cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(measureMultipliers(device(), BN254, { ...SMALL, signal })).rejects.toThrow(AbortedError);
  });
});
