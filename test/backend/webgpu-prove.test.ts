/** A proof made on the WebGPU backend: the same as on the WebAssembly backend, and nothing but sums leaves the device. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { GpuScalars } from '../../src/gpu/scalars.ts';
import { groth16, loadProvingKey, loadWitnessGenerator } from '../../src/index.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { describeWithVectors } from '../helpers/vectors.ts';

describeWithVectors('Groth16 on the WebGPU backend', (dir) => {
  it('gives the proof of the WebAssembly backend, without scalars read back', async () => {
    const name = join(dir, 'zkeys/semaphore/semaphore-1');
    const inputs = {
      secret: '12345',
      merkleProofLength: 1,
      merkleProofIndex: 1,
      merkleProofSiblings: [7n],
      message: '0x10',
      scope: 5,
    };
    const insecureBlinding = { r: BN254.order - 3n, s: 12345678901234567890n };
    const cpu = await createWasmBackend(BN254, { threads: 1 });
    const faults: unknown[] = [];
    const backend = await createWebGpuBackend(BN254, {
      cpu,
      device: { gpu: nodeGpu() },
      onFault: (error) => faults.push(error),
    });
    const generator = await loadWitnessGenerator(`${name}.wasm`);
    const key = await loadProvingKey(`${name}.zkey`, { backend });
    const reads = vi.spyOn(GpuScalars.prototype, 'read');
    const transforms = vi.spyOn(cpu, 'ntt');
    const own = await groth16.fullProve(inputs, generator, key, undefined, undefined, {
      insecureBlinding,
    });
    expect(reads).not.toHaveBeenCalled();
    expect(transforms).not.toHaveBeenCalled();
    const expected = await groth16.fullProve(inputs, generator, `${name}.zkey`, undefined, undefined, {
      backend: cpu,
      insecureBlinding,
    });
    expect(own).toEqual(expected);
    const vk = JSON.parse(readFileSync(`${name}.json`, 'utf8')) as object;
    expect(await groth16.verify(vk, own.publicSignals, own.proof)).toBe(true);
    expect(faults).toEqual([]);
    key.dispose();
    await generator.dispose();
    await backend.dispose();
    await cpu.dispose();
  });
});
