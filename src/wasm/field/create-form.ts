import type { FieldForm, FormName } from './field-form.ts';
import type { FieldSpec } from './field-spec.ts';
import { FmaForm } from './fma-form.ts';
import { ScalarForm } from './scalar-form.ts';
import { SimdForm } from './simd-form.ts';

/** The form of a field. {@link chooseForm} says which one this engine runs best. */
export function createForm(field: FieldSpec, name: FormName): FieldForm {
  switch (name) {
    case 'fma':
      return new FmaForm(field);
    case 'simd':
      return new SimdForm(field);
    case 'scalar':
      return new ScalarForm(field);
  }
}
