/** WebGPU in Node, by Dawn. The tests' processes start with the environment of `softwareGpuEnv`. */

import { create, globals } from 'webgpu';

let gpu: GPU | undefined;

/** What `navigator.gpu` is in a browser; its constants (`GPUBufferUsage`, …) become globals, as they are there. */
export function nodeGpu(): GPU {
  if (!gpu) {
    Object.assign(globalThis, globals);
    gpu = create([]);
  }
  return gpu;
}
