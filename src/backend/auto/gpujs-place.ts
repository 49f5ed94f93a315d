/**
 * gpu.js as a second place for what a CPU backend does in G1 and with scalars. Vectors stay the CPU backend's, so only results are
 * weighed. It is closed until somebody finds that there is no hardware by WebGPU, and closed for good by its first failure.
 */

import { AbortedError, GpuFaultError, SheafError } from '../../errors.ts';
import type { Backend, Bases, G1Bases, G1Vector, MsmJob, OperationOptions } from '../backend.ts';
import type { GpujsBackend } from '../gpujs/gpujs-backend.ts';
import { sumsInTurn } from '../sums-in-turn.ts';
import type { Operation } from './cost-model.ts';
import { Router, type RouterHost } from './router.ts';

/** How gpu.js is had, and by what it is chosen. */
export interface GpujsHost extends RouterHost {
  /** gpu.js, which is there once the router is awake. */
  current(): GpujsBackend | undefined;
  /** Told of a failure that was got over. */
  onFault(error: unknown): void;
  /** Gives gpu.js back. */
  dispose(): Promise<void>;
}

/** A CPU backend that may send operations to gpu.js. */
export interface GpujsPlace {
  readonly backend: Backend;
  /** Lets gpu.js compete from now on. */
  open(): void;
  /** Gives gpu.js back; the CPU backend stays. */
  dispose(): Promise<void>;
}

/** Bases on both sides. */
class PlacedBases implements Bases<'g1'> {
  readonly kind = 'g1';
  readonly prepared = true;
  readonly length: number;
  readonly onCpu: G1Bases;
  readonly onGpujs: G1Bases;

  constructor(onCpu: G1Bases, onGpujs: G1Bases) {
    this.length = onCpu.length;
    this.onCpu = onCpu;
    this.onGpujs = onGpujs;
  }

  dispose(): void {
    this.onCpu.dispose();
    this.onGpujs.dispose();
  }
}

type Points = G1Vector | G1Bases;

const forCpu = (bases: Points): Points => (bases instanceof PlacedBases ? bases.onCpu : bases);
/** Undefined for bases that were prepared for the CPU alone. */
const forGpujs = (bases: Points): Points | undefined => {
  if (bases instanceof PlacedBases) return bases.onGpujs;
  return 'prepared' in bases ? undefined : bases;
};

/** The error of a failure of gpu.js, as callers know errors. */
export function faultOf(error: unknown): SheafError {
  if (error instanceof SheafError) return error;
  return new GpuFaultError(`gpu.js: ${error instanceof Error ? error.message : String(error)}`, {}, error);
}

/** Puts gpu.js beside a CPU backend, which it does not dispose of. */
export function placeBesideGpujs(cpu: Backend, host: GpujsHost): GpujsPlace {
  const router = new Router(host);
  let isOpen = false;

  const close = async (error: unknown): Promise<void> => {
    // Another operation may have failed at the same time.
    if (!isOpen) return;
    isOpen = false;
    router.close();
    await host.dispose();
    host.onFault(faultOf(error));
  };

  /** gpu.js, where it is to do an operation. */
  const choose = async (
    operation: Operation,
    items: number,
    signal: AbortSignal | undefined,
  ): Promise<GpujsBackend | undefined> => {
    if (!isOpen) return undefined;
    const side = await router.route({ operation, items, inputs: [], outputBytes: 0 }, signal);
    return side === 'gpu' ? host.current() : undefined;
  };

  const attempt = async <T>(
    operation: Operation,
    items: number,
    run: OperationOptions,
    onGpujs: (gpujs: GpujsBackend) => Promise<T>,
    onCpu: () => Promise<T>,
  ): Promise<T> => {
    const gpujs = await choose(operation, items, run.signal);
    if (!gpujs) return onCpu();
    let failure: unknown;
    try {
      return await onGpujs(gpujs);
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      failure = error;
    }
    // What the CPU refuses as well was not the fault of gpu.js.
    const result = await onCpu();
    await close(failure);
    return result;
  };

  const msmMany = (jobs: readonly MsmJob<'g1'>[], run: OperationOptions): Promise<Uint8Array> => {
    const onCpu = (): Promise<Uint8Array> =>
      cpu.msmManyG1(
        jobs.map(({ bases, scalars }) => ({ bases: forCpu(bases), scalars })),
        run,
      );
    const jobsOnGpujs = jobs.flatMap(({ bases, scalars }) => {
      const own = forGpujs(bases);
      return own ? [{ bases: own, scalars }] : [];
    });
    if (jobsOnGpujs.length < jobs.length) return onCpu();
    return attempt(
      jobs.length > 1 ? 'msmManyG1' : 'msmG1',
      jobs.reduce((sum, { bases }) => sum + bases.length, 0),
      run,
      (gpujs) => gpujs.msmManyG1(jobsOnGpujs, run),
      onCpu,
    );
  };

  const backend: Backend = {
    ...cpu,
    prepareG1: async (points, run = {}) => {
      const bases = await cpu.prepareG1(points, run);
      // They are prepared for gpu.js too where a sum over them would run there.
      return attempt<G1Bases>(
        'msmG1',
        points.length,
        run,
        async (gpujs) => new PlacedBases(bases, await gpujs.prepareG1(points, { signal: run.signal })),
        async () => bases,
      );
    },
    msmG1: (bases, scalars, run = {}) => msmMany([{ bases, scalars }], run),
    msmManyG1: (jobs, run = {}) => msmMany(jobs, run),
    msmSums: (jobs, run = {}) =>
      sumsInTurn(
        {
          g1: (job, own) => msmMany([job], own),
          g2: ({ bases, scalars }, own) => cpu.msmG2(bases, scalars, own),
        },
        jobs,
        run,
      ),
    foldG1: (left, right, x, run = {}) =>
      attempt(
        'foldG1',
        left.length,
        run,
        (gpujs) => gpujs.foldG1(left, right, x, run),
        () => cpu.foldG1(left, right, x, run),
      ),
    foldFr: (left, right, x, run = {}) =>
      attempt(
        'foldFr',
        left.length,
        run,
        (gpujs) => gpujs.foldFr(left, right, x, run),
        () => cpu.foldFr(left, right, x, run),
      ),
    mulFr: (left, right, run = {}) =>
      attempt(
        'mulFr',
        left.length,
        run,
        (gpujs) => gpujs.mulFr(left, right, run),
        () => cpu.mulFr(left, right, run),
      ),
  };

  return {
    backend,
    open: () => {
      isOpen = true;
    },
    dispose: async () => {
      isOpen = false;
      router.close();
      await host.dispose();
    },
  };
}
