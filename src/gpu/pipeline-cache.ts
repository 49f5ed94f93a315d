/** Compiled kernels of a device, by their text: compiled once, asynchronously, however often they are asked for. */

import { ShaderCompileError } from '../errors.ts';
import type { BindingKind, Kernel } from './kernel.ts';

/** A kernel ready to be dispatched. */
export interface CompiledKernel {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const COMPUTE_STAGE = 4;
const BUFFER_TYPE: Readonly<Record<BindingKind, GPUBufferBindingType>> = {
  uniform: 'uniform',
  read: 'read-only-storage',
  write: 'storage',
};

/** Compiles kernels. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #compiled = new Map<string, Promise<CompiledKernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Compiles a kernel, or finds it compiled. Rejects with ShaderCompileError. */
  get(kernel: Kernel): Promise<CompiledKernel> {
    let compiled = this.#compiled.get(kernel.code);
    if (!compiled) {
      compiled = this.#compile(kernel);
      this.#compiled.set(kernel.code, compiled);
    }
    return compiled;
  }

  async #compile(kernel: Kernel): Promise<CompiledKernel> {
    const device = this.#device;
    // Scopes nest by call, not by promise: all calls of one scope are made before anything is awaited.
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code: kernel.code, label: kernel.name });
    const layout = device.createBindGroupLayout({
      entries: kernel.bindings.map((kind, binding) => ({
        binding,
        visibility: COMPUTE_STAGE,
        buffer: { type: BUFFER_TYPE[kind] },
      })),
    });
    const pipeline = device.createComputePipelineAsync({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    const scope = device.popErrorScope();
    try {
      return { kernel, layout, pipeline: await pipeline };
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const first = messages.find((message) => message.type === 'error');
      const text = first?.message ?? (error instanceof Error ? error.message : String(error));
      throw new ShaderCompileError(kernel.name, first?.lineNum ?? 0, text, error);
    } finally {
      await scope;
    }
  }
}
