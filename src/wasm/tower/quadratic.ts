import type { Body, FunctionBuilder, FunctionRef, ModuleBuilder, ValueType } from '../emit/index.ts';
import { type FieldForm, functionName } from '../field/field-form.ts';
import { FieldFunctions } from '../field/field-functions.ts';
import { Fp2Ops } from './fp2-ops.ts';

/**
 * Fp2 = Fp[u]/(u² + 1) of one field in one module, for lane pairs: c0 ‖ c1 in memory, each a pair of the field form in its stored
 * range.
 */
export class QuadraticExtension {
  readonly module: ModuleBuilder;
  readonly form: FieldForm;
  /** The base field's functions. */
  readonly fp: FieldFunctions;
  readonly fpBytes: number;
  readonly fp2Bytes: number;

  constructor(module: ModuleBuilder, form: FieldForm) {
    this.module = module;
    this.form = form;
    this.fp = new FieldFunctions(module, form);
    this.fpBytes = form.pairBytes;
    this.fp2Bytes = 2 * this.fpBytes;
  }

  /** Starts emitting Fp2 code into `f`. */
  ops(f: FunctionBuilder): Fp2Ops {
    return new Fp2Ops(this.form.ops(f));
  }

  /** A library function, generated on first use. */
  define<const P extends readonly ValueType[]>(
    operation: string,
    params: P,
    body: Body<P, 'void'>,
  ): FunctionRef<P, 'void'> {
    return this.module.once(functionName(this.form, operation), params, 'void', body);
  }
}
