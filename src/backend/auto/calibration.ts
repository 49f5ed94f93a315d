/** Calibrations of machines: made on a hardware GPU, kept in a store, and read from it. */

import { GpuUnavailableError } from '../../errors.ts';
import type { DeviceOptions } from '../../gpu/adapter.ts';
import { GpuDevice } from '../../gpu/device.ts';
import type { Backend } from '../backend.ts';
import { type CalibrationStore, readCalibration, writeCalibration } from '../calibration-store.ts';
import { ALWAYS_GPU } from '../webgpu/attempt.ts';
import type { EngineSource, GpuEngine } from '../webgpu/engine.ts';
import { adapterName } from '../webgpu/stored-multiplier.ts';
import { hybridBackend } from '../webgpu/webgpu-backend.ts';
import { calibrate, type Rival } from './calibrate.ts';
import { type Calibration, packCalibration, unpackCalibration } from './cost-model.ts';
import { calibrationKey, cpuSideOf, isOfCpu } from './machine.ts';

/** Acquires a device that is hardware. Throws GpuUnavailableError where there is none, also where there is a software adapter. */
export async function acquireHardware(options: DeviceOptions = {}): Promise<GpuDevice> {
  const device = await GpuDevice.acquire(options);
  if (!device.adapter.isSoftware) return device;
  device.dispose();
  throw new GpuUnavailableError(
    `Expected a hardware GPU, got the software adapter "${adapterName(device.adapter)}", which is no faster than the CPU: install the GPU's driver, or name the backend webgpu to use it all the same.`,
    { adapter: adapterName(device.adapter) },
  );
}

const KIND = 'costs';

/** Whether a calibration is of a device as it is now. */
export function isOf(
  { adapter, multiplier }: Calibration,
  { device }: GpuEngine,
  source: EngineSource,
): boolean {
  return adapter === adapterName(device.adapter) && multiplier === source.multiplier;
}

/** The calibration that is kept for a CPU backend on whatever GPU there was; undefined where there is none of use. */
export async function keptCalibration(
  cpu: Backend,
  store: CalibrationStore,
): Promise<Calibration | undefined> {
  const kept = await readCalibration(store, calibrationKey(KIND, cpu), unpackCalibration);
  return kept && isOfCpu(kept, cpu) ? kept : undefined;
}

/** Options of {@link makeCalibration}. */
export interface MakeCalibrationOptions {
  readonly cpu: Backend;
  /** Gives the device; the caller's to dispose of. */
  readonly source: EngineSource;
  readonly store: CalibrationStore;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** The engine as calibrations take it. */
export function rivalOf(cpu: Backend, source: EngineSource, engine: GpuEngine, startMs: number): Rival {
  return {
    backend: hybridBackend(cpu, source, {
      router: ALWAYS_GPU,
      onFault: (error) => {
        throw error;
      },
    }),
    startMs,
    forget: () => engine.digits.drop(),
    settle: () => engine.device.settled(),
    upload: async (bytes) => {
      const segments = await engine.g1.upload(bytes);
      await engine.device.settled();
      return {
        read: () => engine.g1.read(segments),
        release: () => {
          for (const { buffer } of segments) buffer.release();
        },
      };
    },
  };
}

/** Measures and keeps. Throws what a GPU fails with, GpuFaultError where it computes wrongly, AbortedError. */
export async function makeCalibration(options: MakeCalibrationOptions): Promise<Calibration> {
  const { cpu, source, store, signal, onProgress } = options;
  const started = performance.now();
  const engine = await source.current();
  const startMs = performance.now() - started;
  const model = await calibrate({ cpu, rival: rivalOf(cpu, source, engine, startMs), signal, onProgress });
  const calibration: Calibration = {
    ...cpuSideOf(cpu),
    adapter: adapterName(engine.device.adapter),
    multiplier: source.multiplier,
    model,
  };
  await writeCalibration(store, calibrationKey(KIND, cpu), packCalibration(calibration));
  return calibration;
}
