/**
 * Vectors of scalars on a device. At rest they are canonical, 32 bytes each, as the kernels of sums read them; factors that do not
 * change (x of a fold, twiddles, values of a matrix) are kept in Montgomery form, so that a product with one is canonical again.
 */

import type { Curve } from '../curve/curve.ts';
import { mod, modInverse, modPow } from '../field/modular.ts';
import type { GpuDevice } from './device.ts';
import type { Kernel } from './kernel.ts';
import { frFold } from './kernels/fr-fold.ts';
import { FR_GATHER } from './kernels/fr-gather.ts';
import { frMatrixRows, frMatrixSums } from './kernels/fr-matrix.ts';
import { frMul } from './kernels/fr-mul.ts';
import { frPowers, POWERS_RUN } from './kernels/fr-powers.ts';
import { nttJoin } from './kernels/ntt-join.ts';
import { nttPass, SOFTWARE_TILE_LOG2, TILE_LOG2 } from './kernels/ntt-pass.ts';
import type { PaceOptions, Pacer } from './pacer.ts';
import type { CompiledKernel } from './pipeline-cache.ts';
import type { Recording } from './recording.ts';
import { alignSegments, allocateSegments, lengthOf, type Segment } from './segments.ts';
import type { MultiplierName } from './shader/field.ts';
import { type FieldSpec, limbsOf, scalarField, toMontgomery } from './shader/field-spec.ts';

/** Bytes of a scalar, on both curves. */
export const SCALAR_BYTES = 32;

/** Products that making a power takes, and an element that is only moved. */
const POWER_PRODUCTS = 2;
const MOVE_PRODUCTS = 1;

/** Kernels on scalars by what they do. */
export interface ScalarKernels {
  readonly mul: Kernel;
  readonly fold: Kernel;
  readonly powers: Kernel;
  readonly gather: Kernel;
  readonly nttPass: Kernel;
  readonly nttJoin: Kernel;
  readonly matrixRows: Kernel;
  readonly matrixSums: Kernel;
}

/** The kernels of a curve's scalars, not compiled yet; transforms on tiles of 2^tileLog2 values. */
export function scalarKernels(curve: Curve, multiplier: MultiplierName, tileLog2: number): ScalarKernels {
  return {
    mul: frMul(curve, multiplier),
    fold: frFold(curve, multiplier),
    powers: frPowers(curve, multiplier),
    gather: FR_GATHER,
    nttPass: nttPass(curve, multiplier, tileLog2),
    nttJoin: nttJoin(curve, multiplier),
    matrixRows: frMatrixRows(curve, multiplier),
    matrixSums: frMatrixSums(curve, multiplier),
  };
}

/** A geometric sequence: first·base^i. */
export interface Powers {
  readonly first: bigint;
  readonly base: bigint;
  readonly count: number;
}

/** The scalars of one curve on one device. */
export class GpuScalars {
  readonly device: GpuDevice;
  readonly pacer: Pacer;
  readonly curve: Curve;
  readonly field: FieldSpec;
  /** log2 of the values of a transform's tile at most. */
  readonly tileLog2: number;
  readonly #kernels: ScalarKernels;

  /** Kernels are compiled when they are first needed. */
  constructor(
    device: GpuDevice,
    pacer: Pacer,
    curve: Curve,
    multiplier: MultiplierName,
    tileLog2: number = device.adapter.isSoftware ? SOFTWARE_TILE_LOG2 : TILE_LOG2,
  ) {
    this.device = device;
    this.pacer = pacer;
    this.curve = curve;
    this.field = scalarField(curve);
    this.tileLog2 = tileLog2;
    this.#kernels = scalarKernels(curve, multiplier, tileLog2);
  }

  /** A kernel, compiled. */
  kernel(name: keyof ScalarKernels): Promise<CompiledKernel> {
    return this.device.compile(this.#kernels[name]);
  }

  /** Compiles all kernels. */
  async warmUp(): Promise<void> {
    await this.device.compileAll(Object.values(this.#kernels));
  }

  /** x in Montgomery form. */
  montgomery(x: bigint): bigint {
    return toMontgomery(this.field, mod(x, this.curve.order));
  }

  /** Parameters that stand for a scalar. */
  words(value: bigint): number[] {
    return limbsOf(value, 32, this.field.words).map(Number);
  }

  /** Room for scalars. */
  allocate(length: number): Segment[] {
    return allocateSegments(this.device, length, SCALAR_BYTES);
  }

  /** Puts scalars on the device; those in the Montgomery form of zkey files become canonical. */
  async upload(bytes: Uint8Array, encoding: 'canonical' | 'montgomery' = 'canonical'): Promise<Segment[]> {
    const own = await this.fill(bytes.length / SCALAR_BYTES, async (segments) => {
      let at = 0;
      for (const { buffer, length } of segments) {
        const size = length * SCALAR_BYTES;
        await this.device.write(buffer.gpu, bytes.subarray(at, at + size));
        at += size;
      }
    });
    if (encoding === 'canonical') return own;
    try {
      return await this.scale(own, modInverse(this.montgomery(1n), this.curve.order));
    } finally {
      this.erase(own);
    }
  }

  /** Scalars in memory form. */
  async read(segments: readonly Segment[]): Promise<Uint8Array> {
    const out = new Uint8Array(lengthOf(segments) * SCALAR_BYTES);
    let at = 0;
    for (const { buffer, first, length } of segments) {
      const size = length * SCALAR_BYTES;
      out.set(await this.device.download(buffer.gpu, first * SCALAR_BYTES, size), at);
      at += size;
    }
    return out;
  }

  /** Gives buffers back, overwritten: what was made from secrets tells of them. */
  erase(segments: readonly Segment[]): void {
    for (const { buffer } of segments) this.device.releaseSecret(buffer);
  }

  /** New segments that `write` fills; given back where that fails. */
  async fill(length: number, write: (to: Segment[]) => Promise<unknown>): Promise<Segment[]> {
    const segments = this.allocate(length);
    try {
      await write(segments);
      return segments;
    } catch (error) {
      this.erase(segments);
      throw error;
    }
  }

  /** left·right, element by element. */
  async mul(
    left: readonly Segment[],
    right: readonly Segment[],
    options: PaceOptions = {},
  ): Promise<Segment[]> {
    const kernel = await this.kernel('mul');
    const square = this.words(this.montgomery(this.montgomery(1n)));
    return this.#combine(kernel, [left, right], 2, square, options);
  }

  /** left + x·right, element by element. */
  async fold(
    left: readonly Segment[],
    right: readonly Segment[],
    x: bigint,
    options: PaceOptions = {},
  ): Promise<Segment[]> {
    const kernel = await this.kernel('fold');
    return this.#combine(kernel, [left, right], 1, [...this.words(this.montgomery(x)), 1], options);
  }

  #combine(
    kernel: CompiledKernel,
    sides: readonly [readonly Segment[], readonly Segment[]],
    products: number,
    words: readonly number[],
    options: PaceOptions,
  ): Promise<Segment[]> {
    const [left] = sides;
    return this.fill(lengthOf(left), (to) =>
      this.#eachPiece([...sides, to], products, options, (pieces, start, count, recording) =>
        recording.dispatchEach(count, {
          kernel,
          buffers: pieces.map(({ buffer }) => buffer.gpu),
          parameters: [count, ...pieces.map(({ first }) => first + start), ...words],
        }),
      ),
    );
  }

  /** x·values, element by element. */
  async scale(values: readonly Segment[], x: bigint, options: PaceOptions = {}): Promise<Segment[]> {
    const kernel = await this.kernel('fold');
    return this.#combine(kernel, [values, values], 1, [...this.words(this.montgomery(x)), 0], options);
  }

  /** Powers as a new vector. */
  powers(sequence: Powers, options: PaceOptions = {}): Promise<Segment[]> {
    return this.fill(sequence.count, (to) => this.fillPowers(to, sequence, options));
  }

  /** Writes powers over segments of as many elements. */
  async fillPowers(
    to: readonly Segment[],
    { first, base }: Omit<Powers, 'count'>,
    options: PaceOptions = {},
  ): Promise<void> {
    const kernel = await this.kernel('powers');
    const { order } = this.curve;
    let done = 0;
    await this.#eachPiece([to], POWER_PRODUCTS, options, ([piece], start, count, recording) => {
      if (!piece) return;
      const from = (first * modPow(base, BigInt(done), order)) % order;
      done += count;
      this.recordPowers(recording, kernel, piece.buffer.gpu, piece.first + start, {
        first: from,
        base,
        count,
      });
    });
  }

  /** Records a few powers, of which the first is to be at index `at` of a buffer. */
  recordPowers(
    recording: Recording,
    kernel: CompiledKernel,
    out: GPUBuffer,
    at: number,
    { first, base, count }: Powers,
  ): void {
    const threads = Math.ceil(count / POWERS_RUN);
    const bits = threads > 1 ? (threads - 1).toString(2).length : 0;
    const ratio = modPow(base, BigInt(threads), this.curve.order);
    const factors = [this.montgomery(base), this.montgomery(ratio)].flatMap((factor) => this.words(factor));
    recording.dispatchEach(threads, {
      kernel,
      buffers: [out],
      parameters: [count, at, threads, bits, ...this.words(first), ...factors],
    });
  }

  /** Elements offset, offset + stride … of a vector to the start of a segment, which has room for them. */
  async gather(
    from: readonly Segment[],
    stride: number,
    offset: number,
    to: Segment,
    options: PaceOptions = {},
  ): Promise<void> {
    const kernel = await this.kernel('gather');
    const count = Math.ceil((lengthOf(from) - offset) / stride);
    await this.pacer.run(count, MOVE_PRODUCTS, options, (start, units, recording) => {
      let [at, done] = [0, start];
      for (const { buffer, first, length } of from) {
        const index = offset + done * stride - at;
        at += length;
        if (index >= length || done === start + units) continue;
        const own = Math.min(Math.ceil((length - index) / stride), start + units - done);
        recording.dispatchEach(own, {
          kernel,
          buffers: [buffer.gpu, to.buffer.gpu],
          parameters: [own, first + index, stride, to.first + done],
        });
        done += own;
      }
    });
  }

  /** Does work on pieces of vectors that lie in one buffer each, in order. */
  async #eachPiece(
    vectors: readonly (readonly Segment[])[],
    products: number,
    options: PaceOptions,
    record: (pieces: readonly Segment[], start: number, count: number, recording: Recording) => void,
  ): Promise<void> {
    const pieces = alignSegments(vectors);
    await this.pacer.run(lengthOf(vectors[0] ?? []), products, options, (start, units, recording) => {
      let at = 0;
      for (const parts of pieces) {
        const [{ length } = { length: 0 }] = parts;
        const [from, to] = [Math.max(start, at), Math.min(start + units, at + length)];
        if (from < to) record(parts, from - at, to - from, recording);
        at += length;
      }
    });
  }
}
