import { describe, expect, it } from 'vitest';
import { softwareGpuEnv } from '../helpers/chromium-package.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { murmurFinalizer, PROBE_LENGTH, runHashProbe } from './hash-probe.ts';

describe('WebGPU in Node', () => {
  it('runs a compute shader, on SwiftShader unless the machine has its own GPU used', async () => {
    const { architecture, values } = await runHashProbe({ length: PROBE_LENGTH, gpu: nodeGpu() });
    expect(values).toEqual(Array.from({ length: PROBE_LENGTH }, (_, i) => murmurFinalizer(i)));
    if (softwareGpuEnv().VK_DRIVER_FILES !== undefined) expect(architecture).toBe('swiftshader');
  });

  it("leaves the machine's own GPU alone where SHEAF_GPU asks for it", () => {
    expect(softwareGpuEnv({ SHEAF_GPU: 'system', LD_LIBRARY_PATH: '/lib' })).toEqual({});
  });
});
