/** The GPU backend: WebGPU kernels for sums of points, folds, scalars, transforms and Miller loops, an injected CPU backend for the rest. */

import type { Curve } from '../../curve/curve.ts';
import {
  assertLength,
  DeviceLostError,
  FieldElementOutOfRangeError,
  GpuFaultError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  InternalError,
  LengthMismatchError,
  OptionError,
  ScalarOutOfRangeError,
  ShaderCompileError,
  throwIfAborted,
} from '../../errors.ts';
import { isZeroBytes } from '../../field/bytes.ts';
import type { DeviceOptions } from '../../gpu/adapter.ts';
import { GpuDevice } from '../../gpu/device.ts';
import { allocateSegments } from '../../gpu/segments.ts';
import type { MultiplierName } from '../../gpu/shader/field.ts';
import type {
  Backend,
  BackendVector,
  Bases,
  Encoding,
  MsmJob,
  OperationOptions,
  VectorKind,
} from '../backend.ts';
import { firstOutOfRange } from './check-range.ts';
import { cpuProducts, deviceMiller, doubtfulProducts, hybridProducts } from './device-miller.ts';
import { deviceMsm } from './device-msm.ts';
import { deviceScalars } from './device-scalars.ts';
import { EngineSource, type GpuEngine } from './engine.ts';
import { type HybridVector, hybridOf, OwnVector, type VectorHome } from './hybrid-vector.ts';

/** Options of {@link createWebGpuBackend}. */
export interface WebGpuBackendOptions {
  /** Backend of the same curve for what the GPU does not do, and for everything when it fails. It is not disposed of. */
  readonly cpu: Backend;
  /** Where the device comes from. Default: `navigator.gpu`. */
  readonly device?: DeviceOptions | undefined;
  /** Form of the multiplier. */
  readonly multiplier?: MultiplierName | undefined;
  /** Told of each failure of the GPU that the backend gets over, by another try or on the CPU. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const FAILURES = [
  DeviceLostError,
  GpuFaultError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  ShaderCompileError,
] as const;

type PointKind = 'g1' | 'g2';

/** Prepared bases: points that are on the device. */
class HybridBases<K extends PointKind> implements Bases<K> {
  readonly kind: K;
  readonly length: number;
  readonly prepared = true;
  readonly points: HybridVector<K>;

  constructor(points: HybridVector<K>) {
    this.kind = points.kind;
    this.length = points.length;
    this.points = points;
  }

  dispose(): void {
    this.points.dispose();
  }
}

/**
 * Creates the WebGPU backend of a curve. A device is acquired at once, so that this rejects with GpuUnavailableError where there
 * is none; later failures of the GPU are got over: the operation is tried once more, on another device where the first is
 * lost, and then done by the CPU backend.
 */
export async function createWebGpuBackend(curve: Curve, options: WebGpuBackendOptions): Promise<Backend> {
  const { cpu, multiplier = 'limb13', onFault } = options;
  if (cpu.curve !== curve) {
    throw new OptionError(`The CPU backend given is for ${cpu.curve.name}, expected ${curve.name}.`, {
      field: 'cpu',
    });
  }
  const source = new EngineSource(curve, () => GpuDevice.acquire(options.device), multiplier);
  await source.current();

  const home: VectorHome = {
    cpu,
    upload: (engine, kind, bytes, encoding) =>
      (kind === 'fr' ? engine.scalars : engine[kind]).upload(bytes, encoding),
    download: (engine, kind, segments) => (kind === 'fr' ? engine.scalars : engine[kind]).read(segments),
  };

  /** Runs on the GPU, once more after a failure, then on the CPU. */
  const attempt = async <T>(
    onGpu: (engine: GpuEngine) => Promise<T>,
    onCpu: () => Promise<T>,
  ): Promise<T> => {
    for (let tries = 0; tries < 2; tries++) {
      let engine: GpuEngine | undefined;
      try {
        engine = await source.current();
        return await onGpu(engine);
      } catch (error) {
        if (!FAILURES.some((failure) => error instanceof failure)) throw error;
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

  const pointsOf = <K extends PointKind>(bases: BackendVector<K> | Bases<K>): HybridVector<K> => {
    if (!('prepared' in bases)) return hybridOf(bases, home);
    if (!(bases instanceof HybridBases)) throw new InternalError('Bases of another backend were given.');
    return hybridOf(bases.points as BackendVector<K>, home);
  };

  const msm = async <K extends PointKind>(
    kind: K,
    jobs: readonly MsmJob<K>[],
    run: OperationOptions,
  ): Promise<Uint8Array> => {
    throwIfAborted(run.signal);
    const placed = jobs.map(({ bases, scalars }) => {
      assertLength('MSM, scalars', bases.length, scalars.length);
      return { bases: pointsOf(bases), scalars: hybridOf(scalars, home) };
    });
    const onCpu = async (chosen: typeof placed): Promise<Uint8Array> => {
      const moved = await Promise.all(
        chosen.map(async ({ bases, scalars }) => ({
          bases: await bases.onCpu(),
          scalars: await scalars.onCpu(),
        })),
      );
      const many = (kind === 'g1' ? cpu.msmManyG1 : cpu.msmManyG2) as (
        jobs: readonly MsmJob<K>[],
        options: OperationOptions,
      ) => Promise<Uint8Array>;
      return many(moved, run);
    };
    const onGpu = async (engine: GpuEngine): Promise<Uint8Array> => {
      const moved = await Promise.all(
        placed.map(async ({ bases, scalars }) => ({
          bases: await bases.onDevice(engine),
          scalars: await scalars.onDevice(engine),
          length: bases.length,
        })),
      );
      return deviceMsm(engine[kind], engine.digits, cpu, moved, run);
    };
    const sums = await attempt(onGpu, () => onCpu(placed));
    // Faults of memory and drivers show as zeros. An infinite sum is rare enough to be computed once more.
    const size = kind === 'g1' ? curve.g1Bytes : curve.g2Bytes;
    const slot = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(i * size, (i + 1) * size);
    const doubtful = [...placed.keys()].filter((i) => jobs[i]?.scalars.length && isZeroBytes(slot(sums, i)));
    if (doubtful.length > 0) {
      const checked = await onCpu(doubtful.map((i) => placed[i] as (typeof placed)[number]));
      for (const [k, i] of doubtful.entries()) sums.set(slot(checked, k), i * size);
    }
    return sums;
  };

  const prepare = async <K extends PointKind>(
    points: BackendVector<K>,
    run: OperationOptions,
  ): Promise<Bases<K>> => {
    throwIfAborted(run.signal);
    const vector = hybridOf(points, home);
    const copy = await attempt(
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
      async () => onCpuOnly(await vector.onCpu()),
    );
    run.onProgress?.(1);
    return new HybridBases<K>(copy);
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
    const recompute = async (options?: OperationOptions): Promise<BackendVector<K>> => {
      const onCpu = (a.kind === 'g1' ? cpu.foldG1 : cpu.foldG2) as (
        left: BackendVector<K>,
        right: BackendVector<K>,
        x: bigint,
        options?: OperationOptions,
      ) => Promise<BackendVector<K>>;
      return onCpu(await a.recover(), await b.recover(), x, options);
    };
    return attempt(
      async (engine) => {
        const onDevice = await Promise.all([a.onDevice(engine), b.onDevice(engine)]);
        const segments = await engine[a.kind].fold(...onDevice, x, run);
        return new OwnVector(home, a.kind, a.length, { residence: { engine, segments }, recompute });
      },
      async () => onCpuOnly(await recompute(run)),
    );
  };

  const millerProducts: Backend['millerProducts'] = async (given, run = {}) => {
    throwIfAborted(run.signal);
    const products = hybridProducts(given, home);
    const values = await attempt(
      (engine) => deviceMiller(engine, products, run),
      async () => cpu.millerProducts(await cpuProducts(products), run),
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
