import type { FunctionRef } from '../emit/index.ts';

/** (o, a): o = f(a) on pairs in memory. */
export type UnaryFunction = FunctionRef<readonly ['i32', 'i32'], 'void'>;
/** (o, a, b) or another three addresses. */
export type BinaryFunction = FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'>;
