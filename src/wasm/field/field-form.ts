import type { FieldForm } from './field-ops.ts';

export type { Element, Mask, SingleLayout } from './element.ts';
export type { FieldForm, FormName } from './field-ops.ts';

/** Key under which a form's library functions are memoised in a module. */
export function functionName(form: FieldForm, operation: string): string {
  return `${form.field.name}.${operation}`;
}
