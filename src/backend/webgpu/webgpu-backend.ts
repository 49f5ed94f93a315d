/** The GPU backend: WebGPU kernels for sums, multiples and folds of points, scalars, transforms and Miller loops, an injected CPU backend for the rest. */

import type { Curve } from '../../curve/curve.ts';
import {
  FieldElementOutOfRangeError,
  LengthMismatchError,
  OptionError,
  ScalarOutOfRangeError,
  throwIfAborted,
} from '../../errors.ts';
import type { DeviceOptions } from '../../gpu/adapter.ts';
import { GpuDevice } from '../../gpu/device.ts';
import type { MultiplierName } from '../../gpu/shader/field.ts';
import type { Backend, BackendVector, Encoding, VectorKind } from '../backend.ts';
import { type CalibrationStore, defaultCalibrations } from '../calibration-store.ts';
import { attemptsOn, type HybridRouter, PREFER_GPU } from './attempt.ts';
import { firstOutOfRange } from './check-range.ts';
import { cpuLines } from './cpu-lines.ts';
import { cpuProducts, deviceMiller, doubtfulProducts, hybridProducts } from './device-miller.ts';
import { deviceScalars } from './device-scalars.ts';
import { EngineSource } from './engine.ts';
import { hybridPoints } from './hybrid-points.ts';
import { hybridSums } from './hybrid-sums.ts';
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
  /** Default: the GPU, but for few operands that are on the host alone. */
  readonly router?: HybridRouter | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** The backend on devices from a source, which it disposes of, and on a CPU backend of the same curve, which it does not. */
export function hybridBackend(cpu: Backend, source: EngineSource, options: HybridOptions): Backend {
  const { curve } = cpu;
  const { router = PREFER_GPU, onFault } = options;
  const home: VectorHome = {
    cpu,
    upload: (engine, kind, bytes, encoding) =>
      (kind === 'fr' ? engine.scalars : engine[kind]).upload(bytes, encoding),
    download: (engine, kind, segments) => (kind === 'fr' ? engine.scalars : engine[kind]).read(segments),
    onFault: (error) => onFault?.(error),
  };

  const attempts = attemptsOn(source, router, onFault);
  const { attempt } = attempts;

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
    if (!router.isAwake) {
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
    wake: cpu.wake,
    lines: cpu.lines && cpuLines(cpu.lines, cpuVector, withLines),

    uploadFr: (bytes, { encoding } = {}) => upload('fr', bytes, encoding),
    uploadG1: (bytes, { encoding } = {}) => upload('g1', bytes, encoding),
    uploadG2: (bytes, { encoding } = {}) => upload('g2', bytes, encoding),
    read: async (vector) => hybridOf(vector, home).bytes(),

    ...hybridSums(curve, home, attempts),

    ...hybridPoints(curve, home, attempt),
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
