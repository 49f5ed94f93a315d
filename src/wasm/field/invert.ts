import type { FunctionBuilder, FunctionRef, Local } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import type { BinaryFunction } from './memory-function.ts';

/**
 * Emits o = 1/a for both lanes with one integer inversion: 1/x0 = x1·1/(x0·x1) and the reverse. A zero counts as 1 in the product
 * and comes out as 0.
 */
export function invertBody(
  f: FunctionBuilder,
  functions: {
    readonly form: FieldForm;
    readonly mul: BinaryFunction;
    readonly storeRepresentation: BinaryFunction;
    fromBytes(): BinaryFunction;
  },
  integerInverse: FunctionRef<readonly ['i32'], 'void'>,
  o: Local<'i32'>,
  a: Local<'i32'>,
): void {
  f.aim = 'size';
  const { form, mul, storeRepresentation } = functions;
  const ops = form.ops(f);
  const { field, radix } = form;
  const bytes = f.frame(2 * field.byteLength);
  const [others, product] = [f.frame(form.pairBytes), f.frame(form.pairBytes)];
  const zero = f.local('i32');
  f.scope(() => {
    const x = ops.load(a);
    const isZero = ops.isZero(x);
    f.set(zero, ops.maskBits(isZero));
    const factors = ops.select(isZero, ops.one(), x);
    ops.store(product, factors);
    ops.store(others, ops.swapLanes(factors));
  });
  f.run(mul, product.address, product.address, others.address);
  f.run(storeRepresentation, bytes.address, bytes.plus(field.byteLength).address, product.address);
  f.run(integerInverse, bytes.address);
  f.run(functions.fromBytes(), product.address, bytes.address, bytes.address);
  // What was inverted is a representation, x·R: its inverse is 1/x once it is multiplied by R.
  f.run(mul, product.address, product.address, f.constantAddress(form.encodePair(radix, radix)).address);
  f.run(mul, product.address, product.address, others.address);
  ops.store(o, ops.select(ops.maskFromBits(zero), ops.zero(), ops.load(product)));
}
