/** gpu.js as Sheaf uses it: the package is the caller's, and optional. */

import { GpuUnavailableError, OptionError } from '../errors.ts';

/** Ways in which gpu.js runs kernels: shaders in a browser, WebAssembly or plain JavaScript elsewhere. */
export type GpujsMode = 'webgl2' | 'webgl' | 'headlessgl' | 'webasm' | 'cpu';

/** An array of numbers with its dimensions, as gpu.js takes it. Made by the package. */
type GpujsInput = object;

/** A kernel of gpu.js. */
export type GpujsKernel = (...values: unknown[]) => unknown;

/** Kernels that run one after another without their results coming back in between. */
export interface GpujsPipeline {
  (...values: unknown[]): Promise<unknown>;
  destroy(): void;
}

/** What of a WebGL context is used. */
export interface GpujsContext {
  isContextLost?(): boolean;
  getExtension?(name: string): unknown;
  getParameter?(name: number): unknown;
}

/** What of a `GPU` of gpu.js is used. */
export interface GpujsDevice {
  readonly mode: string;
  /** What shaders run in; there is none before the first kernel is created. */
  readonly context?: GpujsContext | null;
  createKernel(source: string, settings: object): GpujsKernel;
  createPipeline(
    steps: (...handles: never[]) => unknown,
    settings?: { readonly threads?: boolean },
  ): GpujsPipeline;
  destroy(): Promise<unknown>;
}

/** The package `gpu.js`, as `import * as gpu from 'gpu.js'` gives it. */
export interface GpujsPackage {
  readonly GPU: {
    new (settings?: { readonly mode?: string }): GpujsDevice;
    readonly isWebGL2Supported?: boolean;
    readonly isWebGLSupported?: boolean;
    readonly isHeadlessGLSupported?: boolean;
    readonly isWebAssemblySupported?: boolean;
  };
  readonly input: (values: Float32Array, size: readonly number[]) => GpujsInput;
}

const MODES: readonly GpujsMode[] = ['webgl2', 'webgl', 'headlessgl', 'webasm', 'cpu'];

function isPackage(value: unknown): value is GpujsPackage {
  const { GPU, input } = (value ?? {}) as Partial<GpujsPackage>;
  return typeof GPU === 'function' && typeof input === 'function';
}

/** The package inside what an import gives: a namespace, its default, or the class that carries the rest in browsers. */
function unwrap(module: unknown): GpujsPackage {
  const { default: inner } = (module ?? {}) as { default?: unknown };
  for (const candidate of [module, inner]) if (isPackage(candidate)) return candidate;
  throw new GpuUnavailableError(
    'Expected the package "gpu.js" (version 2.24 or newer), got something else. Pass what import("gpu.js") gives.',
  );
}

/** The package that is installed, or the one that is handed in. Throws {@link GpuUnavailableError} where there is none. */
export async function loadGpujs(given?: unknown): Promise<GpujsPackage> {
  if (given !== undefined) return unwrap(given);
  let module: unknown;
  try {
    module = await import('gpu.js');
  } catch (error) {
    throw new GpuUnavailableError(
      'Expected the package "gpu.js", which Sheaf does not bring along: npm install gpu.js, or use another backend.',
      { package: 'gpu.js' },
      error,
    );
  }
  return unwrap(module);
}

/** The best mode that gpu.js finds here. */
function bestMode({ GPU }: GpujsPackage): GpujsMode {
  if (GPU.isWebGL2Supported) return 'webgl2';
  if (GPU.isWebGLSupported) return 'webgl';
  if (GPU.isHeadlessGLSupported) return 'headlessgl';
  return GPU.isWebAssemblySupported ? 'webasm' : 'cpu';
}

/** A device of gpu.js, in a mode or the best that it finds. Throws {@link OptionError}, {@link GpuUnavailableError}. */
export function openGpujs(gpujs: GpujsPackage, given?: GpujsMode): GpujsDevice {
  if (given !== undefined && !MODES.includes(given)) {
    throw new OptionError(`gpu.js has no mode "${given}" for this; expected one of: ${MODES.join(', ')}.`, {
      field: 'mode',
    });
  }
  const mode = given ?? bestMode(gpujs);
  let device: GpujsDevice;
  try {
    device = new gpujs.GPU({ mode });
  } catch (error) {
    throw new GpuUnavailableError(
      `gpu.js does not start in mode "${mode}" here; leave the mode out to take the best that works.`,
      { mode },
      error,
    );
  }
  if (typeof device.createPipeline === 'function') return device;
  throw new GpuUnavailableError('Expected gpu.js 2.24 or newer, got an older one: update the package.');
}
