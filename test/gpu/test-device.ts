/** A device for the tests of one file, and a way to run a kernel on bytes. */

import { afterAll, beforeAll } from 'vitest';
import { GpuDevice } from '../../src/gpu/device.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';

/** Acquires a device for all tests of the file. */
export function useDevice(): () => GpuDevice {
  let device: GpuDevice | undefined;
  beforeAll(async () => {
    device = await GpuDevice.acquire({ gpu: nodeGpu() });
  });
  afterAll(() => device?.dispose());
  return () => {
    if (!device) throw new Error('the device is acquired in a hook; use it inside tests');
    return device;
  };
}

/** One run of a kernel whose bindings are a program store where there is one, inputs, an output and the parameters. */
export interface KernelRun {
  readonly kernel: Kernel;
  readonly program?: Uint32Array<ArrayBuffer>;
  readonly inputs: readonly Uint8Array[];
  readonly outputBytes: number;
  readonly parameters: readonly number[];
  readonly threads: number;
}

/** Runs a kernel once and returns its output. */
export async function runKernel(device: GpuDevice, run: KernelRun): Promise<Uint8Array> {
  const compiled = await device.compile(run.kernel);
  const stores = run.program ? [await device.uploadUniform(run.program)] : [];
  const inputs = await Promise.all(run.inputs.map((bytes) => device.upload(bytes)));
  const output = device.allocate(run.outputBytes);
  const recording = device.record();
  const buffers = [...stores, ...inputs, output];
  recording.dispatchEach(run.threads, {
    kernel: compiled,
    buffers: buffers.map(({ gpu }) => gpu),
    parameters: run.parameters,
  });
  await recording.submit();
  const bytes = await device.download(output.gpu, 0, run.outputBytes);
  for (const buffer of buffers) buffer.release();
  return bytes;
}
