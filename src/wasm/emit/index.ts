/** A small typed writer of WebAssembly modules: expressions, functions with structured control, modules. */

export { ConstantPool } from './constant-pool.ts';
export { doubleBits, lanesToBytes, type ValueType } from './encoding.ts';
export {
  type Address,
  Expr,
  type I32,
  type I64,
  Local,
  Ptr,
  toPtr,
  type V128,
} from './expression.ts';
export {
  FunctionBuilder,
  type FunctionRef,
} from './function-builder.ts';
export { atomic, load, loadLane, memoryCopy, memoryFill, store, storeLane } from './memory-ops.ts';
export {
  type Body,
  ModuleBuilder,
  type ModuleOptions,
} from './module-builder.ts';
export { f64, i32, i64, select, unreachable } from './scalar-ops.ts';
export { f32x4, f64x2, i32x4, i64x2, v128 } from './vector-ops.ts';
