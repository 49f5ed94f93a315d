/** Measures what operations cost on the CPU and on a GPU, on this machine: about two seconds, and what the kernels take to compile. */

import { GpuFaultError, throwIfAborted } from '../../errors.ts';
import { equalBytes } from '../../field/bytes.ts';
import type { Backend } from '../backend.ts';
import type { GpuEngine } from '../webgpu/engine.ts';
import {
  type CostModel,
  type Line,
  lineThrough,
  OPERATIONS,
  type Operation,
  type SideCosts,
} from './cost-model.ts';
import { PROBES, type ProbeInputs, type ProbeKind, probeInputs, probePoints } from './probes.ts';

/** What is measured, and how it is told. */
export interface CalibrateOptions {
  readonly cpu: Backend;
  /** A backend that runs every operation on the engine, and fails where that fails. */
  readonly gpu: Backend;
  readonly engine: GpuEngine;
  /** What it took to get the device. */
  readonly startMs: number;
  /** How each operation is probed; the model has those that are here. */
  readonly probes?: Readonly<Partial<Record<Operation, ProbeKind>>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the share that is done, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** A run that takes this long needs no larger one. */
const LONG_MS = 20;
/** Sizes grow by this factor from run to run. */
const GROWTH = 4;
const REPEATS = 3;
/** Points of the two transfers that are timed. */
const SMALL_TRANSFER = 2 ** 9;
const LARGE_TRANSFER = 2 ** 14;

/** One operation on one side. */
interface Measured {
  readonly line: Line;
  /** Its smallest run. */
  readonly smallMs: number;
}

/** A side with ways to let it forget what earlier runs leave to later ones, and to wait until all that it was asked for is done. */
interface Side {
  readonly backend: Backend;
  forget(): void;
  settle(): Promise<unknown>;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

/** The least of a few times. A long one is taken at once: little disturbs it. */
async function steadyMs(action: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    best = Math.min(best, await timed(action));
    if (best >= LONG_MS) break;
  }
  return best;
}

async function measureOperation(
  { backend, forget, settle }: Side,
  inputs: ProbeInputs,
  probe: ProbeKind,
  signal: AbortSignal | undefined,
): Promise<Measured> {
  const { smallest, largest, place, itemsOf = (size: number) => size } = probe;
  const measure = async (size: number): Promise<{ size: number; items: number; ms: number }> => {
    throwIfAborted(signal);
    const placed = await place(backend, inputs, size);
    try {
      const once = async (): Promise<void> => {
        forget();
        const result = await placed.run({ signal });
        await settle();
        if (!(result instanceof Uint8Array)) result.dispose();
      };
      // The first run also brings the inputs to where they are needed.
      await once();
      return { size, items: itemsOf(size), ms: await steadyMs(once) };
    } finally {
      placed.release();
    }
  };
  const first = await measure(smallest);
  let small = first;
  let large = await measure(GROWTH * smallest);
  while (large.ms < LONG_MS && large.size < largest) {
    small = large;
    large = await measure(GROWTH * large.size);
  }
  // Sums take less an item the more there are: the largest runs tell most about those that are worth a decision.
  return { line: lineThrough(small, large), smallMs: first.ms };
}

/** The bytes of a probe's smallest run. */
async function resultOf(
  backend: Backend,
  inputs: ProbeInputs,
  { smallest, place }: ProbeKind,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const placed = await place(backend, inputs, smallest);
  try {
    const result = await placed.run({ signal });
    if (result instanceof Uint8Array) return (await placed.canonical?.(result)) ?? result;
    const bytes = await backend.read(result);
    result.dispose();
    return bytes;
  } finally {
    placed.release();
  }
}

/** Times of moving points to a side and back, as lines over bytes. */
async function measureTransfers<T>(
  inputs: ProbeInputs,
  upload: (bytes: Uint8Array) => Promise<T>,
  read: (moved: T) => Promise<unknown>,
  release: (moved: T) => void,
): Promise<Pick<SideCosts, 'upload' | 'readBack'>> {
  const measure = async (count: number): Promise<{ items: number; uploadMs: number; readMs: number }> => {
    const bytes = probePoints(inputs, 'g1', count);
    const moved = await upload(bytes);
    const uploadMs = await steadyMs(async () => release(await upload(bytes)));
    await read(moved);
    const readMs = await steadyMs(() => read(moved));
    release(moved);
    return { items: bytes.length, uploadMs, readMs };
  };
  const [small, large] = [await measure(SMALL_TRANSFER), await measure(LARGE_TRANSFER)];
  return {
    upload: lineThrough({ ...small, ms: small.uploadMs }, { ...large, ms: large.uploadMs }),
    readBack: lineThrough({ ...small, ms: small.readMs }, { ...large, ms: large.readMs }),
  };
}

/**
 * Measures all operations. On each, the GPU's result is held against the CPU's before anything is timed. Throws GpuFaultError where they
 * differ, AbortedError, or what the GPU fails with.
 */
export async function calibrate(options: CalibrateOptions): Promise<CostModel> {
  const { engine, startMs, probes = PROBES, signal, onProgress } = options;
  const cpu: Side = { backend: options.cpu, forget: () => {}, settle: async () => {} };
  const gpu: Side = {
    backend: options.gpu,
    forget: () => engine.digits.drop(),
    settle: () => engine.device.settled(),
  };
  const inputs = await probeInputs(cpu.backend, { signal });
  const wanted = OPERATIONS.flatMap((operation) => {
    const probe = probes[operation];
    return probe ? [{ operation, probe }] : [];
  });
  const steps = wanted.length + 1;
  const cpuLines: Partial<Record<Operation, Line>> = {};
  const gpuLines: Partial<Record<Operation, Line>> = {};
  const compileMs: Partial<Record<Operation, number>> = {};
  for (const [i, { operation, probe }] of wanted.entries()) {
    throwIfAborted(signal);
    let got: Uint8Array = new Uint8Array();
    // Compiling is part of the first run on the GPU, which is this one.
    const checkMs = await timed(async () => {
      got = await resultOf(gpu.backend, inputs, probe, signal);
    });
    const expected = await resultOf(cpu.backend, inputs, probe, signal);
    if (!equalBytes(got, expected)) throw new GpuFaultError(`its result of ${operation} is not the CPU's`);
    cpuLines[operation] = (await measureOperation(cpu, inputs, probe, signal)).line;
    const measured = await measureOperation(gpu, inputs, probe, signal);
    gpuLines[operation] = measured.line;
    compileMs[operation] = Math.max(0, checkMs - measured.smallMs);
    onProgress?.((i + 1) / steps);
  }
  const cpuTransfers = await measureTransfers(
    inputs,
    (bytes) => cpu.backend.uploadG1(bytes),
    (vector) => cpu.backend.read(vector),
    (vector) => vector.dispose(),
  );
  const gpuTransfers = await measureTransfers(
    inputs,
    async (bytes) => {
      const segments = await engine.g1.upload(bytes);
      await engine.device.settled();
      return segments;
    },
    (segments) => engine.g1.read(segments),
    (segments) => {
      for (const { buffer } of segments) buffer.release();
    },
  );
  onProgress?.(1);
  return {
    cpu: { operations: cpuLines, ...cpuTransfers },
    gpu: { operations: gpuLines, ...gpuTransfers, startMs, compileMs },
  };
}
