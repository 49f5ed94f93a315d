/** What `sheaf devices` finds: adapters, backends, the multiplier, and what operations cost. */

import { acquireHardware, keptCalibration, makeCalibration } from '../backend/auto/calibration.ts';
import type { Calibration } from '../backend/auto/cost-model.ts';
import { crossovers } from '../backend/auto/crossovers.ts';
import type { CalibrationStore } from '../backend/calibration-store.ts';
import { AVAILABLE_BACKENDS, createBackend } from '../backend/create-backend.ts';
import { EngineSource } from '../backend/webgpu/engine.ts';
import { storedMultiplier } from '../backend/webgpu/stored-multiplier.ts';
import type { Curve } from '../curve/curve.ts';
import { SheafError } from '../errors.ts';
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

async function calibrationOf(options: ReportOptions): Promise<Calibration | undefined> {
  const { curve, store, calibrate, signal, onProgress } = options;
  const cpu = await createBackend(curve, 'wasm');
  const source = new EngineSource(
    curve,
    () => acquireHardware(),
    async (device) => (await storedMultiplier(device, curve, store, { renew: true, signal })).multiplier,
  );
  try {
    if (!calibrate) return await keptCalibration(cpu, store);
    return await makeCalibration({ cpu, source, store, signal, onProgress });
  } finally {
    await source.dispose();
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

/** Looks at everything. Throws GpuUnavailableError where a calibration is asked for and there is no hardware GPU; AbortedError. */
export async function reportDevices(options: ReportOptions): Promise<DeviceReport> {
  const found = await findAdapters();
  const calibration = await calibrationOf(options);
  return {
    curve: options.curve.name,
    ...found,
    backends: await tryBackends(options),
    multiplier: found.adapters.length > 0 ? await multiplierOf(options) : null,
    calibration: calibration ?? null,
    crossovers: calibration ? crossovers(options.curve, calibration.model) : null,
  };
}
