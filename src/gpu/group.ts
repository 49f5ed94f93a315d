/** One group of a curve on a device: its kernels, its points' forms. */

import type { Curve } from '../curve/curve.ts';
import { writeBigintLE } from '../field/bytes.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuDevice } from './device.ts';
import type { Kernel } from './kernel.ts';
import { msmAccumulate, msmCombine } from './kernels/msm-buckets.ts';
import { msmHorner } from './kernels/msm-horner.ts';
import { msmReduce } from './kernels/msm-reduce.ts';
import { foldDigits, pointFold } from './kernels/point-fold.ts';
import { pointAffine, pointConvert } from './kernels/point-forms.ts';
import type { PaceOptions, Pacer } from './pacer.ts';
import type { CompiledKernel } from './pipeline-cache.ts';
import { alignSegments, allocateSegments, lengthOf, type Segment, sliceSegments } from './segments.ts';
import type { MultiplierName } from './shader/field.ts';
import { groupLibrary } from './shader/libraries.ts';
import type { GroupName, PointPrograms } from './shader/point-programs.ts';

/** Kernels of a group by what they do. */
export interface GroupKernels {
  readonly convert: Kernel;
  readonly affine: Kernel;
  readonly accumulate: Kernel;
  readonly combine: Kernel;
  readonly reduce: Kernel;
  readonly horner: Kernel;
  readonly fold: Kernel;
}

/** The kernels of a group, not compiled yet. */
export function groupKernels(curve: Curve, group: GroupName, multiplier: MultiplierName): GroupKernels {
  const library = groupLibrary(curve, group, multiplier);
  return {
    convert: pointConvert(library),
    affine: pointAffine(library),
    accumulate: msmAccumulate(library),
    combine: msmCombine(library),
    reduce: msmReduce(library),
    horner: msmHorner(library),
    fold: pointFold(library),
  };
}

/** Points times scalars, with or without points to be added. */
interface PointProducts {
  readonly left?: readonly Segment[];
  readonly right: readonly Segment[];
  /** One for each point, or a buffer with one for all. */
  readonly scalars: readonly Segment[] | PooledBuffer;
  /** Of the longest scalar. */
  readonly digits: ReturnType<typeof foldDigits>;
}

/** Points folded by one dispatch at most. */
const FOLD_PART = 2 ** 18;

/** See {@link GpuGroup.create}. */
export class GpuGroup {
  readonly device: GpuDevice;
  readonly curve: Curve;
  readonly name: GroupName;
  readonly programs: PointPrograms;
  /** The program store, to be bound first to every kernel of the group. */
  readonly store: GPUBuffer;
  /** Bytes of an affine point and of a sum in XYZZ coordinates. */
  readonly pointBytes: number;
  readonly sumBytes: number;
  readonly pacer: Pacer;
  readonly #kernels: GroupKernels;

  private constructor(
    device: GpuDevice,
    pacer: Pacer,
    curve: Curve,
    name: GroupName,
    multiplier: MultiplierName,
    store: PooledBuffer,
    programs: PointPrograms,
  ) {
    this.device = device;
    this.pacer = pacer;
    this.curve = curve;
    this.name = name;
    this.programs = programs;
    this.store = store.gpu;
    this.pointBytes = name === 'g1' ? curve.g1Bytes : curve.g2Bytes;
    this.sumBytes = 2 * this.pointBytes;
    this.#kernels = groupKernels(curve, name, multiplier);
  }

  /** Prepares a group; its kernels are compiled when they are first needed. */
  static async create(
    device: GpuDevice,
    pacer: Pacer,
    curve: Curve,
    name: GroupName,
    multiplier: MultiplierName,
  ): Promise<GpuGroup> {
    const { programs } = groupLibrary(curve, name, multiplier);
    const store = await device.uploadUniform(programs.assembler.words());
    return new GpuGroup(device, pacer, curve, name, multiplier, store, programs);
  }

  /** A kernel, compiled. */
  kernel(name: keyof GroupKernels): Promise<CompiledKernel> {
    return this.device.compile(this.#kernels[name]);
  }

  /** Compiles all kernels. */
  async warmUp(): Promise<void> {
    await this.device.compileAll(Object.values(this.#kernels));
  }

  /** Uploads affine points, canonical or in the Montgomery form of zkey and ptau files, in which they are kept. */
  async upload(bytes: Uint8Array, encoding: 'canonical' | 'montgomery' = 'canonical'): Promise<Segment[]> {
    const count = bytes.length / this.pointBytes;
    const segments = allocateSegments(this.device, count, this.pointBytes);
    try {
      let at = 0;
      for (const segment of segments) {
        const size = segment.length * this.pointBytes;
        await this.device.write(segment.buffer.gpu, bytes.subarray(at, at + size));
        at += size;
      }
      if (encoding === 'canonical') await this.convert(segments, true);
    } catch (error) {
      for (const { buffer } of segments) buffer.release();
      throw error;
    }
    return segments;
  }

  /** Takes points into or out of Montgomery form, in place. */
  async convert(segments: readonly Segment[], into: boolean, options: PaceOptions = {}): Promise<void> {
    const kernel = await this.kernel('convert');
    for (const { buffer, first, length } of segments) {
      await this.pacer.run(length, this.programs.products.scale, options, (start, count, recording) => {
        recording.dispatchEach(count, {
          kernel,
          buffers: [this.store, buffer.gpu],
          parameters: [count, first + start, into ? 1 : 0],
        });
      });
    }
  }

  /** Copies points to segments of the same number of points. */
  async copy(from: readonly Segment[], to: readonly Segment[]): Promise<void> {
    const recording = this.device.record();
    for (const [source, target] of alignSegments([from, to])) {
      if (!source || !target) continue;
      recording.copy({
        source: source.buffer.gpu,
        sourceOffset: source.first * this.pointBytes,
        target: target.buffer.gpu,
        targetOffset: target.first * this.pointBytes,
        bytes: source.length * this.pointBytes,
      });
    }
    await recording.submit();
  }

  /** Points back in memory form. */
  async read(segments: readonly Segment[]): Promise<Uint8Array> {
    const count = segments.reduce((sum, { length }) => sum + length, 0);
    const out = new Uint8Array(count * this.pointBytes);
    const most = Math.floor(this.device.maxBindingBytes / this.pointBytes);
    for (let done = 0; done < count; done += most) {
      let at = done * this.pointBytes;
      for (const { buffer, first, length } of sliceSegments(segments, done, Math.min(count, done + most))) {
        const size = length * this.pointBytes;
        const copy = this.device.allocate(size);
        try {
          const recording = this.device.record();
          const sourceOffset = first * this.pointBytes;
          recording.copy({
            source: buffer.gpu,
            sourceOffset,
            target: copy.gpu,
            targetOffset: 0,
            bytes: size,
          });
          await recording.submit();
          await this.convert([{ buffer: copy, first: 0, length }], false);
          out.set(await this.device.download(copy.gpu, 0, size), at);
        } finally {
          copy.release();
        }
        at += size;
      }
    }
    return out;
  }

  /** left + x·right, element by element; 0 ≤ x < order. */
  async fold(
    left: readonly Segment[],
    right: readonly Segment[],
    x: bigint,
    options: PaceOptions = {},
  ): Promise<Segment[]> {
    const bytes = new Uint8Array(this.curve.frBytes);
    writeBigintLE(x, bytes, 0, bytes.length);
    const factor = await this.device.upload(bytes);
    try {
      const pieces = { left, right, scalars: factor, digits: foldDigits(x) };
      return await this.#multiply(pieces, options);
    } finally {
      this.device.releaseSecret(factor);
    }
  }

  /** Scalars, canonical, times points, element by element. */
  scale(
    points: readonly Segment[],
    scalars: readonly Segment[],
    options: PaceOptions = {},
  ): Promise<Segment[]> {
    const { count } = foldDigits(this.curve.order - 1n);
    // Threads that add something go on together with those that do not.
    return this.#multiply({ right: points, scalars, digits: { count, additions: count } }, options);
  }

  async #multiply({ left, right, scalars, digits }: PointProducts, options: PaceOptions): Promise<Segment[]> {
    const [fold, affine] = await Promise.all([this.kernel('fold'), this.kernel('affine')]);
    const count = lengthOf(right);
    const { mixed, double, affine: inversion } = this.programs.products;
    const products = digits.count * double + (digits.additions + 1) * mixed + inversion;
    const segments = allocateSegments(this.device, count, this.pointBytes);
    const factors = 'gpu' in scalars ? undefined : scalars;
    const pieces = alignSegments([segments, right, left ?? right, factors ?? right]);
    // Sums take twice the room of points: a piece is done in parts of at most this many.
    const most = Math.min(FOLD_PART, Math.floor(this.device.maxBindingBytes / this.sumBytes));
    let done = 0;
    const sums: PooledBuffer[] = [];
    try {
      const buffer = this.device.allocate(Math.min(most, Math.max(count, 1)) * this.sumBytes);
      sums.push(buffer);
      for (const [out, b, a, own] of pieces) {
        if (!out || !b || !a || !own) continue;
        const factor = 'gpu' in scalars ? { buffer: scalars, first: 0 } : own;
        const stride = 'gpu' in scalars ? 0 : 1;
        const share = (fraction: number): void => options.onProgress?.((done + fraction * b.length) / count);
        await this.pacer.run(
          b.length,
          products,
          { ...options, onProgress: share },
          (start, units, recording) => {
            for (let from = 0; from < units; from += most) {
              const part = Math.min(most, units - from);
              const at = start + from;
              recording.dispatchEach(part, {
                kernel: fold,
                buffers: [this.store, a.buffer.gpu, b.buffer.gpu, factor.buffer.gpu, buffer.gpu],
                parameters: [
                  part,
                  a.first + at,
                  b.first + at,
                  0,
                  factor.first + stride * at,
                  stride,
                  digits.count,
                  left ? 1 : 0,
                ],
              });
              recording.dispatchEach(part, {
                kernel: affine,
                buffers: [this.store, buffer.gpu, out.buffer.gpu],
                parameters: [part, 0, out.first + at],
              });
            }
          },
        );
        done += b.length;
      }
    } catch (error) {
      for (const { buffer } of segments) buffer.release();
      throw error;
    } finally {
      for (const buffer of sums) buffer.release();
    }
    return segments;
  }

  /** Writes `count` sums in XYZZ coordinates to a buffer, from its point `first` on: affine, in Montgomery form. */
  async toAffine(sums: GPUBuffer, count: number, target: GPUBuffer, first: number): Promise<void> {
    const kernel = await this.kernel('affine');
    const recording = this.device.record();
    recording.dispatchEach(count, {
      kernel,
      buffers: [this.store, sums, target],
      parameters: [count, 0, first],
    });
    await recording.submit();
  }

  /** Sums in XYZZ coordinates, `count` of them, as affine points in memory form. */
  async readSums(sums: GPUBuffer, count: number): Promise<Uint8Array> {
    const buffer = this.device.allocate(count * this.pointBytes);
    try {
      await this.toAffine(sums, count, buffer.gpu, 0);
      await this.convert([{ buffer, first: 0, length: count }], false);
      return await this.device.download(buffer.gpu, 0, count * this.pointBytes);
    } finally {
      buffer.release();
    }
  }
}
