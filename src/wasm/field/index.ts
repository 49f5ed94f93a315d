/**
 * Field arithmetic for the CPU engine, generated as WebAssembly. Start at {@link chooseForm} and {@link createForm}; write
 * kernels inline with {@link FieldOps}, or call {@link FieldFunctions} on memory.
 */

export { chooseForm } from './choose-form.ts';
export { createForm } from './create-form.ts';
export type {
  Element,
  FieldForm,
  FormName,
  SingleLayout,
} from './field-form.ts';
export { FieldFunctions } from './field-functions.ts';
export { FieldOps } from './field-ops.ts';
export { BLS12_381_FP, BN254_FP, FIELD_SPECS, type FieldSpec } from './field-spec.ts';
export { type Range, sumRange } from './range.ts';
