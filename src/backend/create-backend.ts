/** Choosing a backend by name. The library takes any {@link Backend}; this is for callers who have no preference. */

import type { Curve } from '../curve/curve.ts';
import { OptionError } from '../errors.ts';
import type { AutoOptions } from './auto/auto-backend.ts';
import type { Backend, BackendName } from './backend.ts';
import { createGpujsBackend } from './gpujs/create.ts';
import { createReferenceBackend } from './reference/reference-backend.ts';
import { createWasmBackend } from './wasm/wasm-backend.ts';
import { createWebGpuBackend } from './webgpu/create.ts';

/** A backend by name; `auto` runs each operation where it is measured to be fastest. */
export type BackendChoice = BackendName;

/** Options of {@link createBackend}. */
export type CreateBackendOptions = Pick<AutoOptions, 'calibrations' | 'gpujs' | 'onCalibrate' | 'onFault'>;

type Factory = (curve: Curve, options: CreateBackendOptions) => Backend | Promise<Backend>;

const FACTORIES: Readonly<Record<Exclude<BackendName, 'auto'>, Factory>> = {
  wasm: (curve) => createWasmBackend(curve),
  webgpu: createOnGpu,
  gpujs: (curve, { gpujs }) => createGpujsBackend(curve, { gpu: gpujs }),
  reference: createReferenceBackend,
};

/** Names that {@link createBackend} takes, besides `auto`. */
export const AVAILABLE_BACKENDS: readonly BackendName[] = Object.keys(
  FACTORIES,
) as (keyof typeof FACTORIES)[];

/** A backend with the CPU backend below it, which it takes along when it is disposed of. */
async function withOwnCpu(
  curve: Curve,
  create: (cpu: Backend) => Backend | Promise<Backend>,
): Promise<Backend> {
  const cpu = await createCpu(curve);
  try {
    const backend = await create(cpu);
    return {
      ...backend,
      dispose: async () => {
        await backend.dispose();
        await cpu.dispose();
      },
    };
  } catch (error) {
    await cpu.dispose();
    throw error;
  }
}

/** The WebGPU backend on whatever adapter there is, also a software one: it was asked for by name. */
function createOnGpu(curve: Curve, { calibrations, onFault }: CreateBackendOptions): Promise<Backend> {
  return withOwnCpu(curve, (cpu) => createWebGpuBackend(curve, { cpu, calibrations, onFault }));
}

/** The WebAssembly backend, or the reference where WebAssembly does not run or is forbidden. */
async function createCpu(curve: Curve): Promise<Backend> {
  try {
    return await createWasmBackend(curve);
  } catch {
    return createReferenceBackend(curve);
  }
}

/**
 * Creates a backend for a curve; dispose of it when done. Throws {@link OptionError} for a name that is not available,
 * GpuUnavailableError where a GPU was asked for and there is none.
 */
export async function createBackend(
  curve: Curve,
  choice: BackendChoice = 'auto',
  options: CreateBackendOptions = {},
): Promise<Backend> {
  if (choice === 'auto') {
    const auto = await import('./auto/auto-backend.ts');
    return withOwnCpu(curve, (cpu) => auto.createAutoBackend(cpu, options));
  }
  const factory = Object.hasOwn(FACTORIES, choice) ? FACTORIES[choice] : undefined;
  if (!factory) {
    throw new OptionError(
      `Backend "${choice}" is not available; expected auto or one of: ${AVAILABLE_BACKENDS.join(', ')}.`,
      {
        field: 'backend',
      },
    );
  }
  return factory(curve, options);
}

/** Backends of callers who gave a name: one for all, since each holds memory and threads. */
const shared = new Map<string, Promise<Backend>>();

function sharedBackend(curve: Curve, choice: BackendChoice): Promise<Backend> {
  const id = `${curve.name} ${choice}`;
  let backend = shared.get(id);
  if (!backend) {
    backend = createBackend(curve, choice);
    shared.set(id, backend);
    backend.catch(() => shared.delete(id));
  }
  return backend;
}

/** A backend, the name of one, or what gives one for a curve. */
export type BackendSource = Backend | BackendChoice | ((curve: Curve) => Backend | Promise<Backend>);

/** The backend that a source (or nothing) stands for. Throws {@link OptionError} when its curve differs. */
export async function resolveBackend(curve: Curve, choice: BackendSource = 'auto'): Promise<Backend> {
  const given = typeof choice === 'string' ? sharedBackend(curve, choice) : choice;
  const backend = await (typeof given === 'function' ? given(curve) : given);
  if (backend.curve !== curve) {
    throw new OptionError(`The backend given is for ${backend.curve.name}, the data is on ${curve.name}.`, {
      field: 'backend',
    });
  }
  return backend;
}
