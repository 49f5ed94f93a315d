/** What gpu.js costs against the CPU backend: measured where it runs on a GPU, kept in a store, and read from it. */

import * as v from 'valibot';
import type { Backend } from '../backend.ts';
import { type CalibrationStore, readCalibration, writeCalibration } from '../calibration-store.ts';
import type { GpujsBackend } from '../gpujs/gpujs-backend.ts';
import { calibrate } from './calibrate.ts';
import {
  type Calibration,
  type CostModel,
  MODEL_VERSION,
  type Operation,
  unpackModel,
} from './cost-model.ts';
import { calibrationKey, cpuSideOf, isOfCpu } from './machine.ts';
import { PROBES, type ProbeKind } from './probes.ts';

type GpujsOperation = Extract<Operation, 'foldFr' | 'mulFr' | 'msmG1' | 'msmManyG1' | 'foldG1'>;

/** What gpu.js does itself, in the order in which it is measured: what is most likely to win comes last and has all the time that is left. */
export const GPUJS_OPERATIONS: readonly GpujsOperation[] = [
  'foldFr',
  'mulFr',
  'msmG1',
  'msmManyG1',
  'foldG1',
];

/** A model with what it was measured on. */
export interface GpujsCalibration extends Pick<Calibration, 'curve' | 'cpu' | 'threads' | 'model'> {
  readonly mode: string;
  readonly renderer: string;
}

/** A small run, which is nearly all fixed part, then one that fills calls of 4096 elements: those between say little of either. */
const SHAPES: Readonly<Record<GpujsOperation, Pick<ProbeKind, 'smallest' | 'largest' | 'growth'>>> = {
  foldFr: { smallest: 2 ** 8, largest: 2 ** 15, growth: 2 ** 7 },
  mulFr: { smallest: 2 ** 8, largest: 2 ** 15, growth: 2 ** 7 },
  msmG1: { smallest: 2 ** 6, largest: 2 ** 14, growth: 2 ** 8 },
  msmManyG1: { smallest: 2 ** 5, largest: 2 ** 11, growth: 2 ** 6 },
  foldG1: { smallest: 2 ** 4, largest: 2 ** 12, growth: 2 ** 8 },
};

const GPUJS_PROBES: Readonly<Partial<Record<Operation, ProbeKind>>> = Object.fromEntries(
  GPUJS_OPERATIONS.map((operation) => [operation, { ...PROBES[operation], ...SHAPES[operation] }]),
);

/** Where gpu.js takes this many times as long as the CPU, it is not looked at further. */
const GIVE_UP_AT = 4;
/** Milliseconds of all runs: a fold alone is hundreds of calls. */
const BUDGET_MS = 3000;

const placeSchema = v.object({ mode: v.string(), renderer: v.string() });

const KIND = 'gpujs';

/** Whether a calibration is of gpu.js as it runs now. */
export function isOfGpujs(calibration: GpujsCalibration, { mode, renderer }: GpujsBackend): boolean {
  return calibration.mode === mode && calibration.renderer === renderer;
}

/** The calibration that is kept for a CPU backend and whatever gpu.js ran on; undefined where there is none of use. */
export async function keptGpujsCalibration(
  cpu: Backend,
  store: CalibrationStore,
): Promise<GpujsCalibration | undefined> {
  const kept = await readCalibration(store, calibrationKey(KIND, cpu), (value) => {
    const [model, place] = [unpackModel(value), v.safeParse(placeSchema, value)];
    return model && place.success ? { ...model, ...place.output } : undefined;
  });
  return kept && isOfCpu(kept, cpu) ? kept : undefined;
}

/** Options of {@link makeGpujsCalibration}. */
export interface MakeGpujsCalibrationOptions {
  readonly cpu: Backend;
  readonly gpujs: GpujsBackend;
  /** What it took to have it. */
  readonly startMs: number;
  readonly store: CalibrationStore;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Measures and keeps. Throws GpuFaultError where gpu.js computes wrongly, AbortedError, and what gpu.js fails with. */
export async function makeGpujsCalibration(options: MakeGpujsCalibrationOptions): Promise<GpujsCalibration> {
  const { cpu, gpujs, startMs, store, signal, onProgress } = options;
  const model: CostModel = await calibrate({
    cpu,
    rival: { backend: gpujs, startMs, giveUpAt: GIVE_UP_AT },
    probes: GPUJS_PROBES,
    budgetMs: BUDGET_MS,
    signal,
    onProgress,
  });
  const calibration = { ...cpuSideOf(cpu), mode: gpujs.mode, renderer: gpujs.renderer, model };
  await writeCalibration(store, calibrationKey(KIND, cpu), { version: MODEL_VERSION, ...calibration });
  return calibration;
}
