import { afterAll } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { BN254, CURVES, type Curve } from '../../src/curve/curve.ts';
import { inCampaign } from '../helpers/fuzz.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { onDevice } from '../helpers/on-device.ts';
import { backendContract } from './backend-contract.ts';

const cpus = new Map<string, Promise<Backend>>();

afterAll(async () => {
  for (const cpu of cpus.values()) await (await cpu).dispose();
});

// Its kernels are tested on both curves one by one, and in a browser.
const curves = inCampaign() ? CURVES : [BN254];

const createBackend = async (curve: Curve): Promise<Backend> => {
  const cpu = cpus.get(curve.name) ?? createWasmBackend(curve, { threads: 1 });
  cpus.set(curve.name, cpu);
  const backend = await createWebGpuBackend(curve, {
    cpu: await cpu,
    device: { gpu: nodeGpu() },
    onFault: (error) => {
      throw error;
    },
  });
  // Few points that are on the host alone would be left to the CPU.
  return onDevice(backend);
};

backendContract('webgpu', createBackend, curves);
