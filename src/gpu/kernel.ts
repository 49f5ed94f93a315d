/** Kernels as data: what a device needs to know to compile and run one. */

/** How a kernel sees a buffer. */
export type BindingKind = 'uniform' | 'read' | 'write';

/** A compute kernel: one WGSL module with the entry point `main`. */
export interface Kernel {
  /** Name in errors and traces. */
  readonly name: string;
  /** Whole text of the module. */
  readonly code: string;
  /** Threads in a workgroup. */
  readonly workgroupSize: number;
  /** Buffers of group 0 by binding; the parameters, where there are any, are the last, `uniform`. */
  readonly bindings: readonly BindingKind[];
}
