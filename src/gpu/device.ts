/** A GPU device with its compiled kernels and its buffers: the one object through which kernels run. */

import {
  DeviceLostError,
  DisposedError,
  GpuFaultError,
  GpuOutOfMemoryError,
  type SheafError,
} from '../errors.ts';
import { type AdapterDescription, acquireDevice, type DeviceOptions } from './adapter.ts';
import { BufferPool, type PooledBuffer } from './buffer-pool.ts';
import type { Kernel } from './kernel.ts';
import { type CompiledKernel, PipelineCache } from './pipeline-cache.ts';
import { Recording } from './recording.ts';

/** Bytes of unused buffers that are kept for reuse. */
const KEEP_BYTES = 2 ** 30;

const MAP_READ = 1;

/** Turns what an error scope caught into a typed error. */
function typedError(error: GPUError, filter: GPUErrorFilter): SheafError {
  return filter === 'out-of-memory'
    ? new GpuOutOfMemoryError(error.message || 'an allocation was refused')
    : new GpuFaultError(`${filter} error, ${error.message}`);
}

/** A run of bytes of a storage buffer. Offset and size are multiples of 4. */
export interface DeviceBytes {
  readonly source: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** See {@link GpuDevice.acquire}. */
export class GpuDevice {
  readonly gpu: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly buffers: BufferPool;
  readonly #pipelines: PipelineCache;
  readonly #isOwn: boolean;
  #lost: DeviceLostError | undefined;
  #isDisposed = false;
  /** What allocations since the last submission came to. */
  #allocations: [Promise<GPUError | null>, GPUErrorFilter][] = [];

  private constructor(gpu: GPUDevice, adapter: AdapterDescription, isOwn: boolean) {
    this.gpu = gpu;
    this.adapter = adapter;
    this.#isOwn = isOwn;
    this.buffers = new BufferPool(gpu, KEEP_BYTES);
    this.#pipelines = new PipelineCache(gpu);
    void gpu.lost.then(({ reason, message }) => {
      this.#lost = new DeviceLostError(message || reason || 'no reason given');
    });
  }

  /** Acquires a device, or takes the caller's own. Throws GpuUnavailableError. */
  static async acquire(options: DeviceOptions = {}): Promise<GpuDevice> {
    const { device, adapter, isOwn } = await acquireDevice(options);
    return new GpuDevice(device, adapter, isOwn);
  }

  /** Whether the device is gone, so that a new one must be acquired. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Largest number of bytes that one binding of a kernel sees. */
  get maxBindingBytes(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** Throws DisposedError or DeviceLostError unless the device can be used. */
  assertUsable(): void {
    if (this.#isDisposed) throw new DisposedError('The GPU device');
    if (this.#lost) throw this.#lost;
  }

  /** Compiles a kernel once. Rejects with ShaderCompileError. */
  compile(kernel: Kernel): Promise<CompiledKernel> {
    this.assertUsable();
    return this.#pipelines.get(kernel);
  }

  /** Compiles several kernels at the same time. */
  compileAll(kernels: readonly Kernel[]): Promise<CompiledKernel[]> {
    return Promise.all(kernels.map((kernel) => this.compile(kernel)));
  }

  /** A storage buffer for `bytes`. That there was no memory for it comes out with the next thing that is submitted. */
  allocate(bytes: number): PooledBuffer {
    this.assertUsable();
    this.gpu.pushErrorScope('validation');
    this.gpu.pushErrorScope('out-of-memory');
    try {
      return this.buffers.take('storage', Math.max(bytes, 4));
    } finally {
      const isFull = this.gpu.popErrorScope();
      const isRefused = this.gpu.popErrorScope();
      this.#allocations.push([isFull, 'out-of-memory'], [isRefused, 'validation']);
    }
  }

  /** A list of commands to be submitted together. */
  record(): Recording {
    return new Recording(this);
  }

  /**
   * Runs GPU calls made by `action` within error scopes. The promise of the caller's that `action` returns is awaited; what the
   * scopes caught is thrown as GpuOutOfMemoryError, GpuFaultError or DeviceLostError.
   */
  async guarded<T>(action: () => T | Promise<T>): Promise<T> {
    this.assertUsable();
    const filters: readonly GPUErrorFilter[] = ['validation', 'internal', 'out-of-memory'];
    for (const filter of filters) this.gpu.pushErrorScope(filter);
    let result: T | Promise<T>;
    const scopes: Promise<GPUError | null>[] = [];
    try {
      result = action();
    } finally {
      for (const _ of filters) scopes.unshift(this.gpu.popErrorScope());
    }
    const allocations = this.#allocations.splice(0);
    const [value, ...errors] = await Promise.allSettled([result, ...scopes]);
    for (const [scope, filter] of allocations) {
      const error = await scope.catch(() => null);
      if (error && !this.#lost) throw typedError(error, filter);
    }
    if (this.#lost) throw this.#lost;
    for (const [i, caught] of errors.entries()) {
      const error = caught.status === 'fulfilled' ? caught.value : null;
      if (error) throw typedError(error, filters[i] as GPUErrorFilter);
    }
    if (value.status === 'rejected') throw value.reason;
    return value.value;
  }

  /** Puts bytes at the start of a storage buffer. */
  async write(target: GPUBuffer, bytes: Uint8Array): Promise<void> {
    await this.guarded(() => {
      const whole = bytes.length & ~3;
      if (whole > 0) this.gpu.queue.writeBuffer(target, 0, bytes as BufferSource, 0, whole);
      if (whole < bytes.length) {
        const rest = new Uint8Array(4);
        rest.set(bytes.subarray(whole));
        this.gpu.queue.writeBuffer(target, whole, rest);
      }
    });
  }

  /** Puts bytes into a new storage buffer; their number is rounded up to whole words. */
  async upload(bytes: Uint8Array): Promise<PooledBuffer> {
    const buffer = await this.guarded(() => this.allocate(4 * Math.ceil(bytes.length / 4)));
    await this.write(buffer.gpu, bytes);
    return buffer;
  }

  /** Puts words into a new uniform buffer. */
  async uploadUniform(words: Uint32Array<ArrayBuffer>): Promise<PooledBuffer> {
    return this.guarded(() => {
      const buffer = this.buffers.take('uniform', words.byteLength);
      this.gpu.queue.writeBuffer(buffer.gpu, 0, words);
      return buffer;
    });
  }

  /** Copies bytes of a storage buffer back. Offset and size are multiples of 4. */
  async download(source: GPUBuffer, offset: number, size: number): Promise<Uint8Array> {
    const [bytes = new Uint8Array()] = await this.downloadAll([{ source, offset, size }]);
    return bytes;
  }

  /** Copies runs of bytes of storage buffers back, all through one mapped buffer. */
  async downloadAll(runs: readonly DeviceBytes[]): Promise<Uint8Array[]> {
    const total = runs.reduce((sum, { size }) => sum + size, 0);
    if (total === 0) return runs.map(() => new Uint8Array());
    let staging: PooledBuffer | undefined;
    try {
      return await this.guarded(async () => {
        staging = this.buffers.take('readback', total);
        const encoder = this.gpu.createCommandEncoder();
        let at = 0;
        for (const { source, offset, size } of runs) {
          if (size > 0) encoder.copyBufferToBuffer(source, offset, staging.gpu, at, size);
          at += size;
        }
        this.gpu.queue.submit([encoder.finish()]);
        await staging.gpu.mapAsync(MAP_READ, 0, total);
        const mapped = new Uint8Array(staging.gpu.getMappedRange(0, total));
        at = 0;
        const parts = runs.map(({ size }) => {
          at += size;
          return mapped.slice(at - size, at);
        });
        staging.gpu.unmap();
        return parts;
      });
    } finally {
      if (!this.#lost) staging?.release();
    }
  }

  /** Gives a storage buffer back, overwritten. Once the device is lost its memory is gone. */
  releaseSecret(buffer: PooledBuffer): void {
    if (!this.#isDisposed && !this.#lost) {
      const encoder = this.gpu.createCommandEncoder();
      encoder.clearBuffer(buffer.gpu, 0, 4 * Math.ceil(buffer.size / 4));
      this.gpu.queue.submit([encoder.finish()]);
    }
    buffer.release();
  }

  /** Waits until all that was submitted is done. */
  async settled(): Promise<void> {
    await this.gpu.queue.onSubmittedWorkDone();
    if (this.#lost) throw this.#lost;
  }

  /** Destroys the buffers and, where Sheaf made it, the device. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.buffers.destroy();
    if (this.#isOwn) this.gpu.destroy();
  }
}
