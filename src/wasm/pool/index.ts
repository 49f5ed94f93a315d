/** Worker pool and memory manager of the WebAssembly kernels. */

export { createPool } from './create-pool.ts';
export type { Arena, MemoryStats, PoolMemory } from './pool-memory.ts';
export type { PoolOptions } from './pool-options.ts';
export { nodeBuiltin } from './runtime.ts';
export { TASK_LOOP_SOURCE } from './task-loop-source.ts';
export { Turns } from './turns.ts';
export type { RunOptions, WasmPool } from './wasm-pool.ts';
export {
  type CreateWorker,
  createPlatformWorker,
  type NodeWorkerLike,
  type WebWorkerLike,
} from './worker-host.ts';
