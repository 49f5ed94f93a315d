/**
 * Products of Miller loops on a device: lines of every point of G2 once, products of lines over chunks of pairs and segments of the
 * loop, a tree over the chunks, and the segments put together. Nothing is inverted.
 */

import type { Curve } from '../curve/curve.ts';
import { gtToBytes } from '../curve/gt.ts';
import { GpuFaultError, GpuLimitError } from '../errors.ts';
import { isZeroBytes, joinBytes } from '../field/bytes.ts';
import { millerSteps } from '../wasm/pairing/parameters.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuDevice } from './device.ts';
import type { Kernel } from './kernel.ts';
import { millerLines } from './kernels/miller-lines.ts';
import { millerAccumulate, millerFinish, millerTree } from './kernels/miller-products.ts';
import {
  type MillerBatch,
  type MillerLimits,
  type MillerPlan,
  type MillerTerm,
  planMiller,
} from './miller-plan.ts';
import type { PaceOptions, Pacer } from './pacer.ts';
import type { Recording } from './recording.ts';
import type { MultiplierName } from './shader/field.ts';
import { accumulatorLibrary, digitLines, lineLibrary } from './shader/miller-library.ts';
import {
  type AccumulatorPrograms,
  accumulatorPrograms,
  type LinePrograms,
  linePrograms,
} from './shader/miller-programs.ts';

/** Products that are planned together. */
const MOST_PRODUCTS = 2 ** 15;
/** Threads that keep a device busy. */
const THREADS = 2 ** 16;
const THREADS_SOFTWARE = 2 ** 10;

/** Kernels of Miller loops by what they do. */
export interface MillerKernels {
  readonly lines: Kernel;
  readonly accumulate: Kernel;
  readonly tree: Kernel;
  readonly finish: Kernel;
}

/** The kernels of a curve, not compiled yet. */
export function millerKernels(curve: Curve, multiplier: MultiplierName): MillerKernels {
  const accumulator = accumulatorLibrary(curve, multiplier);
  return {
    lines: millerLines(lineLibrary(curve, multiplier)),
    accumulate: millerAccumulate(accumulator),
    tree: millerTree(accumulator),
    finish: millerFinish(accumulator),
  };
}

/** What {@link GpuMiller.millerProducts} may be told. */
export interface MillerOptions extends PaceOptions {
  /** Threads to plan for. Default: by the device. */
  readonly threads?: number | undefined;
  /** Bytes of lines in memory at once, at most; never more than a kernel sees. */
  readonly lineBytes?: number | undefined;
}

/** Runs of a kernel over units of work of one cost. */
interface Work {
  readonly units: number;
  readonly products: number;
  readonly record: (first: number, units: number, recording: Recording) => void;
}

/** See {@link GpuMiller.create}. */
export class GpuMiller {
  readonly device: GpuDevice;
  readonly curve: Curve;
  readonly #pacer: Pacer;
  readonly #kernels: MillerKernels;
  readonly #lines: LinePrograms;
  readonly #accumulator: AccumulatorPrograms;
  readonly #lineStore: GPUBuffer;
  readonly #accumulatorStore: GPUBuffer;
  readonly #digitLines: readonly number[];
  /** Products in the base field of each step of the loop. */
  readonly #stepProducts: readonly number[];

  private constructor(
    device: GpuDevice,
    pacer: Pacer,
    curve: Curve,
    multiplier: MultiplierName,
    lines: { readonly programs: LinePrograms; readonly store: GPUBuffer },
    accumulator: { readonly programs: AccumulatorPrograms; readonly store: GPUBuffer },
  ) {
    this.device = device;
    this.curve = curve;
    this.#pacer = pacer;
    this.#kernels = millerKernels(curve, multiplier);
    this.#lines = lines.programs;
    this.#lineStore = lines.store;
    this.#accumulator = accumulator.programs;
    this.#accumulatorStore = accumulator.store;
    this.#digitLines = digitLines(curve);
    this.#stepProducts = millerSteps(curve).map(({ point }) => this.#lines.products[point] ?? 0);
  }

  /** Prepares the Miller loops of a curve; kernels are compiled when they are first needed. */
  static async create(
    device: GpuDevice,
    pacer: Pacer,
    curve: Curve,
    multiplier: MultiplierName,
  ): Promise<GpuMiller> {
    const lines = linePrograms(curve);
    const accumulator = accumulatorPrograms(curve);
    const lineStore = await device.uploadUniform(lines.assembler.words());
    const accumulatorStore = await device.uploadUniform(accumulator.assembler.words());
    return new GpuMiller(
      device,
      pacer,
      curve,
      multiplier,
      { programs: lines, store: lineStore.gpu },
      { programs: accumulator, store: accumulatorStore.gpu },
    );
  }

  /** Compiles all kernels. */
  async warmUp(): Promise<void> {
    await this.device.compileAll(Object.values(this.#kernels));
  }

  /**
   * Products of Miller loops, one Fp12 element in memory form each; those without pairs are 1, as are pairs with an infinite
   * member. Points are affine and in Montgomery form, of the groups of order r. Factors from proper subfields are as the formulas
   * give them: compare results after the final exponentiation.
   */
  async millerProducts(
    products: readonly (readonly MillerTerm[])[],
    options: MillerOptions = {},
  ): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let start = 0; start < products.length; start += MOST_PRODUCTS) {
      const group = products.slice(start, start + MOST_PRODUCTS);
      const onProgress = (fraction: number): void =>
        options.onProgress?.((start + fraction * group.length) / products.length);
      parts.push(await this.#group(group, { ...options, onProgress }));
    }
    return joinBytes(parts);
  }

  async #group(products: readonly (readonly MillerTerm[])[], options: MillerOptions): Promise<Uint8Array> {
    const isEmpty = products.every((terms) =>
      terms.every(({ g2 }) => g2.every(({ length }) => length === 0)),
    );
    if (isEmpty) return joinBytes(products.map(() => gtToBytes(this.curve, this.curve.fields.Fp12.ONE)));
    const plan = planMiller(products, this.#limits(options));
    const taken: PooledBuffer[] = [];
    const take = (bytes: number): GPUBuffer => {
      const { maxBindingBytes } = this.device;
      if (bytes > maxBindingBytes) {
        throw new GpuLimitError('maxStorageBufferBindingSize', bytes, maxBindingBytes);
      }
      const buffer = this.device.allocate(bytes);
      taken.push(buffer);
      return buffer.gpu;
    };
    try {
      const values = take(plan.segments * plan.values * this.curve.gtBytes);
      for (const [i, batch] of plan.batches.entries()) {
        const onProgress = (fraction: number): void =>
          options.onProgress?.((i + fraction) / plan.batches.length);
        await this.#batch(plan, batch, values, { ...options, onProgress });
      }
      const quiet = { signal: options.signal };
      const segments = await this.#tree(plan, values, take, quiet);
      return await this.#finish(plan, segments, products.length, take, quiet);
    } finally {
      for (const buffer of taken) buffer.release();
    }
  }

  #limits(options: MillerOptions): MillerLimits {
    const { maxBindingBytes, adapter } = this.device;
    return {
      fpBytes: this.curve.fpBytes,
      maxBindingBytes: Math.min(maxBindingBytes, options.lineBytes ?? maxBindingBytes),
      threads: options.threads ?? (adapter.isSoftware ? THREADS_SOFTWARE : THREADS),
      digitLines: this.#digitLines,
    };
  }

  #run({ units, products, record }: Work, options: PaceOptions): Promise<void> {
    return this.#pacer.run(units, products, options, record);
  }

  /** Uploads rows of four words, as kernels read tables. */
  #uploadTable(rows: readonly (readonly number[])[]): Promise<PooledBuffer> {
    const words = new Uint32Array(4 * rows.length);
    for (const [i, row] of rows.entries()) words.set(row, 4 * i);
    return this.device.upload(new Uint8Array(words.buffer));
  }

  /** Copies points together. */
  #gather(recording: Recording, target: GPUBuffer, pointBytes: number, runs: MillerBatch['sources']): void {
    let targetOffset = 0;
    for (const { buffer, first, length } of runs) {
      const bytes = length * pointBytes;
      recording.copy({ source: buffer, sourceOffset: first * pointBytes, target, targetOffset, bytes });
      targetOffset += bytes;
    }
  }

  /** Lines of the points of a batch, and their products over its chunks, into the places of the chunks. */
  async #batch(plan: MillerPlan, batch: MillerBatch, values: GPUBuffer, options: PaceOptions): Promise<void> {
    const { curve, device } = this;
    const { segmentDigits, segments, segmentsPerRound } = plan;
    const taken: PooledBuffer[] = [];
    const keep = (buffer: PooledBuffer): GPUBuffer => {
      taken.push(buffer);
      return buffer.gpu;
    };
    const take = (bytes: number): GPUBuffer => {
      if (bytes > device.maxBindingBytes) {
        throw new GpuLimitError('maxStorageBufferBindingSize', bytes, device.maxBindingBytes);
      }
      return keep(device.allocate(bytes));
    };
    try {
      const lineAt = (segment: number): number =>
        this.#digitLines[Math.min(this.#digitLines.length - 1, segment * segmentDigits)] as number;
      const rounds = Math.ceil(segments / segmentsPerRound);
      const roundStart = (round: number): number => Math.min(segments, round * segmentsPerRound);
      const linesOf = (round: number): number => lineAt(roundStart(round + 1)) - lineAt(roundStart(round));
      const mostLines = Math.max(...Array.from({ length: rounds }, (_, round) => linesOf(round)));
      const g2 = take(batch.points * curve.g2Bytes);
      const g1 = take(batch.pairs.length * curve.g1Bytes);
      const states = take(batch.points * 6 * curve.fpBytes);
      const lines = take(batch.points * mostLines * 6 * curve.fpBytes);
      const pairs = keep(await device.upload(new Uint8Array(batch.pairs.buffer)));
      const chunks = keep(
        await this.#uploadTable(batch.chunks.map(({ start, end, place }) => [start, end, place])),
      );
      const recording = device.record();
      this.#gather(recording, g2, curve.g2Bytes, batch.sources);
      this.#gather(recording, g1, curve.g1Bytes, batch.g1);
      await recording.submit();

      const [lineKernel, accumulateKernel] = await device.compileAll([
        this.#kernels.lines,
        this.#kernels.accumulate,
      ]);
      if (!lineKernel || !accumulateKernel) return;
      const longest = Math.max(...batch.chunks.map(({ start, end }) => end - start));
      for (let round = 0; round < rounds; round++) {
        const [firstSegment, firstStep, steps] = [
          roundStart(round),
          lineAt(roundStart(round)),
          linesOf(round),
        ];
        const share =
          (offset: number) =>
          (fraction: number): void =>
            options.onProgress?.((round + offset + fraction / 2) / rounds);
        const stepProducts = this.#stepProducts.slice(firstStep, firstStep + steps);
        await this.#run(
          {
            units: batch.points,
            products: stepProducts.reduce((sum, products) => sum + products, 0),
            record: (first, count, to) =>
              to.dispatchEach(count, {
                kernel: lineKernel,
                buffers: [this.#lineStore, g2, states, lines],
                parameters: [count, first, batch.points, firstStep, steps],
              }),
          },
          { signal: options.signal, onProgress: share(0) },
        );
        const roundSegments = roundStart(round + 1) - firstSegment;
        const { line, square } = this.#accumulator.products;
        await this.#run(
          {
            units: batch.chunks.length * roundSegments,
            products: (line * longest * steps) / roundSegments + square * (segmentDigits - 1),
            record: (first, count, to) =>
              to.dispatchEach(count, {
                kernel: accumulateKernel,
                buffers: [this.#accumulatorStore, chunks, pairs, g1, lines, values],
                parameters: [
                  count,
                  first,
                  batch.chunks.length,
                  firstSegment,
                  segmentDigits,
                  firstStep,
                  batch.points,
                  plan.values,
                ],
              }),
          },
          { signal: options.signal, onProgress: share(0.5) },
        );
      }
    } finally {
      for (const buffer of taken) buffer.release();
    }
  }

  /** One value of each product and segment. */
  async #tree(
    plan: MillerPlan,
    values: GPUBuffer,
    take: (bytes: number) => GPUBuffer,
    options: PaceOptions,
  ): Promise<GPUBuffer> {
    if (plan.levels.length === 0) return values;
    const kernel = await this.device.compile(this.#kernels.tree);
    let [from, factors] = [values, plan.values];
    for (const level of plan.levels) {
      const ranges = await this.#uploadTable(level);
      try {
        const to = take(level.length * plan.segments * this.curve.gtBytes);
        const [source, count] = [from, factors];
        const longest = Math.max(...level.map(([start, end]) => end - start));
        await this.#run(
          {
            units: level.length * plan.segments,
            products: this.#accumulator.products.multiply * (longest - 1) + 1,
            record: (first, units, recording) =>
              recording.dispatchEach(units, {
                kernel,
                buffers: [this.#accumulatorStore, ranges.gpu, source, to],
                parameters: [units, first, level.length, count],
              }),
          },
          options,
        );
        [from, factors] = [to, level.length];
      } finally {
        ranges.release();
      }
    }
    return from;
  }

  async #finish(
    plan: MillerPlan,
    segments: GPUBuffer,
    products: number,
    take: (bytes: number) => GPUBuffer,
    options: PaceOptions,
  ): Promise<Uint8Array> {
    const { gtBytes } = this.curve;
    const { square, multiply, scale } = this.#accumulator.products;
    const kernel = await this.device.compile(this.#kernels.finish);
    const out = take(products * gtBytes);
    await this.#run(
      {
        units: products,
        products: square * (this.#digitLines.length - 1) + multiply * plan.segments + scale,
        record: (first, units, recording) =>
          recording.dispatchEach(units, {
            kernel,
            buffers: [this.#accumulatorStore, segments, out],
            parameters: [units, first, products, plan.segmentDigits],
          }),
      },
      options,
    );
    const bytes = await this.device.download(out, 0, products * gtBytes);
    for (let at = 0; at < bytes.length; at += gtBytes) {
      if (isZeroBytes(bytes.subarray(at, at + gtBytes))) {
        throw new GpuFaultError('a product of Miller loops it gave is 0');
      }
    }
    return bytes;
  }
}
