/** One group of a curve on a device: its kernels, its points' forms. */

import type { Curve } from '../curve/curve.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuDevice } from './device.ts';
import type { Kernel } from './kernel.ts';
import { msmAccumulate, msmCombine } from './kernels/msm-buckets.ts';
import { msmHorner } from './kernels/msm-horner.ts';
import { msmReduce } from './kernels/msm-reduce.ts';
import { pointAffine, pointConvert } from './kernels/point-forms.ts';
import type { PaceOptions, Pacer } from './pacer.ts';
import type { CompiledKernel } from './pipeline-cache.ts';
import { alignSegments, allocateSegments, type Segment, sliceSegments } from './segments.ts';
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
  };
}

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

  /** Sums in XYZZ coordinates, `count` of them, as affine points in memory form. */
  async readSums(sums: GPUBuffer, count: number): Promise<Uint8Array> {
    const kernel = await this.kernel('affine');
    const buffer = this.device.allocate(count * this.pointBytes);
    try {
      const recording = this.device.record();
      recording.dispatchEach(count, {
        kernel,
        buffers: [this.store, sums, buffer.gpu],
        parameters: [count, 0, 0],
      });
      await recording.submit();
      await this.convert([{ buffer, first: 0, length: count }], false);
      return await this.device.download(buffer.gpu, 0, count * this.pointBytes);
    } finally {
      buffer.release();
    }
  }
}
