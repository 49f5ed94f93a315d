/** Runs kernels of gpu.js on batches of any length, in calls of a few fixed sizes. */

import { DeviceLostError, DisposedError, throwIfAborted } from '../errors.ts';
import type { GpujsDevice, GpujsKernel, GpujsPackage, GpujsPipeline } from './gpu-js.ts';

/** How long operations may be told to stop, and say how far they are. */
export interface BatchOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A kernel by its text and the shape of what it computes, innermost dimension first. */
export interface KernelShape {
  readonly source: string;
  /** Limbs and coordinates of one element's result. */
  readonly row: readonly number[];
}

/** A chain of kernels: makes the steps for a batch of `count` elements. */
export interface Chain {
  /** Numbers of each argument and of the result, an element. */
  readonly arguments: readonly (readonly number[])[];
  readonly resultLength: number;
  readonly kernels: readonly KernelShape[];
  /** Tables that follow the arguments. */
  readonly tables: readonly { readonly values: Float32Array; readonly size: readonly number[] }[];
  /**
   * A function that calls the kernels, given in the order of `kernels`, on handles of arguments and tables. gpu.js counts its parameters:
   * no rest parameter.
   */
  plan(kernels: readonly GpujsKernel[]): (...handles: never[]) => unknown;
}

/** Sizes of a call, largest first, and how many times the elements given it may be: on a GPU, empty places cost less than calls. */
interface Batches {
  readonly sizes: readonly number[];
  readonly padding: number;
}

/** The largest keeps textures within 2048 × 2048, which every WebGL2 has, and indices exact in floats. */
const SHADER_BATCHES: Batches = { sizes: [4096, 512, 32], padding: 2 };
/** Without a GPU, calls hold the thread: they are kept short, and padding is real work. */
const CPU_BATCHES: Batches = { sizes: [256, 32, 4], padding: 1 };
/** How long calls may follow one another before other tasks of the page or process get their turn. */
const HOLD_MS = 30;

/** A pipeline for each size of a batch, made when it is first needed. */
export class BatchMachine {
  readonly device: GpujsDevice;
  readonly #package: GpujsPackage;
  readonly #batches: Batches;
  readonly #pipelines = new Map<string, GpujsPipeline>();
  #heldSince = 0;
  #disposed = false;

  constructor(gpujs: GpujsPackage, device: GpujsDevice) {
    this.#package = gpujs;
    this.device = device;
    this.#batches = this.isShader ? SHADER_BATCHES : CPU_BATCHES;
  }

  /** Whether kernels are shaders. */
  get isShader(): boolean {
    return this.device.mode !== 'webasm' && this.device.mode !== 'cpu';
  }

  /** Most elements of one call. */
  get largestBatch(): number {
    return this.#batches.sizes[0] as number;
  }

  /**
   * Runs a chain on `count` elements, `values` holding its arguments one element after another; gives the results likewise. Throws
   * {@link DeviceLostError} where the browser has taken the GPU away, AbortedError between calls.
   */
  async run(
    name: string,
    chain: Chain,
    count: number,
    values: readonly Float32Array[],
    options: BatchOptions = {},
  ): Promise<Float32Array> {
    const out = new Float32Array(count * chain.resultLength);
    for (let at = 0; at < count; ) {
      throwIfAborted(options.signal);
      if (this.#disposed) throw new DisposedError('The gpu.js backend');
      const batch = this.#batchFor(count - at);
      const pipeline = this.#pipeline(name, chain, batch);
      const taken = Math.min(batch, count - at);
      const inputs = chain.arguments.map((size, i) => {
        const length = size.reduce((product, n) => product * n);
        const part = (values[i] as Float32Array).subarray(at * length, (at + taken) * length);
        return this.#package.input(padded(part, batch * length), [...size, batch]);
      });
      const tables = chain.tables.map(({ values, size }) => this.#package.input(values, size));
      const rows = (await pipeline(...inputs, ...tables)) as readonly Float32Array[];
      if (this.device.context?.isContextLost?.()) throw new DeviceLostError('the WebGL context is lost');
      for (let i = 0; i < taken; i++) out.set(rows[i] as Float32Array, (at + i) * chain.resultLength);
      at += taken;
      await this.#breathe();
    }
    throwIfAborted(options.signal);
    return out;
  }

  /** Lets other tasks run when calls have held the thread for long. */
  async #breathe(): Promise<void> {
    if (Date.now() - this.#heldSince < HOLD_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#heldSince = Date.now();
  }

  /** The size for the next call: the largest that is filled well enough, or the smallest. */
  #batchFor(rest: number): number {
    const { sizes, padding } = this.#batches;
    return sizes.find((size) => size <= rest * padding) ?? (sizes.at(-1) as number);
  }

  #pipeline(name: string, chain: Chain, batch: number): GpujsPipeline {
    const id = `${name} ${batch}`;
    let pipeline = this.#pipelines.get(id);
    if (!pipeline) {
      const kernels = chain.kernels.map(({ source, row }) =>
        this.device.createKernel(source, {
          output: [...row, batch],
          precision: 'single',
          tactic: 'precision',
          strictIntegers: true,
        }),
      );
      pipeline = this.device.createPipeline(chain.plan(kernels), { threads: false });
      this.#pipelines.set(id, pipeline);
    }
    return pipeline;
  }

  /** Gives the device back, and with it everything made here. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const pipeline of this.#pipelines.values()) pipeline.destroy();
    this.#pipelines.clear();
    await this.device.destroy();
  }
}

function padded(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const out = new Float32Array(length);
  out.set(values);
  return out;
}
