/** From the module that the caller gives to one that is compiled, with a memory that it takes. */

import { OptionError } from '../../errors.ts';
import { createLinearMemory, type LinearMemory, PAGE_BYTES } from './linear-memory.ts';
import { parseModule } from './module-bytes.ts';
import type { PoolOptions, PoolPlan } from './pool-options.ts';
import { StackRegions } from './stack-regions.ts';
import { instantiate, type TaskFunction } from './task-loop.ts';

/** Nothing is ever at an address below this, so that 0 and small offsets from it are never valid. */
const NULL_BYTES = 1024;
/** Lane of the calling thread, whether or not it takes tasks; workers have the lanes after it. */
export const MAIN_LANE = 0;

/** A compiled module and what its memory must hold. */
export interface KernelModule {
  readonly module: WebAssembly.Module;
  /** Exported functions in a fixed order, by name. */
  readonly functions: readonly string[];
  readonly shared: boolean;
  readonly stacks: StackRegions;
  readonly initialPages: number;
  readonly maximumPages: number;
}

/** A memory with the calling thread's instance on it, initialised. */
export interface KernelMemory {
  readonly linear: LinearMemory;
  readonly instance: WebAssembly.Instance;
}

/**
 * Compiles the module for shared or unshared memory. Throws OptionError when it is malformed, does not compile here, or asks
 * for more memory than the options allow.
 */
export async function compileKernels(
  options: PoolOptions,
  plan: PoolPlan,
  shared: boolean,
): Promise<KernelModule> {
  let staticEnd = Math.max(NULL_BYTES, options.staticBytes ?? 0);
  let minimumPages = 0;
  let module: WebAssembly.Module;
  if (options.module instanceof WebAssembly.Module) {
    if (options.staticBytes === undefined) {
      throw new OptionError(
        'Expected staticBytes with a compiled module, whose data segments cannot be seen; got none. Pass it, or the bytes.',
      );
    }
    module = options.module;
  } else {
    const parsed = parseModule(options.module);
    staticEnd = Math.max(staticEnd, parsed.dataEnd);
    minimumPages = parsed.minimumPages;
    module = await compile(parsed.bytesFor(shared));
  }
  const stacks = new StackRegions(staticEnd, plan.workers + 1, plan.stackBytes);
  const initialPages = Math.max(minimumPages, plan.initialPages, Math.ceil(stacks.end / PAGE_BYTES));
  return {
    module,
    functions: WebAssembly.Module.exports(module)
      .filter((item) => item.kind === 'function')
      .map((item) => item.name),
    shared,
    stacks,
    initialPages: Math.min(initialPages, Math.max(plan.maximumPages, minimumPages)),
    maximumPages: plan.maximumPages,
  };
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new OptionError(
      `Expected kernels that this engine compiles, got "${String(error)}". Choose kernels without the feature it names; on a page, allow 'wasm-unsafe-eval' in the Content-Security-Policy.`,
    );
  }
}

/**
 * A fresh memory with the calling thread's instance and the stacks. Throws MemoryLimitError when the memory is refused,
 * OptionError when the module does not take it.
 */
export function openMemory(kernels: KernelModule): KernelMemory {
  const linear = createLinearMemory(kernels.initialPages, kernels.maximumPages, kernels.shared);
  const instance = instantiateMain(kernels, linear.memory);
  kernels.stacks.mark(new Int32Array(linear.memory.buffer));
  const initShared = instance.exports.init_shared;
  if (typeof initShared === 'function') initShared();
  return { linear, instance };
}

/** The calling thread's instance on a memory that is initialised already. */
export function instantiateMain(kernels: KernelModule, memory: WebAssembly.Memory): WebAssembly.Instance {
  try {
    return instantiate(kernels.module, memory, kernels.stacks.topOf(MAIN_LANE));
  } catch (error) {
    throw new OptionError(
      `Expected kernels that import ${kernels.shared ? 'a shared' : 'an unshared'} env.memory and at most env.sp besides, got "${String(error)}".`,
    );
  }
}

/** The exported functions of an instance in the order of {@link KernelModule.functions}. */
export function functionTable(kernels: KernelModule, instance: WebAssembly.Instance): TaskFunction[] {
  return kernels.functions.map((name) => instance.exports[name] as TaskFunction);
}
