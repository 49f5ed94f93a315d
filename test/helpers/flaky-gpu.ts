/** WebGPU whose devices a test can reach, and that can be told to fail or to pass for hardware. */

import { nodeGpu } from './node-gpu.ts';

export class FlakyGpu {
  readonly devices: GPUDevice[] = [];
  isGone = false;
  /** Adapters asked for. */
  requests = 0;
  readonly #hardware: string | undefined;

  /** `hardware`: what the adapter calls itself instead of what it is. */
  constructor(hardware?: string) {
    this.#hardware = hardware;
  }

  asGpu(): GPU {
    return {
      requestAdapter: async (options: GPURequestAdapterOptions) => {
        this.requests++;
        if (this.isGone) return null;
        const adapter = await nodeGpu().requestAdapter(options);
        if (!adapter) return null;
        return {
          limits: adapter.limits,
          info: this.#hardware === undefined ? adapter.info : { vendor: this.#hardware },
          requestDevice: async (descriptor: GPUDeviceDescriptor) => {
            const device = await adapter.requestDevice(descriptor);
            this.devices.push(device);
            return device;
          },
        };
      },
    } as unknown as GPU;
  }
}
