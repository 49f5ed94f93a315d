/** Where operations of the WebGPU backend run, and what happens when the GPU fails. */

import type { Side, Work } from '../auto/cost-model.ts';
import { isFewOnHost } from '../auto/few-operands.ts';
import type { EngineSource, GpuEngine } from './engine.ts';
import { isGpuFailure } from './gpu-failures.ts';

/** Decides between the GPU and the CPU backend. */
export interface HybridRouter {
  /** Whether there is a device. As long as there is none, uploads go to the CPU backend at once and no bytes are kept. */
  readonly isAwake: boolean;
  route(work: Work, signal?: AbortSignal): Promise<Side>;
}

/** All that the GPU can do goes there. */
export const ALWAYS_GPU: HybridRouter = { isAwake: true, route: async () => 'gpu' };

/** The same but for few operands that are on the host alone. */
export const PREFER_GPU: HybridRouter = {
  isAwake: true,
  route: async (work) => (isFewOnHost(work) ? 'cpu' : 'gpu'),
};

/** Runs an operation on the GPU, or on the CPU when that fails or is the better place for the work. */
export type Attempt = <T>(
  onGpu: (engine: GpuEngine) => Promise<T>,
  onCpu: () => Promise<T>,
  work: () => Work,
  signal: AbortSignal | undefined,
) => Promise<T>;

/** How operations are tried. */
export interface Attempts {
  /** Where the router wants work to be done. */
  sideOf(work: Work, signal: AbortSignal | undefined): Promise<Side>;
  /** Runs on the GPU, once more after a failure, then on the CPU. */
  withGpu<T>(onGpu: (engine: GpuEngine) => Promise<T>, onCpu: () => Promise<T>): Promise<T>;
  /** Runs with the GPU or at once on the CPU, as the router says. */
  readonly attempt: Attempt;
}

/** Attempts on devices from a source. */
export function attemptsOn(
  source: EngineSource,
  router: HybridRouter,
  onFault: ((error: unknown) => void) | undefined,
): Attempts {
  const withGpu: Attempts['withGpu'] = async (onGpu, onCpu) => {
    for (let tries = 0; tries < 2; tries++) {
      let engine: GpuEngine | undefined;
      try {
        engine = await source.current();
        return await onGpu(engine);
      } catch (error) {
        if (!isGpuFailure(error)) throw error;
        onFault?.(error);
        engine?.digits.drop();
        if (engine && !engine.device.isLost) {
          engine.ntt.trim();
          engine.device.buffers.trim();
        }
      }
    }
    return onCpu();
  };
  const sideOf: Attempts['sideOf'] = (work, signal) => router.route(work, signal);
  const attempt: Attempt = async (onGpu, onCpu, work, signal) =>
    (await sideOf(work(), signal)) === 'cpu' ? onCpu() : withGpu(onGpu, onCpu);
  return { sideOf, withGpu, attempt };
}
