import { type FunctionRef, ModuleBuilder, type ModuleOptions } from '../../../src/wasm/emit/index.ts';

export const STACK_TOP = 65536;

/** A running module with everything that `define` returned exported. */
export interface Running {
  readonly memory: WebAssembly.Memory;
  readonly sp: WebAssembly.Global<'i32'>;
  readonly call: (name: string, ...args: (number | bigint)[]) => number | bigint;
}

/** Builds, compiles and starts a module. */
export function instantiate(
  define: (module: ModuleBuilder) => Record<string, FunctionRef>,
  options: Partial<ModuleOptions> = {},
): Running {
  const module = new ModuleBuilder({ minPages: 2, constantBase: 1024, constantCapacity: 16384, ...options });
  for (const [name, ref] of Object.entries(define(module))) module.export(name, ref);
  const { shared = false, maxPages } = options;
  const memory = new WebAssembly.Memory({
    initial: 2,
    shared,
    ...(maxPages === undefined ? {} : { maximum: maxPages }),
  });
  const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
  const compiled = new WebAssembly.Module(module.toBytes());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory, sp } });
  const call = (name: string, ...args: (number | bigint)[]): number | bigint => {
    const run = exports[name] as (...args: (number | bigint)[]) => number | bigint;
    return run(...args);
  };
  return { memory, sp, call };
}
