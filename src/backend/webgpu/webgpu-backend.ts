/** The GPU backend: WebGPU kernels for sums of points, folds, scalars, transforms and Miller loops, an injected CPU backend for the rest. */

import type { Curve } from '../../curve/curve.ts';
import {
  assertLength,
  FieldElementOutOfRangeError,
  InternalError,
  LengthMismatchError,
  OptionError,
  ScalarOutOfRangeError,
  throwIfAborted,
} from '../../errors.ts';
import { isZeroBytes } from '../../field/bytes.ts';
import type { DeviceOptions } from '../../gpu/adapter.ts';
import { GpuDevice } from '../../gpu/device.ts';
import { allocateSegments } from '../../gpu/segments.ts';
import type { MultiplierName } from '../../gpu/shader/field.ts';
import type { Side, Work } from '../auto/cost-model.ts';
import type {
  Backend,
  BackendVector,
  Bases,
  Encoding,
  MsmJob,
  OperationOptions,
  VectorKind,
} from '../backend.ts';
import { type CalibrationStore, defaultCalibrations } from '../calibration-store.ts';
import { firstOutOfRange } from './check-range.ts';
import { cpuLines } from './cpu-lines.ts';
import { cpuProducts, deviceMiller, doubtfulProducts, hybridProducts } from './device-miller.ts';
import { deviceMsm } from './device-msm.ts';
import { deviceScalars } from './device-scalars.ts';
import { EngineSource, type GpuEngine } from './engine.ts';
import { isGpuFailure } from './gpu-failures.ts';
import { type HybridVector, hybridOf, OwnVector, type VectorHome } from './hybrid-vector.ts';
import { storedMultiplier } from './stored-multiplier.ts';

/** Options of {@link createWebGpuBackend}. */
export interface WebGpuBackendOptions {
  /** Backend of the same curve for what the GPU does not do, and for everything when it fails. It is not disposed of. */
  readonly cpu: Backend;
  /** Where the device comes from. Default: `navigator.gpu`; in Node, the optional package "webgpu". */
  readonly device?: DeviceOptions | undefined;
  /** Form of the multiplier. Default: the fastest, measured once a device; `loop13` on software adapters. */
  readonly multiplier?: MultiplierName | undefined;
  /** Keeps what is measured. Default: localStorage in browsers, the process' memory elsewhere. */
  readonly calibrations?: CalibrationStore | undefined;
  /** Told of each failure of the GPU that the backend gets over, by another try or on the CPU. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

type PointKind = 'g1' | 'g2';

/** Sums in the cost model. */
const MSM = {
  one: { g1: 'msmG1', g2: 'msmG2' },
  many: { g1: 'msmManyG1', g2: 'msmManyG2' },
} as const;

/** Decides between the GPU and the CPU backend; without one, all that the GPU can do goes there. */
export interface HybridRouter {
  /** Whether there is a device. As long as there is none, uploads go to the CPU backend at once and no bytes are kept. */
  readonly isAwake: boolean;
  route(work: Work, signal?: AbortSignal): Promise<Side>;
}

/** Prepared bases: points that are on the device, or bases of the CPU backend where that is to use them. */
class HybridBases<K extends PointKind> implements Bases<K> {
  readonly kind: K;
  readonly length: number;
  readonly prepared = true;
  readonly home: VectorHome;
  readonly source: HybridVector<K> | Bases<K>;

  constructor(home: VectorHome, source: HybridVector<K> | Bases<K>) {
    this.home = home;
    this.kind = source.kind;
    this.length = source.length;
    this.source = source;
  }

  dispose(): void {
    this.source.dispose();
  }
}

/** As `createWebGpuBackend` of create.ts, which loads this module. */
export async function createWebGpuBackend(curve: Curve, options: WebGpuBackendOptions): Promise<Backend> {
  const { cpu, multiplier, calibrations = defaultCalibrations(), onFault } = options;
  if (cpu.curve !== curve) {
    throw new OptionError(`The CPU backend given is for ${cpu.curve.name}, expected ${curve.name}.`, {
      field: 'cpu',
    });
  }
  const source = new EngineSource(
    curve,
    () => GpuDevice.acquire(options.device),
    async (device) => multiplier ?? (await storedMultiplier(device, curve, calibrations)).multiplier,
  );
  await source.current();
  return hybridBackend(cpu, source, { onFault });
}

/** What {@link hybridBackend} may be told. */
export interface HybridOptions {
  readonly router?: HybridRouter | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** The backend on devices from a source, which it disposes of, and on a CPU backend of the same curve, which it does not. */
export function hybridBackend(cpu: Backend, source: EngineSource, options: HybridOptions): Backend {
  const { curve } = cpu;
  const { router, onFault } = options;
  const home: VectorHome = {
    cpu,
    upload: (engine, kind, bytes, encoding) =>
      (kind === 'fr' ? engine.scalars : engine[kind]).upload(bytes, encoding),
    download: (engine, kind, segments) => (kind === 'fr' ? engine.scalars : engine[kind]).read(segments),
    onFault: (error) => onFault?.(error),
  };

  /** Runs on the GPU, once more after a failure, then on the CPU; at once on the CPU where that is the router's choice. */
  const attempt = async <T>(
    onGpu: (engine: GpuEngine) => Promise<T>,
    onCpu: () => Promise<T>,
    work?: () => Work,
    signal?: AbortSignal,
  ): Promise<T> => {
    // What the router cannot weigh is not risked.
    if (router && (!work || (await router.route(work(), signal)) === 'cpu')) return onCpu();
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

  const upload = async <K extends VectorKind>(
    kind: K,
    bytes: Uint8Array,
    encoding: Encoding = 'canonical',
  ): Promise<HybridVector<K>> => {
    const size = { fr: curve.frBytes, g1: curve.g1Bytes, g2: curve.g2Bytes }[kind];
    if (bytes.length % size !== 0) {
      throw new LengthMismatchError(
        kind === 'fr' ? 'Scalars' : 'Points',
        `a multiple of ${size} bytes`,
        bytes.length,
      );
    }
    if (router && !router.isAwake) {
      const toCpu = { fr: cpu.uploadFr, g1: cpu.uploadG1, g2: cpu.uploadG2 }[kind];
      return onCpuOnly((await toCpu(bytes, { encoding })) as BackendVector as BackendVector<K>);
    }
    const part = kind === 'fr' ? curve.frBytes : curve.fpBytes;
    const bad = firstOutOfRange(bytes, part, kind === 'fr' ? curve.order : curve.modulus);
    if (bad >= 0) {
      const index = Math.floor((bad * part) / size);
      if (kind === 'fr') throw new ScalarOutOfRangeError(`Scalar ${index}`, { index });
      throw new FieldElementOutOfRangeError(`Point ${index}, coordinate`, { index });
    }
    return new OwnVector(home, kind, bytes.length / size, { bytes: new Uint8Array(bytes), encoding });
  };

  /** Result of an operation that the CPU did. */
  const onCpuOnly = <K extends VectorKind>(mirror: BackendVector<K>): HybridVector<K> =>
    new OwnVector(home, mirror.kind, mirror.length, { mirror });
  const cpuVector = <K extends VectorKind>(vector: BackendVector<K>): Promise<BackendVector<K>> =>
    hybridOf(vector, home).onCpu();

  /** The points of bases; bases of the CPU backend where they were prepared for it. */
  const basesOf = <K extends PointKind>(bases: BackendVector<K> | Bases<K>): HybridVector<K> | Bases<K> => {
    if (!('prepared' in bases)) return hybridOf(bases, home);
    if (!(bases instanceof HybridBases) || bases.home !== home) {
      throw new InternalError('Bases of another backend were given.');
    }
    return bases.source as HybridVector<K> | Bases<K>;
  };

  const msm = async <K extends PointKind>(
    kind: K,
    jobs: readonly MsmJob<K>[],
    run: OperationOptions,
  ): Promise<Uint8Array> => {
    throwIfAborted(run.signal);
    const placed = jobs.map(({ bases, scalars }) => {
      assertLength('MSM, scalars', bases.length, scalars.length);
      return { bases: basesOf(bases), scalars: hybridOf(scalars, home) };
    });
    const onCpu = async (chosen: readonly (typeof placed)[number][]): Promise<Uint8Array> => {
      const moved = await Promise.all(
        chosen.map(async ({ bases, scalars }) => ({
          bases: 'prepared' in bases ? bases : await bases.onCpu(),
          scalars: await scalars.onCpu(),
        })),
      );
      const many = (kind === 'g1' ? cpu.msmManyG1 : cpu.msmManyG2) as (
        jobs: readonly MsmJob<K>[],
        options: OperationOptions,
      ) => Promise<Uint8Array>;
      return many(moved, run);
    };
    const onPoints = placed.flatMap(({ bases, scalars }) =>
      'prepared' in bases ? [] : [{ bases, scalars }],
    );
    if (onPoints.length < placed.length) return onCpu(placed);
    const onGpu = async (engine: GpuEngine): Promise<Uint8Array> => {
      const moved = await Promise.all(
        onPoints.map(async ({ bases, scalars }) => ({
          bases: await bases.onDevice(engine),
          scalars: await scalars.onDevice(engine),
          length: bases.length,
        })),
      );
      const sums = await deviceMsm(engine[kind], engine.digits, cpu, moved, run);
      // Faults of memory and drivers show as zeros. An infinite sum is rare enough to be computed once more.
      const size = kind === 'g1' ? curve.g1Bytes : curve.g2Bytes;
      const slot = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(i * size, (i + 1) * size);
      const doubtful = [...placed.keys()].filter(
        (i) => jobs[i]?.scalars.length && isZeroBytes(slot(sums, i)),
      );
      if (doubtful.length > 0) {
        const checked = await onCpu(doubtful.map((i) => placed[i] as (typeof placed)[number]));
        for (const [k, i] of doubtful.entries()) sums.set(slot(checked, k), i * size);
      }
      return sums;
    };
    const work = (): Work => ({
      operation: MSM[jobs.length > 1 ? 'many' : 'one'][kind],
      items: jobs.reduce((sum, { bases }) => sum + bases.length, 0),
      inputs: onPoints.flatMap(({ bases, scalars }) => [bases.placement(), scalars.placement()]),
      outputBytes: 0,
    });
    return attempt(onGpu, () => onCpu(placed), work, run.signal);
  };

  const prepare = async <K extends PointKind>(
    points: BackendVector<K>,
    run: OperationOptions,
  ): Promise<Bases<K>> => {
    throwIfAborted(run.signal);
    const vector = hybridOf(points, home);
    const source = await attempt<HybridVector<K> | Bases<K>>(
      async (engine) => {
        const group = engine[vector.kind];
        const from = await vector.onDevice(engine);
        const segments = allocateSegments(engine.device, vector.length, group.pointBytes);
        await group.copy(from, segments);
        return new OwnVector(home, vector.kind, vector.length, {
          residence: { engine, segments },
          recompute: () => vector.recover(),
        });
      },
      async () => {
        const onCpu = (vector.kind === 'g1' ? cpu.prepareG1 : cpu.prepareG2) as (
          points: BackendVector<K>,
          options: OperationOptions,
        ) => Promise<Bases<K>>;
        return onCpu(await vector.onCpu(), run);
      },
      // Bases are prepared where a sum over them would run.
      () => ({
        operation: MSM.one[vector.kind],
        items: vector.length,
        inputs: [vector.placement()],
        outputBytes: 0,
      }),
      run.signal,
    );
    run.onProgress?.(1);
    return new HybridBases<K>(home, source);
  };

  const fold = async <K extends PointKind>(
    left: BackendVector<K>,
    right: BackendVector<K>,
    x: bigint,
    run: OperationOptions,
  ): Promise<HybridVector<K>> => {
    throwIfAborted(run.signal);
    assertLength('Fold, right half', left.length, right.length);
    const [a, b] = [hybridOf(left, home), hybridOf(right, home)];
    const onCpu = (a.kind === 'g1' ? cpu.foldG1 : cpu.foldG2) as (
      left: BackendVector<K>,
      right: BackendVector<K>,
      x: bigint,
      options?: OperationOptions,
    ) => Promise<BackendVector<K>>;
    const recompute = async (): Promise<BackendVector<K>> => onCpu(await a.recover(), await b.recover(), x);
    const size = a.kind === 'g1' ? curve.g1Bytes : curve.g2Bytes;
    return attempt(
      async (engine) => {
        const onDevice = await Promise.all([a.onDevice(engine), b.onDevice(engine)]);
        const segments = await engine[a.kind].fold(...onDevice, x, run);
        return new OwnVector(home, a.kind, a.length, { residence: { engine, segments }, recompute });
      },
      async () => onCpuOnly(await onCpu(await a.onCpu(), await b.onCpu(), x, run)),
      () => ({
        operation: a.kind === 'g1' ? 'foldG1' : 'foldG2',
        items: a.length,
        inputs: [a.placement(), b.placement()],
        outputBytes: a.length * size,
      }),
      run.signal,
    );
  };

  /** G2 vectors whose lines the CPU backend keeps. */
  const withLines = new WeakSet<object>();
  const millerProducts: Backend['millerProducts'] = async (given, run = {}) => {
    throwIfAborted(run.signal);
    const products = hybridProducts(given, home);
    const values = await attempt(
      (engine) => deviceMiller(engine, products, run),
      async () => cpu.millerProducts(await cpuProducts(products), run),
      () => ({
        operation: 'millerProducts',
        items: products.flat().reduce((sum, { g1 }) => sum + g1.length, 0),
        itemsWithLines: products
          .flat()
          .reduce((sum, { g1, g2 }) => sum + (withLines.has(g2.placement().owner) ? g1.length : 0), 0),
        inputs: products.flat().flatMap(({ g1, g2 }) => [g1.placement(), g2.placement()]),
        outputBytes: 0,
      }),
      run.signal,
    );
    const doubtful = doubtfulProducts(curve, products, values);
    if (doubtful.length > 0) {
      const chosen = await cpuProducts(doubtful.map((i) => products[i] as (typeof products)[number]));
      const checked = await cpu.millerProducts(chosen, { signal: run.signal });
      for (const [k, i] of doubtful.entries()) {
        values.set(checked.subarray(k * curve.gtBytes, (k + 1) * curve.gtBytes), i * curve.gtBytes);
      }
    }
    return values;
  };

  return {
    name: 'webgpu',
    curve,
    threads: 1,
    lines: cpu.lines && cpuLines(cpu.lines, cpuVector, withLines),

    uploadFr: (bytes, { encoding } = {}) => upload('fr', bytes, encoding),
    uploadG1: (bytes, { encoding } = {}) => upload('g1', bytes, encoding),
    uploadG2: (bytes, { encoding } = {}) => upload('g2', bytes, encoding),
    read: async (vector) => hybridOf(vector, home).bytes(),

    prepareG1: (points, run = {}) => prepare(points, run),
    prepareG2: (points, run = {}) => prepare(points, run),
    msmG1: (bases, scalars, run = {}) => msm('g1', [{ bases, scalars }], run),
    msmG2: (bases, scalars, run = {}) => msm('g2', [{ bases, scalars }], run),
    msmManyG1: (jobs, run = {}) => msm('g1', jobs, run),
    msmManyG2: (jobs, run = {}) => msm('g2', jobs, run),

    scaleG1: async (points, scalars, run) =>
      onCpuOnly(await cpu.scaleG1(await cpuVector(points), await cpuVector(scalars), run)),
    scaleG2: async (points, scalars, run) =>
      onCpuOnly(await cpu.scaleG2(await cpuVector(points), await cpuVector(scalars), run)),
    foldG1: (left, right, x, run = {}) => fold(left, right, x, run),
    foldG2: (left, right, x, run = {}) => fold(left, right, x, run),
    ...deviceScalars(curve, home, attempt),
    openingQuotient: async (factors, shift, point) =>
      onCpuOnly(await cpu.openingQuotient(factors, shift, point)),

    millerProducts,
    finalExponentiation: cpu.finalExponentiation,
    gtMultiExp: cpu.gtMultiExp,
    gtMul: cpu.gtMul,
    compressG1: cpu.compressG1,
    compressG2: cpu.compressG2,
    compressGt: cpu.compressGt,
    decompressG1: cpu.decompressG1,
    decompressG2: cpu.decompressG2,
    decompressGt: cpu.decompressGt,
    checkG1: cpu.checkG1,
    checkG2: cpu.checkG2,

    dispose: () => source.dispose(),
  };
}
