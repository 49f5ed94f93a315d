import { describe, expect, it } from 'vitest';
import { adapterName, describeGpu, missingVariables } from '../../bench/lib/gpu-environment.ts';
import { softwareGpuEnv } from '../helpers/chromium-package.ts';

const here = async (): Promise<boolean> => true;
const gone = async (): Promise<boolean> => false;
const software = softwareGpuEnv({});

describe('missingVariables', () => {
  it('are none for a suite without a GPU', async () => {
    expect(await missingVariables(undefined, { SHEAF_GPU: 'software' }, gone)).toBeUndefined();
  });

  it('are none where the machine has a GPU, or is to be taken as it is', async () => {
    expect(await missingVariables('needed', {}, here)).toBeUndefined();
    expect(await missingVariables('needed', { SHEAF_GPU: 'system' }, gone)).toBeUndefined();
  });

  it('are those of the software adapter where a GPU is needed and there is none', async () => {
    expect(await missingVariables('needed', {}, gone)).toEqual({ ...software, SHEAF_GPU: 'software' });
    expect(await missingVariables('optional', {}, gone)).toBeUndefined();
  });

  it('are those of the software adapter where it is asked for, once', async () => {
    const wanted = { SHEAF_GPU: 'software' };
    const variables = await missingVariables('optional', wanted, here);
    expect(variables).toEqual({ ...software, ...wanted });
    expect(await missingVariables('optional', { ...wanted, ...variables }, here)).toBeUndefined();
    expect(await missingVariables('needed', wanted, here)).toEqual(variables);
  });

  it('cannot be told for a choice that does not exist', async () => {
    await expect(missingVariables('needed', { SHEAF_GPU: 'fast' }, here)).rejects.toMatchObject({
      code: 'OPTION',
      message: 'SHEAF_GPU is "fast"; expected system or software.',
    });
  });
});

describe('the description of an adapter', () => {
  it('marks a software adapter', () => {
    const info = { vendor: 'google', architecture: 'swiftshader', device: 'SwiftShader', description: '5.0' };
    const adapter = describeGpu(info as GPUAdapterInfo);
    expect(adapter).toEqual({ ...info, isSoftware: true, driver: '5.0' });
    expect(adapterName(adapter)).toBe('SwiftShader, 5.0 (software adapter)');
  });

  it('names hardware, or its vendor where nothing else is known', () => {
    const info = { vendor: 'nvidia', architecture: 'hopper', device: 'NVIDIA H200', description: '' };
    expect(adapterName(describeGpu(info as GPUAdapterInfo))).toBe('NVIDIA H200');
    expect(adapterName(describeGpu({ ...info, device: '' } as GPUAdapterInfo))).toBe('nvidia');
  });
});
