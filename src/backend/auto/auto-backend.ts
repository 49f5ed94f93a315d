/** The backend that runs each operation where it is measured to be fastest. */

import { GpuUnavailableError, MemoryLimitError } from '../../errors.ts';
import type { DeviceOptions } from '../../gpu/adapter.ts';
import type { Backend } from '../backend.ts';
import { type CalibrationStore, defaultCalibrations } from '../calibration-store.ts';
import { EngineSource } from '../webgpu/engine.ts';
import { isGpuFailure } from '../webgpu/gpu-failures.ts';
import { storedMultiplier } from '../webgpu/stored-multiplier.ts';
import { hybridBackend } from '../webgpu/webgpu-backend.ts';
import { acquireHardware, isOf, keptCalibration, makeCalibration } from './calibration.ts';
import type { Calibration, CostModel } from './cost-model.ts';
import { gpujsHost } from './gpujs-host.ts';
import { placeBesideGpujs } from './gpujs-place.ts';
import { guessedCosts } from './guessed-costs.ts';
import { Router } from './router.ts';

/** Options of {@link createAutoBackend}. */
export interface AutoOptions {
  /** Where a device comes from, once one is worth while. Default: `navigator.gpu`; in Node, the optional package "webgpu". */
  readonly device?: DeviceOptions | undefined;
  /** Keeps what is measured. Default: localStorage in browsers, the process' memory elsewhere. */
  readonly calibrations?: CalibrationStore | undefined;
  /** The package gpu.js, as `await import('gpu.js')` gives it, for where there is no hardware by WebGPU. Default: the one that is installed. */
  readonly gpujs?: unknown;
  /** Told why a GPU is not used, or failed and was got over. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  /** Told the share that is done when the machine is calibrated, which interrupts an operation for some seconds. */
  readonly onCalibrate?: ((fraction: number) => void) | undefined;
}

/**
 * Creates the backend over a CPU backend, which it does not dispose of. It takes no device before the operations that come are long
 * enough for one to pay, calibrates then unless the store has a calibration of this machine, and never uses a software adapter. Where
 * WebGPU offers no hardware, gpu.js is weighed likewise, if it is installed and a GPU runs its kernels. Results are
 * the CPU's byte for byte.
 */
export function createAutoBackend(cpu: Backend, options: AutoOptions = {}): Backend {
  const { calibrations: store = defaultCalibrations(), onFault } = options;
  const source = new EngineSource(
    cpu.curve,
    () => acquireHardware(options.device),
    async (device) => (await storedMultiplier(device, cpu.curve, store)).multiplier,
  );
  const place = placeBesideGpujs(
    cpu,
    gpujsHost(cpu, { gpu: options.gpujs, store, onFault, onCalibrate: options.onCalibrate }),
  );
  let kept: Calibration | undefined;

  /** What `action` gives; nothing, and a report, where the GPU does not do what it should. */
  const ifPossible = async (action: () => Promise<CostModel>): Promise<CostModel | undefined> => {
    try {
      return await action();
    } catch (error) {
      if (!isGpuFailure(error) && !(error instanceof MemoryLimitError)) throw error;
      if (error instanceof GpuUnavailableError) place.open();
      onFault?.(error);
      return undefined;
    }
  };
  const measure = async (signal?: AbortSignal): Promise<CostModel> => {
    kept = await makeCalibration({ cpu, source, store, signal, onProgress: options.onCalibrate });
    return kept.model;
  };
  const router = new Router({
    guess: guessedCosts(cpu),
    recall: async () => {
      kept = await keptCalibration(cpu, store);
      return kept?.model;
    },
    wake: (model) =>
      ifPossible(async () => {
        const engine = await source.current();
        return kept && isOf(kept, engine, source) ? model : measure();
      }),
    calibrate: (signal) => ifPossible(() => measure(signal)),
  });
  const hybrid = hybridBackend(place.backend, source, {
    router,
    onFault: (error) => {
      if (error instanceof GpuUnavailableError) router.close();
      onFault?.(error);
    },
  });
  return {
    ...hybrid,
    name: 'auto',
    threads: cpu.threads,
    dispose: async () => {
      await hybrid.dispose();
      await place.dispose();
    },
  };
}
