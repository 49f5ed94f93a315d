/** Commands that are submitted together: dispatches with their parameters, and copies. */

import { InternalError } from '../errors.ts';
import type { BufferPool, PooledBuffer } from './buffer-pool.ts';
import type { CompiledKernel } from './pipeline-cache.ts';

/** Uniform bindings start at multiples of this many bytes (the default minUniformBufferOffsetAlignment). */
const PARAMETER_STRIDE = 256;
/** Workgroups that a dispatch may have in one dimension (the default maxComputeWorkgroupsPerDimension). */
const MAX_GROUPS = 65535;

/** One run of a kernel. */
export interface Dispatch {
  readonly kernel: CompiledKernel;
  /** All buffers but that of the parameters, by binding. */
  readonly buffers: readonly GPUBuffer[];
  /** Words of the parameters. Needed when the kernel has one binding more than there are buffers. */
  readonly parameters?: readonly number[];
  /** Workgroups; beyond 65535 the rest goes to the second dimension. */
  readonly groups: number;
}

/** Bytes to be copied from one buffer to another; all figures are multiples of 4. */
export interface Copy {
  readonly source: GPUBuffer;
  readonly sourceOffset: number;
  readonly target: GPUBuffer;
  readonly targetOffset: number;
  readonly bytes: number;
}

type Command =
  | { readonly kind: 'dispatch'; readonly dispatch: Dispatch; readonly slot: number }
  | { readonly kind: 'clear'; readonly buffer: GPUBuffer; readonly bytes: number }
  | ({ readonly kind: 'copy' } & Copy);

/** What a recording needs of the device that it is submitted on. */
export interface RecordingHost {
  readonly gpu: GPUDevice;
  readonly buffers: BufferPool;
  /** Largest number of bytes that a storage binding sees. */
  readonly maxBindingBytes: number;
  /** Runs what creates or submits within error scopes. */
  guarded<T>(action: () => T | Promise<T>): Promise<T>;
}

/** Collects commands for one submission. Order is kept; each sees what those before it wrote. */
export class Recording {
  readonly #device: RecordingHost;
  readonly #commands: Command[] = [];
  readonly #parameters: (readonly number[])[] = [];

  constructor(device: RecordingHost) {
    this.#device = device;
  }

  /** Adds a run of a kernel. A run of no workgroups is left out. */
  dispatch(dispatch: Dispatch): void {
    const { kernel, buffers, parameters, groups } = dispatch;
    const expected = kernel.kernel.bindings.length;
    const got = buffers.length + (parameters ? 1 : 0);
    if (expected !== got) {
      throw new InternalError(`Kernel ${kernel.kernel.name} has ${expected} bindings, got ${got}.`);
    }
    if (groups === 0) return;
    if (parameters) this.#parameters.push(parameters);
    this.#commands.push({ kind: 'dispatch', dispatch, slot: this.#parameters.length - 1 });
  }

  /** Adds a run with one thread for each of `count` elements. */
  dispatchEach(count: number, dispatch: Omit<Dispatch, 'groups'>): void {
    this.dispatch({ ...dispatch, groups: Math.ceil(count / dispatch.kernel.kernel.workgroupSize) });
  }

  /** Fills the first `bytes` of a buffer with zeros. */
  clear(buffer: GPUBuffer, bytes: number): void {
    this.#commands.push({ kind: 'clear', buffer, bytes });
  }

  /** Copies bytes between different buffers. */
  copy(copy: Copy): void {
    if (copy.bytes > 0) this.#commands.push({ kind: 'copy', ...copy });
  }

  /** Hands the commands to the GPU. Rejects with the typed error of what went wrong; resolves when it is known that nothing did. */
  submit(): Promise<void> {
    const { gpu, buffers } = this.#device;
    let uniforms: PooledBuffer | undefined;
    return this.#device.guarded(() => {
      if (this.#parameters.length > 0) {
        const words = new Uint32Array((this.#parameters.length * PARAMETER_STRIDE) / 4);
        for (const [i, parameters] of this.#parameters.entries())
          words.set(parameters, (i * PARAMETER_STRIDE) / 4);
        uniforms = buffers.take('uniform', words.byteLength);
        gpu.queue.writeBuffer(uniforms.gpu, 0, words);
      }
      const encoder = gpu.createCommandEncoder();
      let pass: GPUComputePassEncoder | undefined;
      for (const command of this.#commands) {
        if (command.kind === 'dispatch') {
          pass ??= encoder.beginComputePass();
          this.#encode(pass, command.dispatch, uniforms?.gpu, command.slot);
          continue;
        }
        pass?.end();
        pass = undefined;
        if (command.kind === 'clear') encoder.clearBuffer(command.buffer, 0, command.bytes);
        else {
          const { source, sourceOffset, target, targetOffset, bytes } = command;
          encoder.copyBufferToBuffer(source, sourceOffset, target, targetOffset, bytes);
        }
      }
      pass?.end();
      gpu.queue.submit([encoder.finish()]);
      // Submitted work keeps what it reads; later writes to the buffer are queued behind it.
      uniforms?.release();
    });
  }

  #encode(
    pass: GPUComputePassEncoder,
    { kernel, buffers, parameters, groups }: Dispatch,
    uniforms: GPUBuffer | undefined,
    slot: number,
  ): void {
    // Pooled buffers may be larger than what was asked for, and than what a binding may see.
    const { maxUniformBufferBindingSize } = this.#device.gpu.limits;
    const entries: GPUBindGroupEntry[] = buffers.map((buffer, binding) => {
      const isUniform = kernel.kernel.bindings[binding] === 'uniform';
      const most = isUniform ? maxUniformBufferBindingSize : this.#device.maxBindingBytes;
      return { binding, resource: { buffer, size: Math.min(buffer.size, most) } };
    });
    if (parameters && uniforms) {
      const resource = { buffer: uniforms, offset: slot * PARAMETER_STRIDE, size: PARAMETER_STRIDE };
      entries.push({ binding: buffers.length, resource });
    }
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, this.#device.gpu.createBindGroup({ layout: kernel.layout, entries }));
    pass.dispatchWorkgroups(Math.min(groups, MAX_GROUPS), Math.ceil(groups / MAX_GROUPS));
  }
}
