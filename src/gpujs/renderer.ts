/** What runs the shaders of gpu.js. */

import type { GpujsDevice } from './gpu-js.ts';

/** `RENDERER` of WebGL. */
const RENDERER = 0x1f01;

/** The name that WebGL gives of what is behind a device that runs shaders; empty where it gives none. */
export function rendererOf(device: GpujsDevice): string {
  // A kernel makes the context; it is never run, and so never compiled.
  if (!device.context) device.createKernel('function() { return 1.0; }', { output: [1] });
  const { context } = device;
  const extension = context?.getExtension?.('WEBGL_debug_renderer_info') as
    | { readonly UNMASKED_RENDERER_WEBGL: number }
    | null
    | undefined;
  const name = context?.getParameter?.(extension?.UNMASKED_RENDERER_WEBGL ?? RENDERER);
  return typeof name === 'string' ? name : '';
}
