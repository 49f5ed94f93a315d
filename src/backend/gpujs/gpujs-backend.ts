/**
 * The backend for browsers that have WebGL and no WebGPU: sums and folds in G1 and vectors of scalars by gpu.js, everything else by a
 * CPU backend, whose handles all vectors are. Results are the CPU's byte for byte.
 */

import type { Curve } from '../../curve/curve.ts';
import { g1ToBytes } from '../../curve/points.ts';
import { assertLength, GpuUnavailableError, OptionError, throwIfAborted } from '../../errors.ts';
import { joinBytes, writeBigintLE } from '../../field/bytes.ts';
import { isSoftwareName } from '../../gpu/software-name.ts';
import { BatchMachine, type BatchOptions } from '../../gpujs/batch-machine.ts';
import { limbFold } from '../../gpujs/fold.ts';
import { type GpujsMode, loadGpujs, openGpujs } from '../../gpujs/gpu-js.ts';
import { GroupMachine } from '../../gpujs/group-machine.ts';
import { readLimbs, writeLimbs } from '../../gpujs/limb-codec.ts';
import { signedLimbs } from '../../gpujs/limb-spec.ts';
import { type GpujsMeasure, measureGroup } from '../../gpujs/measure.ts';
import { limbMsm } from '../../gpujs/msm.ts';
import { rendererOf } from '../../gpujs/renderer.ts';
import { assertExact } from '../../gpujs/self-test.ts';
import type { Backend, FrVector, G1Bases, G1Vector, MsmJob, OperationOptions } from '../backend.ts';
import { sumsInTurn } from '../sums-in-turn.ts';
import { createWasmBackend } from '../wasm/wasm-backend.ts';
import { LimbBases, preparedPoints } from './limb-bases.ts';

/** Options of {@link createGpujsBackend}. */
export interface GpujsBackendOptions {
  /** The package, as `await import('gpu.js')` gives it. Default: the one that is installed. */
  readonly gpu?: unknown;
  /** How gpu.js runs. Default: the best that it finds, shaders first. */
  readonly mode?: GpujsMode | undefined;
  /** Does what gpu.js does not; the caller's to dispose of. Default: a WebAssembly backend of its own. */
  readonly fallback?: Backend | undefined;
  /** Takes gpu.js only where a GPU runs its kernels, as far as it says. Default: false. */
  readonly hardwareOnly?: boolean | undefined;
}

/** A backend that can say how fast it is. */
export interface GpujsBackend extends Backend {
  /** The mode that gpu.js runs in. */
  readonly mode: string;
  /** What runs its shaders, as WebGL names it; empty where there are none, or no name is given. */
  readonly renderer: string;
  /** Whether the CPU runs its kernels: no faster than WebAssembly. */
  readonly isSoftware: boolean;
  /** Times additions and products, for a choice between backends. Throws AbortedError. */
  measure(options?: BatchOptions): Promise<GpujsMeasure>;
}

/**
 * Creates the gpu.js backend of a curve. Throws GpuUnavailableError where gpu.js is missing, too old, does not start, or does not
 * compute exactly (a self-test runs first), or where hardware is asked for and there is none; OptionError for a mode that it does not
 * have or a fallback on another curve.
 */
export async function createGpujsBackend(
  curve: Curve,
  options: GpujsBackendOptions = {},
): Promise<GpujsBackend> {
  if (options.fallback && options.fallback.curve !== curve) {
    throw new OptionError(`The fallback is for ${options.fallback.curve.name}, not for ${curve.name}.`, {
      field: 'fallback',
    });
  }
  const gpujs = await loadGpujs(options.gpu);
  const machine = new BatchMachine(gpujs, openGpujs(gpujs, options.mode));
  let own: Backend | undefined;
  try {
    const place = placeOf(machine);
    if (options.hardwareOnly && place.isSoftware) {
      throw new GpuUnavailableError(
        `Expected gpu.js on a GPU, it runs on the CPU: mode "${place.mode}"${place.renderer && ` on ${place.renderer}`}.`,
        { mode: place.mode, renderer: place.renderer, reason: 'software' },
      );
    }
    const group = new GroupMachine(curve, machine);
    await assertExact(group);
    if (!options.fallback) own = await createWasmBackend(curve);
    return backendOf(group, place, options.fallback ?? (own as Backend), own);
  } catch (error) {
    await machine.dispose();
    await own?.dispose();
    throw error;
  }
}

type Place = Pick<GpujsBackend, 'mode' | 'renderer' | 'isSoftware'>;

function placeOf({ device, isShader }: BatchMachine): Place {
  const renderer = isShader ? rendererOf(device) : '';
  return { mode: device.mode, renderer, isSoftware: !isShader || isSoftwareName(renderer) };
}

function backendOf(group: GroupMachine, place: Place, cpu: Backend, own: Backend | undefined): GpujsBackend {
  const { curve, machine, points, scalars: spec } = group;

  /** Bytes of a vector; those of scalars are overwritten after `use`, since some are secret. */
  const withScalars = async <T>(vector: FrVector, use: (bytes: Uint8Array) => Promise<T>): Promise<T> => {
    const bytes = await cpu.read(vector);
    try {
      return await use(bytes);
    } finally {
      bytes.fill(0);
    }
  };
  const limbsOfPoints = async (bases: G1Vector | G1Bases): Promise<Float32Array> =>
    preparedPoints(group, bases) ?? points.fromBytes(await cpu.read(bases as G1Vector));
  const limbsOfScalars = (vector: FrVector): Promise<Float32Array> =>
    withScalars(vector, async (bytes) => {
      const out = new Float32Array(vector.length * spec.limbs);
      for (let i = 0; i < vector.length; i++) {
        writeLimbs(spec, bytes, i * curve.frBytes, curve.frBytes, out, i * spec.limbs);
      }
      return out;
    });
  const multiplyAdd = async (
    left: Float32Array,
    right: Float32Array,
    addend: Float32Array,
    run: OperationOptions,
  ): Promise<FrVector> => {
    const limbs = await group.multiplyAdd(left, right, addend, run);
    const count = limbs.length / spec.limbs;
    const bytes = new Uint8Array(count * curve.frBytes);
    for (let i = 0; i < count; i++) {
      writeBigintLE(readLimbs(spec, limbs, i * spec.limbs), bytes, i * curve.frBytes, curve.frBytes);
    }
    const vector = await cpu.uploadFr(bytes);
    for (const values of [left, right, addend, limbs, bytes]) values.fill(0);
    run.onProgress?.(1);
    return vector;
  };
  const msmMany = async (jobs: readonly MsmJob<'g1'>[], run: OperationOptions): Promise<Uint8Array> => {
    throwIfAborted(run.signal);
    for (const { bases, scalars } of jobs) assertLength('MSM, scalars', bases.length, scalars.length);
    const loaded = [];
    for (const { bases, scalars } of jobs) {
      loaded.push({ points: await limbsOfPoints(bases), scalars: await cpu.read(scalars) });
    }
    try {
      const sums = await limbMsm(group, loaded, run);
      return joinBytes(sums.map((sum) => g1ToBytes(curve, sum)));
    } finally {
      for (const { scalars } of loaded) scalars.fill(0);
    }
  };

  return {
    name: 'gpujs',
    curve,
    threads: 1,
    ...place,
    measure: (run = {}) => measureGroup(group, run),
    wake: cpu.wake,
    lines: cpu.lines,

    prepareG1: async (vector, run = {}) => {
      throwIfAborted(run.signal);
      const bases = new LimbBases(group, vector.length, await limbsOfPoints(vector));
      run.onProgress?.(1);
      return bases;
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
    foldG1: async (left, right, x, run = {}) => {
      assertLength('Fold, right half', left.length, right.length);
      throwIfAborted(run.signal);
      const [own, other] = [await limbsOfPoints(left), await limbsOfPoints(right)];
      return cpu.uploadG1(points.toBytes(await limbFold(group, own, other, x, run)));
    },
    foldFr: async (left, right, x, run = {}) => {
      assertLength('Fold, right half', left.length, right.length);
      throwIfAborted(run.signal);
      const factors = new Float32Array(right.length * spec.limbs);
      const factor = signedLimbs(x, spec.limbs);
      for (let i = 0; i < right.length; i++) factors.set(factor, i * spec.limbs);
      return multiplyAdd(await limbsOfScalars(right), factors, await limbsOfScalars(left), run);
    },
    mulFr: async (left, right, run = {}) => {
      assertLength('Product, right factors', left.length, right.length);
      throwIfAborted(run.signal);
      const [own, other] = [await limbsOfScalars(left), await limbsOfScalars(right)];
      return multiplyAdd(own, other, new Float32Array(own.length), run);
    },

    uploadFr: (...given) => cpu.uploadFr(...given),
    uploadG1: (...given) => cpu.uploadG1(...given),
    uploadG2: (...given) => cpu.uploadG2(...given),
    read: (vector) => cpu.read(vector),
    prepareG2: (...given) => cpu.prepareG2(...given),
    msmG2: (...given) => cpu.msmG2(...given),
    msmManyG2: (...given) => cpu.msmManyG2(...given),
    scaleG1: (...given) => cpu.scaleG1(...given),
    scaleG2: (...given) => cpu.scaleG2(...given),
    foldG2: (...given) => cpu.foldG2(...given),
    ntt: (...given) => cpu.ntt(...given),
    uploadMatrix: (...given) => cpu.uploadMatrix(...given),
    mulMatrix: (...given) => cpu.mulMatrix(...given),
    powersFr: (...given) => cpu.powersFr(...given),
    openingQuotient: (...given) => cpu.openingQuotient(...given),
    millerProducts: (...given) => cpu.millerProducts(...given),
    finalExponentiation: (...given) => cpu.finalExponentiation(...given),
    gtMultiExp: (...given) => cpu.gtMultiExp(...given),
    gtMul: (...given) => cpu.gtMul(...given),
    compressG1: (...given) => cpu.compressG1(...given),
    compressG2: (...given) => cpu.compressG2(...given),
    compressGt: (...given) => cpu.compressGt(...given),
    decompressG1: (...given) => cpu.decompressG1(...given),
    decompressG2: (...given) => cpu.decompressG2(...given),
    decompressGt: (...given) => cpu.decompressGt(...given),
    checkG1: (...given) => cpu.checkG1(...given),
    checkG2: (...given) => cpu.checkG2(...given),
    dispose: async () => {
      await machine.dispose();
      await own?.dispose();
    },
  };
}
