/** Everything the engine does with vectors of scalars, as exports of a module. */

import type { FunctionRef, ModuleBuilder } from '../emit/index.ts';
import type { FieldForm } from '../field/field-form.ts';
import {
  matrixCountFunction,
  matrixOrderFunction,
  matrixPairsFunction,
  matrixScatterFunction,
} from './matrix-layout.ts';
import { nttPassFunction } from './ntt-pass.ts';
import {
  divideFunction,
  exportFunction,
  foldFunction,
  importFunction,
  mulFunction,
  notCanonicalFunction,
  powersFunction,
  scaleFunction,
} from './scalar-vectors.ts';
import { matrixProductFunction } from './sparse-product.ts';
import { twiddlesFunction } from './twiddles.ts';

/** Names under which {@link emitScalars} exports its functions, after `fr.`. */
export type ScalarFunction =
  | 'import'
  | 'importMontgomery'
  | 'export'
  | 'notCanonical'
  | 'mul'
  | 'fold'
  | 'scale'
  | 'powers'
  | 'divide'
  | 'matrixProduct'
  | 'matrixCount'
  | 'matrixOrder'
  | 'matrixPairs'
  | 'matrixScatter'
  | 'nttTwiddles'
  | 'nttPass';

/** Adds the functions of a scalar field to a module and exports them. All take i32 alone. */
export function emitScalars(module: ModuleBuilder, form: FieldForm): void {
  const functions: Record<ScalarFunction, FunctionRef> = {
    import: importFunction(module, form, 'plain'),
    importMontgomery: importFunction(module, form, 'montgomery'),
    export: exportFunction(module, form),
    notCanonical: notCanonicalFunction(module, form),
    mul: mulFunction(module, form),
    fold: foldFunction(module, form),
    scale: scaleFunction(module, form),
    powers: powersFunction(module, form),
    divide: divideFunction(module, form),
    matrixProduct: matrixProductFunction(module, form),
    matrixCount: matrixCountFunction(module),
    matrixOrder: matrixOrderFunction(module),
    matrixPairs: matrixPairsFunction(module),
    matrixScatter: matrixScatterFunction(module),
    nttTwiddles: twiddlesFunction(module, form),
    nttPass: nttPassFunction(module, form),
  };
  for (const [name, ref] of Object.entries(functions)) module.export(`fr.${name}`, ref);
}
