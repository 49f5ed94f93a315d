/** Loads the gpu.js backend when it is asked for, so that others do not pay for it. */

import type { Curve } from '../../curve/curve.ts';
import type { GpujsBackend, GpujsBackendOptions } from './gpujs-backend.ts';

/**
 * Creates the gpu.js backend of a curve, for browsers that have WebGL and no WebGPU. The package `gpu.js` is the caller's to install.
 * Never chosen by itself. Throws GpuUnavailableError where gpu.js is missing, too old, does not start, or does not compute exactly;
 * OptionError for a mode that it does not have or a fallback on another curve.
 */
export async function createGpujsBackend(
  curve: Curve,
  options: GpujsBackendOptions = {},
): Promise<GpujsBackend> {
  const loaded = await import('./gpujs-backend.ts');
  return loaded.createGpujsBackend(curve, options);
}
