/** A proof made on the WebGPU backend: the same as on the WebAssembly backend; the witness goes up once, and the sums alone come down, once. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { equalBytes } from '../../src/field/bytes.ts';
import { GpuScalars } from '../../src/gpu/scalars.ts';
import { type Groth16Result, groth16, loadProvingKey, loadWitnessGenerator } from '../../src/index.ts';
import { FlakyGpu } from '../helpers/flaky-gpu.ts';
import { describeWithVectors } from '../helpers/vectors.ts';

/** Bytes of scalars that the CPU may see: the weights of a sum's windows and of the verification, not the wires. */
const WITNESS_PART = 16_000;

/** What goes to a device and comes back from it. */
interface Traffic {
  /** Bytes that were written to buffers; parameters, which are words, apart. */
  readonly uploads: Uint8Array[];
  /** Bytes that each mapping showed. */
  readonly readBacks: number[];
}

/** Listens to a device. Buffers that it has already are not heard. */
function listen(device: GPUDevice): Traffic {
  const traffic: Traffic = { uploads: [], readBacks: [] };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const map = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (mode, offset, size) => {
      traffic.readBacks.push(size ?? descriptor.size);
      return map(mode, offset, size);
    };
    return buffer;
  };
  const write = device.queue.writeBuffer.bind(device.queue);
  device.queue.writeBuffer = ((
    buffer: GPUBuffer,
    at: number,
    data: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
    from?: number,
    size?: number,
  ) => {
    if (data instanceof Uint8Array)
      traffic.uploads.push(data.slice(from, from === undefined ? size : from + (size ?? data.length)));
    write(buffer, at, data, from, size);
  }) as GPUQueue['writeBuffer'];
  return traffic;
}

describeWithVectors('Groth16 on the WebGPU backend', (dir) => {
  it('gives the proof of the WebAssembly backend, with one upload of the witness and one read-back', async () => {
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
    const gpu = new FlakyGpu();
    const backend = await createWebGpuBackend(BN254, {
      cpu,
      device: { gpu: gpu.asGpu() },
      onFault: (error) => faults.push(error),
    });
    const traffic = listen(gpu.devices[0] as GPUDevice);
    const generator = await loadWitnessGenerator(`${name}.wasm`);
    const key = await loadProvingKey(`${name}.zkey`, { backend });
    const reads = vi.spyOn(GpuScalars.prototype, 'read');
    const transforms = vi.spyOn(cpu, 'ntt');
    expect(traffic.uploads.length).toBeGreaterThan(0);
    const uploaded = vi.spyOn(cpu, 'uploadFr');
    const proofs: Groth16Result[] = [];
    // The first proof also makes what is kept for later ones, such as twiddles.
    for (const proof of ['first', 'second']) {
      traffic.uploads.length = 0;
      traffic.readBacks.length = 0;
      proofs.push(
        await groth16.fullProve(inputs, generator, key, undefined, undefined, { insecureBlinding }),
      );
      expect(traffic.readBacks, proof).toHaveLength(1);
      const { values } = await generator.calculate(inputs);
      expect(
        traffic.uploads.filter((bytes) => equalBytes(bytes, values)),
        proof,
      ).toHaveLength(1);
      // Besides, each sort is told how many scalars it has: H's, the wires for A, B1 and B2, and the private ones.
      const rest = traffic.uploads.filter((bytes) => !equalBytes(bytes, values)).map(({ length }) => length);
      expect(rest, proof).toEqual([4, 4, 4]);
    }
    // Nor does the CPU see any vector of it.
    expect(Math.max(...uploaded.mock.calls.map(([bytes]) => bytes.length))).toBeLessThan(WITNESS_PART);
    expect(reads).not.toHaveBeenCalled();
    expect(transforms).not.toHaveBeenCalled();
    const expected = await groth16.fullProve(inputs, generator, `${name}.zkey`, undefined, undefined, {
      backend: cpu,
      insecureBlinding,
    });
    expect(proofs).toEqual([expected, expected]);
    const vk = JSON.parse(readFileSync(`${name}.json`, 'utf8')) as object;
    expect(await groth16.verify(vk, expected.publicSignals, expected.proof)).toBe(true);
    expect(faults).toEqual([]);
    key.dispose();
    await generator.dispose();
    await backend.dispose();
    await cpu.dispose();
  }, 300_000);
});
