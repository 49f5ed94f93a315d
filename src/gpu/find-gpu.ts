/** Where WebGPU comes from: the platform's own, or in Node the optional package "webgpu" (Dawn). */

import { GpuUnavailableError } from '../errors.ts';

/** What the package exports. Written here, because a package that may be missing cannot be imported for its types. */
interface DawnModule {
  readonly create: (options: string[]) => GPU;
}

/** Dawn's devices crash once the object that they come from is collected: it is kept for good. */
let dawn: Promise<GPU> | undefined;

async function load(): Promise<GPU> {
  // A name in a variable: bundlers and compilers leave an import alone that they cannot resolve.
  const name = 'webgpu';
  let module: DawnModule;
  try {
    module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as DawnModule;
  } catch (error) {
    const isMissing = (error as { code?: unknown } | undefined)?.code === 'ERR_MODULE_NOT_FOUND';
    throw new GpuUnavailableError(
      isMissing
        ? 'Expected the package "webgpu", which brings WebGPU to Node, got none: install it with `npm install webgpu`.'
        : 'The package "webgpu", which brings WebGPU to Node, does not load: check that it has a build for this platform.',
      { package: name },
      error,
    );
  }
  return module.create([]);
}

/** WebGPU of the package "webgpu". Loaded once; throws GpuUnavailableError where the package is missing. */
export function nodeGpu(): Promise<GPU> {
  dawn ??= load();
  dawn.catch(() => {
    dawn = undefined;
  });
  return dawn;
}

/** `navigator.gpu`, or in Node the package "webgpu". Throws GpuUnavailableError that says what to do where neither is there. */
export async function findGpu(): Promise<GPU> {
  const { navigator, process } = globalThis as {
    readonly navigator?: { readonly gpu?: GPU };
    readonly process?: { readonly versions?: { readonly node?: string } };
  };
  if (navigator?.gpu) return navigator.gpu;
  if (process?.versions?.node) return nodeGpu();
  throw new GpuUnavailableError(
    'Expected WebGPU (navigator.gpu), found none: use a browser that has it, on a page from https: or localhost.',
  );
}
