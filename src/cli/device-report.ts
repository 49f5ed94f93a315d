/** What `sheaf devices` finds: adapters, backends, the multiplier, and what operations cost. */

import { acquireHardware, keptCalibration, makeCalibration } from '../backend/auto/calibration.ts';
import type { Calibration } from '../backend/auto/cost-model.ts';
import { crossovers, gpujsCrossovers } from '../backend/auto/crossovers.ts';
import {
  type GpujsCalibration,
  isOfGpujs,
  keptGpujsCalibration,
  makeGpujsCalibration,
} from '../backend/auto/gpujs-calibration.ts';
import type { Backend } from '../backend/backend.ts';
import type { CalibrationStore } from '../backend/calibration-store.ts';
import { AVAILABLE_BACKENDS, createBackend } from '../backend/create-backend.ts';
import { createGpujsBackend } from '../backend/gpujs/create.ts';
import type { GpujsBackend } from '../backend/gpujs/gpujs-backend.ts';
import { EngineSource } from '../backend/webgpu/engine.ts';
import { storedMultiplier } from '../backend/webgpu/stored-multiplier.ts';
import type { Curve } from '../curve/curve.ts';
import { GpuUnavailableError, SheafError } from '../errors.ts';
import type { MultiplierChoice } from '../gpu/choose-multiplier.ts';
import { GpuDevice } from '../gpu/device.ts';
import { type ListedAdapter, listAdapters } from '../gpu/list-adapters.ts';

/** A backend by its name. */
export interface ListedBackend {
  readonly name: string;
  readonly available: boolean;
  readonly threads?: number;
  /** Why it is not available. */
  readonly reason?: string;
}

/** How gpu.js runs here, and what it was measured to. */
export interface GpujsReport extends Pick<GpujsBackend, 'mode' | 'renderer' | 'isSoftware'> {
  /** What was measured of it as it runs; null: nothing yet. */
  readonly calibration: GpujsCalibration | null;
  /** Items from which on `auto` takes it where WebGPU has no hardware, by operation. */
  readonly crossovers: Readonly<Record<string, number | null>> | null;
}

/** Everything that the command prints. */
export interface DeviceReport {
  readonly curve: string;
  readonly adapters: readonly ListedAdapter[];
  /** Why there are none. */
  readonly noAdapter: string | null;
  readonly backends: readonly ListedBackend[];
  /** Of the first adapter. */
  readonly multiplier: MultiplierChoice | null;
  /** What was measured here; null: nothing yet. */
  readonly calibration: Calibration | null;
  /** Items from which on `auto` takes the GPU, by operation. */
  readonly crossovers: Readonly<Record<string, number | null>> | null;
  /** Null where gpu.js does not run. */
  readonly gpujs: GpujsReport | null;
}

/** Options of {@link reportDevices}. */
export interface ReportOptions {
  readonly curve: Curve;
  readonly store: CalibrationStore;
  /** Measures even where there is a calibration. */
  readonly calibrate: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

/** The message of an error that says what is missing; any other error is thrown. */
function reasonOf(error: unknown): string {
  if (error instanceof SheafError) return error.message;
  throw error;
}

async function findAdapters(): Promise<Pick<DeviceReport, 'adapters' | 'noAdapter'>> {
  try {
    const adapters = await listAdapters();
    const none = 'WebGPU offers no adapter: check that the driver is installed (on Linux, Vulkan).';
    return { adapters, noAdapter: adapters.length === 0 ? none : null };
  } catch (error) {
    return { adapters: [], noAdapter: reasonOf(error) };
  }
}

async function tryBackends({ curve, store }: ReportOptions): Promise<ListedBackend[]> {
  const listed: ListedBackend[] = [];
  for (const name of AVAILABLE_BACKENDS) {
    try {
      const backend = await createBackend(curve, name, { calibrations: store });
      listed.push({ name, available: true, threads: backend.threads });
      await backend.dispose();
    } catch (error) {
      listed.push({ name, available: false, reason: reasonOf(error) });
    }
  }
  return listed;
}

type Measured = Pick<DeviceReport, 'calibration' | 'crossovers' | 'gpujs'>;

/** What was measured of the GPU by WebGPU; measures it where that is asked for. */
async function calibrationOf(cpu: Backend, options: ReportOptions): Promise<Calibration | undefined> {
  const { curve, store, calibrate, signal, onProgress } = options;
  if (!calibrate) return keptCalibration(cpu, store);
  const source = new EngineSource(
    curve,
    () => acquireHardware(),
    async (device) => (await storedMultiplier(device, curve, store, { renew: true, signal })).multiplier,
  );
  try {
    return await makeCalibration({ cpu, source, store, signal, onProgress });
  } finally {
    await source.dispose();
  }
}

/** gpu.js, where it runs; measured where that is asked for and a GPU runs it. */
async function gpujsOf(
  cpu: Backend,
  { curve, store, calibrate, signal, onProgress }: ReportOptions,
): Promise<GpujsReport | null> {
  const started = performance.now();
  let gpujs: GpujsBackend;
  try {
    gpujs = await createGpujsBackend(curve, { fallback: cpu });
  } catch (error) {
    // Which is said among the backends.
    reasonOf(error);
    return null;
  }
  const startMs = performance.now() - started;
  const { mode, renderer, isSoftware } = gpujs;
  try {
    const isMeasured = calibrate && !isSoftware;
    const calibration = isMeasured
      ? await makeGpujsCalibration({ cpu, gpujs, startMs, store, signal, onProgress })
      : await keptGpujsCalibration(cpu, store);
    const isOwn = calibration !== undefined && isOfGpujs(calibration, gpujs);
    return {
      mode,
      renderer,
      isSoftware,
      calibration: isOwn ? calibration : null,
      crossovers: isOwn ? gpujsCrossovers(calibration) : null,
    };
  } finally {
    await gpujs.dispose();
  }
}

/** Measures both, or reads what was kept. Where there is no hardware by WebGPU, a calibration of gpu.js is one too. */
async function measuredOf(options: ReportOptions): Promise<Measured> {
  const { onProgress } = options;
  const cpu = await createBackend(options.curve, 'wasm');
  try {
    let calibration: Calibration | undefined;
    let refusal: unknown;
    try {
      calibration = await calibrationOf(cpu, {
        ...options,
        onProgress: (fraction) => onProgress(fraction / 2),
      });
    } catch (error) {
      if (!(error instanceof GpuUnavailableError)) throw error;
      refusal = error;
    }
    const gpujs = await gpujsOf(cpu, {
      ...options,
      onProgress: (fraction) => onProgress((1 + fraction) / 2),
    });
    if (refusal !== undefined && (!gpujs || gpujs.isSoftware)) throw refusal;
    onProgress(1);
    return {
      calibration: calibration ?? null,
      crossovers: calibration ? crossovers(options.curve, calibration.model) : null,
      gpujs,
    };
  } finally {
    await cpu.dispose();
  }
}

async function multiplierOf({ curve, store, signal }: ReportOptions): Promise<MultiplierChoice> {
  const device = await GpuDevice.acquire();
  try {
    return await storedMultiplier(device, curve, store, { signal });
  } finally {
    device.dispose();
  }
}

/**
 * Looks at everything. Throws GpuUnavailableError where a calibration is asked for and there is no hardware GPU, by WebGPU or gpu.js;
 * AbortedError.
 */
export async function reportDevices(options: ReportOptions): Promise<DeviceReport> {
  const found = await findAdapters();
  const measured = await measuredOf(options);
  return {
    curve: options.curve.name,
    ...found,
    backends: await tryBackends(options),
    multiplier: found.adapters.length > 0 ? await multiplierOf(options) : null,
    ...measured,
  };
}
