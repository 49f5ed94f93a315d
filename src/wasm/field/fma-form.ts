import type { FunctionBuilder } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import { FmaLayout } from './fma-layout.ts';
import { FmaOps } from './fma-ops.ts';

/** The fused multiply-add form: see {@link FmaLayout} for its numbers, {@link FmaOps} for its code. */
export class FmaForm extends FmaLayout implements FieldForm {
  ops(f: FunctionBuilder): FmaOps {
    return new FmaOps(this, f);
  }
}
