/** WebGPU in Node, from the optional package "webgpu" (Dawn). */

import { GpuUnavailableError } from '../errors.ts';

/** What the package exports. Written here, because a package that may be missing cannot be imported for its types. */
interface DawnModule {
  readonly create: (options: string[]) => GPU;
}

let gpu: Promise<GPU> | undefined;

async function load(): Promise<GPU> {
  // A name in a variable: bundlers and compilers leave an import alone that they cannot resolve.
  const name = 'webgpu';
  let dawn: DawnModule;
  try {
    dawn = (await import(name)) as DawnModule;
  } catch (error) {
    throw new GpuUnavailableError(
      'Expected the package "webgpu", which brings WebGPU to Node, got none: install it with `npm install webgpu`.',
      {},
      error,
    );
  }
  return dawn.create([]);
}

/** WebGPU for `createWebGpuBackend`; throws GpuUnavailableError where the package is missing. Loaded once. */
export function nodeGpu(): Promise<GPU> {
  gpu ??= load();
  gpu.catch(() => {
    gpu = undefined;
  });
  return gpu;
}
