import type { FunctionBuilder } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import { IntegerLayout } from './integer-layout.ts';
import { SimdOps } from './simd-ops.ts';

/**
 * Integer SIMD: a v128 holds two limbs of both lanes, [x_2k lane 0, x_2k lane 1, x_2k+1 lane 0, x_2k+1 lane 1], which is a
 * pair's memory layout; extended multiplications give both lanes' 64-bit products.
 */
export class SimdForm extends IntegerLayout implements FieldForm {
  readonly name = 'simd';

  ops(f: FunctionBuilder): SimdOps {
    return new SimdOps(this, f);
  }
}
