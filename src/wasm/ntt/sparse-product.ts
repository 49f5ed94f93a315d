/** The kernel of products of sparse matrices with vectors. Rows go in pairs, one in each lane. */

import { type FunctionRef, i32, type Local, load, type ModuleBuilder } from '../emit/index.ts';
import { type Element, type FieldForm, functionName } from '../field/field-form.ts';

type Address = 'i32';

/** A pair of rows: byte offsets of the results of both, and how many steps they have. */
export const ROW_PAIR = { to0: 0, to1: 4, steps: 8 } as const;
/** Bytes of a {@link ROW_PAIR}. */
export const ROW_PAIR_BYTES = 12;
/** A step: byte offsets of an element of the vector and of a value, for lane 0 and for lane 1. */
export const MATRIX_STEP = { column0: 0, value0: 4, column1: 8, value1: 12 } as const;
/** Bytes of a {@link MATRIX_STEP}. */
export const MATRIX_STEP_BYTES = 16;

/**
 * (to, vector, values, pairs, count, steps): for each pair of rows Σ value·element over its steps, which follow each other in the
 * order of the pairs. Where both rows are the same, lane 0 counts.
 */
export function matrixProductFunction(
  module: ModuleBuilder,
  form: FieldForm,
): FunctionRef<readonly [Address, Address, Address, Address, Address, Address], 'void'> {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  const name = functionName(form, 'matrixProduct');
  return module.once(name, params, 'void', (f, to, vector, values, pairs, count, steps) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const sum = ops.variable();
    const left = f.local('i32');
    /** The two factors of the step that is `ahead` steps on. */
    const factors = (ahead: number): [Element, Element] => {
      const at = (base: Local<'i32'>, field: keyof typeof MATRIX_STEP): Local<'i32'> =>
        f.let(i32.add(base, load.i32(steps, ahead * MATRIX_STEP_BYTES + MATRIX_STEP[field])));
      return [
        ops.loadSingles(at(vector, 'column0'), at(vector, 'column1')),
        ops.loadSingles(at(values, 'value0'), at(values, 'value1')),
      ];
    };
    /** Adds up `taken` steps with one reduction. */
    const take = (taken: number): void => {
      f.scope(() => {
        const terms = Array.from({ length: taken }, (_, i) => factors(i));
        ops.assign(sum, ops.add(sum, ops.sumOfProducts(terms)));
      });
      f.set(steps, i32.add(steps, i32.const(taken * MATRIX_STEP_BYTES)));
    };
    f.repeat(count, () => {
      f.set(left, load.i32(pairs, ROW_PAIR.steps));
      f.scope(() => ops.assign(sum, ops.zero()));
      f.if(i32.and(left, i32.const(1)), () => take(1));
      f.set(left, i32.shrU(left, i32.const(1)));
      f.repeat(left, () => take(2));
      const result = (field: 'to0' | 'to1'): Local<'i32'> =>
        f.let(i32.add(to, load.i32(pairs, ROW_PAIR[field])));
      f.scope(() => {
        ops.storeSingle(result('to1'), sum, 1);
        ops.storeSingle(result('to0'), sum, 0);
      });
      f.set(pairs, i32.add(pairs, i32.const(ROW_PAIR_BYTES)));
    });
  });
}
