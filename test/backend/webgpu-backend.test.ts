import { afterAll } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { backendContract } from './backend-contract.ts';

const cpus = new Map<string, Promise<Backend>>();

afterAll(async () => {
  for (const cpu of cpus.values()) await (await cpu).dispose();
});

backendContract('webgpu', async (curve) => {
  const cpu = cpus.get(curve.name) ?? createWasmBackend(curve, { threads: 1 });
  cpus.set(curve.name, cpu);
  return createWebGpuBackend(curve, {
    cpu: await cpu,
    device: { gpu: nodeGpu() },
    onFault: (error) => {
      throw error;
    },
  });
});
