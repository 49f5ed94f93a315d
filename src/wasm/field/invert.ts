import type { FunctionBuilder, FunctionRef, Local } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';

/**
 * Emits o = 1/a for both lanes with one integer inversion: 1/x0 = x1·1/(x0·x1) and the reverse. A zero counts as 1 in the product
 * and comes out as 0. The inversion takes x·R to 1/(x·R); the factor R³ of a Montgomery product makes that R/x.
 */
export function invertBody(
  f: FunctionBuilder,
  form: FieldForm,
  integerInverse: FunctionRef<readonly ['i32'], 'void'>,
  o: Local<'i32'>,
  a: Local<'i32'>,
): void {
  const ops = form.ops(f);
  const { field, radix } = form;
  const bytes = f.frame(2 * field.byteLength);
  const x = ops.load(a);
  const zero = ops.isZero(x);
  const factors = ops.select(zero, ops.one(), x);
  const others = ops.swapLanes(factors);
  ops.storeRepresentation(bytes, bytes.plus(field.byteLength), ops.mul(factors, others));
  f.run(integerInverse, bytes.address);
  const inverse = ops.loadRepresentation(bytes, bytes, radix ** 3n % field.modulus);
  ops.store(o, ops.select(zero, ops.zero(), ops.mul(inverse, others)));
}
