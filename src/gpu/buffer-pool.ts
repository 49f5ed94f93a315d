/** Buffers of a device by size class, kept for reuse: WebGPU clears new buffers, which costs more than most kernels. */

import { GpuLimitError } from '../errors.ts';

/** Uses of buffers, as GPUBufferUsage has them; the global is missing in Node. */
const BUFFER_USAGE = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
} as const;

/** What a buffer is for. */
export type BufferRole = 'storage' | 'uniform' | 'readback';

const ROLE_USAGE: Readonly<Record<BufferRole, number>> = {
  storage: BUFFER_USAGE.storage | BUFFER_USAGE.copySource | BUFFER_USAGE.copyTarget,
  uniform: BUFFER_USAGE.uniform | BUFFER_USAGE.copyTarget,
  readback: BUFFER_USAGE.mapRead | BUFFER_USAGE.copyTarget,
};

/** A buffer on loan. Its contents are whatever its last user left. */
export interface PooledBuffer {
  readonly gpu: GPUBuffer;
  /** Bytes that were asked for; the buffer may have more. */
  readonly size: number;
  /** Gives it back. Work that was submitted before still sees its contents. */
  release(): void;
}

/** Size of the class that `bytes` falls into: a power of two, or one and a half of one. At least 256. */
export function sizeClass(bytes: number): number {
  let size = 256;
  while (size < bytes) {
    if (size * 1.5 >= bytes && size >= 1024) return size * 1.5;
    size *= 2;
  }
  return size;
}

/** Lends buffers and keeps those that come back, up to a number of bytes. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #keepBytes: number;
  readonly #free = new Map<string, GPUBuffer[]>();
  readonly #all = new Set<GPUBuffer>();
  #freeBytes = 0;
  #destroyed = false;

  constructor(device: GPUDevice, keepBytes: number) {
    this.#device = device;
    this.#keepBytes = keepBytes;
  }

  /** Bytes of all buffers, lent or kept. */
  get bytes(): number {
    let sum = 0;
    for (const buffer of this.#all) sum += buffer.size;
    return sum;
  }

  /** Lends a buffer of at least `bytes`. Throws GpuLimitError when no buffer can be that large. */
  take(role: BufferRole, bytes: number): PooledBuffer {
    const { maxBufferSize } = this.#device.limits;
    if (bytes > maxBufferSize) throw new GpuLimitError('maxBufferSize', bytes, maxBufferSize);
    const size = Math.min(sizeClass(bytes), maxBufferSize);
    const key = `${role} ${size}`;
    let gpu = this.#free.get(key)?.pop();
    if (gpu) this.#freeBytes -= size;
    else {
      gpu = this.#device.createBuffer({ size, usage: ROLE_USAGE[role] });
      this.#all.add(gpu);
    }
    return this.#lend(gpu, key, bytes);
  }

  #lend(gpu: GPUBuffer, key: string, size: number): PooledBuffer {
    let lent = true;
    return {
      gpu,
      size,
      release: () => {
        if (lent) this.#takeBack(gpu, key);
        lent = false;
      },
    };
  }

  #takeBack(gpu: GPUBuffer, key: string): void {
    if (this.#destroyed) return;
    if (this.#freeBytes + gpu.size > this.#keepBytes) {
      this.#destroy(gpu);
      return;
    }
    const list = this.#free.get(key);
    if (list) list.push(gpu);
    else this.#free.set(key, [gpu]);
    this.#freeBytes += gpu.size;
  }

  #destroy(gpu: GPUBuffer): void {
    gpu.destroy();
    this.#all.delete(gpu);
  }

  /** Destroys the buffers that are not lent: after the GPU ran out of memory, before trying again. */
  trim(): void {
    for (const list of this.#free.values()) for (const gpu of list) this.#destroy(gpu);
    this.#free.clear();
    this.#freeBytes = 0;
  }

  /** Destroys all buffers, lent ones too. */
  destroy(): void {
    this.#destroyed = true;
    for (const gpu of this.#all) gpu.destroy();
    this.#all.clear();
    this.#free.clear();
  }
}
