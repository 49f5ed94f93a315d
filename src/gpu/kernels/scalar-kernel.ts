/** What the kernels on vectors of scalars have in common. */

import type { Curve } from '../../curve/curve.ts';
import type { BindingKind, Kernel } from '../kernel.ts';
import type { MultiplierName } from '../shader/field.ts';
import { scalarLibrary } from '../shader/libraries.ts';
import { WORKGROUP } from './thread-index.ts';

/** Makes a kernel for the scalars of a curve. */
export type ScalarKernel = (curve: Curve, multiplier: MultiplierName) => Kernel;

/** A kernel of one thread an element: the scalar field, then what the kernel itself is. */
export function kernelOf(
  name: string,
  curve: Curve,
  multiplier: MultiplierName,
  bindings: readonly BindingKind[],
  body: string,
  workgroupSize: number = WORKGROUP,
): Kernel {
  return { name, workgroupSize, bindings, code: `${scalarLibrary(curve, multiplier)}\n${body}` };
}
