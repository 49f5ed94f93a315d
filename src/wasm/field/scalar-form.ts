import type { FunctionBuilder } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import { IntegerLayout } from './integer-layout.ts';
import { ScalarOps } from './scalar-ops.ts';

/** Plain i64 arithmetic, one lane after the other. An element is n limbs of lane 0 and n of lane 1, each in an i64. */
export class ScalarForm extends IntegerLayout implements FieldForm {
  readonly name = 'scalar';

  ops(f: FunctionBuilder): ScalarOps {
    return new ScalarOps(this, f);
  }
}
