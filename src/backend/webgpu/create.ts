/** Loads the WebGPU backend when it is asked for: shaders and what drives them are a quarter of the package's code. */

import type { Curve } from '../../curve/curve.ts';
import type { Backend } from '../backend.ts';
import type { WebGpuBackendOptions } from './webgpu-backend.ts';

/**
 * Creates the WebGPU backend of a curve. A device is acquired at once, so that this rejects with GpuUnavailableError where there
 * is none; later failures of the GPU are got over: the operation is tried once more, on another device where the first is
 * lost, and then done by the CPU backend. Throws OptionError for a CPU backend of another curve.
 */
export async function createWebGpuBackend(curve: Curve, options: WebGpuBackendOptions): Promise<Backend> {
  const loaded = await import('./webgpu-backend.ts');
  return loaded.createWebGpuBackend(curve, options);
}
