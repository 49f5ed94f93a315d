import { type FunctionBuilder, i32, type Local } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import type { BinaryFunction, UnaryFunction } from './memory-function.ts';

/**
 * Emits Montgomery's trick on `count` pairs at `data`: running products into `scratch`, one inversion, then back. A zero counts
 * as 1 in the products, lane by lane, and comes out as 0.
 */
export function batchInvertBody(
  f: FunctionBuilder,
  functions: { form: FieldForm; mul: BinaryFunction; invert: UnaryFunction },
  data: Local<'i32'>,
  count: Local<'i32'>,
  scratch: Local<'i32'>,
): void {
  f.aim = 'size';
  const { form, mul, invert } = functions;
  const ops = form.ops(f);
  const step = (local: Local<'i32'>, by: number): void => f.set(local, i32.add(local, i32.const(by)));
  const [running, inverse] = [f.frame(form.pairBytes), f.frame(form.pairBytes)];
  const left = f.let(count);
  const zero = f.local('i32');

  f.scope(() => ops.store(running, ops.one()));
  f.repeat(left, () => {
    ops.copy(scratch, running);
    f.scope(() => {
      const x = ops.load(data);
      ops.store(inverse, ops.select(ops.isZero(x), ops.one(), x));
    });
    f.run(mul, running.address, running.address, inverse.address);
    step(data, form.pairBytes);
    step(scratch, form.pairBytes);
  });

  f.run(invert, running.address, running.address);

  f.repeat(count, () => {
    step(data, -form.pairBytes);
    step(scratch, -form.pairBytes);
    f.run(mul, inverse.address, running.address, scratch);
    f.scope(() => {
      const x = ops.load(data);
      const isZero = ops.isZero(x);
      f.set(zero, ops.maskBits(isZero));
      ops.store(scratch, ops.select(isZero, ops.one(), x));
    });
    f.run(mul, running.address, running.address, scratch);
    f.scope(() => {
      const mask = ops.maskFromBits(zero);
      ops.store(data, ops.select(mask, ops.zero(), ops.load(inverse)));
    });
  });
}
