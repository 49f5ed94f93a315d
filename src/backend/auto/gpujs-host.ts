/** Gets gpu.js for the choice by cost: loaded when it may be worth while, and only where a GPU runs its kernels. */

import { AbortedError, GpuUnavailableError } from '../../errors.ts';
import type { Backend } from '../backend.ts';
import type { CalibrationStore } from '../calibration-store.ts';
import { createGpujsBackend } from '../gpujs/create.ts';
import type { GpujsBackend } from '../gpujs/gpujs-backend.ts';
import type { CostModel } from './cost-model.ts';
import {
  type GpujsCalibration,
  isOfGpujs,
  keptGpujsCalibration,
  makeGpujsCalibration,
} from './gpujs-calibration.ts';
import { faultOf, type GpujsHost } from './gpujs-place.ts';
import { guessedCosts } from './guessed-costs.ts';

/** Options of {@link gpujsHost}. */
export interface GpujsHostOptions {
  /** The package; the one that is installed where it is left out. */
  readonly gpu?: unknown;
  readonly store: CalibrationStore;
  readonly onFault?: ((error: unknown) => void) | undefined;
  readonly onCalibrate?: ((fraction: number) => void) | undefined;
}

/** Whether an error says that there is no gpu.js to be chosen, which is nobody's fault. */
function isAbsence(error: unknown): boolean {
  if (!(error instanceof GpuUnavailableError)) return false;
  return error.context.package !== undefined || error.context.reason === 'software';
}

/** The host over a CPU backend, whose vectors gpu.js takes. */
export function gpujsHost(cpu: Backend, options: GpujsHostOptions): GpujsHost {
  const { gpu, store, onFault, onCalibrate } = options;
  let kept: GpujsCalibration | undefined;
  let gpujs: GpujsBackend | undefined;
  let startMs = 0;

  const acquire = async (): Promise<GpujsBackend> => {
    if (gpujs) return gpujs;
    const started = performance.now();
    gpujs = await createGpujsBackend(cpu.curve, { gpu, fallback: cpu, hardwareOnly: true });
    startMs = performance.now() - started;
    return gpujs;
  };
  const dispose = async (): Promise<void> => {
    const own = gpujs;
    gpujs = undefined;
    await own?.dispose();
  };
  const measure = async (signal?: AbortSignal): Promise<CostModel> => {
    const own = await acquire();
    kept = await makeGpujsCalibration({
      cpu,
      gpujs: own,
      startMs,
      store,
      signal,
      onProgress: onCalibrate,
    });
    return kept.model;
  };
  /** What `action` gives; nothing where gpu.js is not there, or does not do what it should. */
  const ifPossible = async (action: () => Promise<CostModel>): Promise<CostModel | undefined> => {
    try {
      return await action();
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      await dispose();
      if (!isAbsence(error)) onFault?.(faultOf(error));
      return undefined;
    }
  };

  return {
    guess: guessedCosts(cpu),
    recall: async () => {
      kept = await keptGpujsCalibration(cpu, store);
      return kept?.model;
    },
    wake: (model) =>
      ifPossible(async () => {
        const own = await acquire();
        return kept && isOfGpujs(kept, own) ? model : measure();
      }),
    calibrate: (signal) => ifPossible(() => measure(signal)),
    current: () => gpujs,
    onFault: (error) => onFault?.(error),
    dispose,
  };
}
