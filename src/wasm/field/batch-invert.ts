import { type FunctionBuilder, i32, type Local } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import type { UnaryFunction } from './memory-function.ts';

/**
 * Emits Montgomery's trick on `count` pairs at `data`: running products into `scratch`, one inversion, then back. A zero counts
 * as 1 in the products, lane by lane, and comes out as 0.
 */
export function batchInvertBody(
  f: FunctionBuilder,
  functions: { form: FieldForm; invert: UnaryFunction },
  data: Local<'i32'>,
  count: Local<'i32'>,
  scratch: Local<'i32'>,
): void {
  f.constantPolicy = 'hoist';
  const { form, invert } = functions;
  const ops = form.ops(f);
  const step = (local: Local<'i32'>, by: number): void => f.set(local, i32.add(local, i32.const(by)));
  const running = ops.variable();
  const total = f.frame(form.pairBytes);
  const left = f.let(count);

  ops.assign(running, ops.one());
  f.repeat(left, () => {
    f.scope(() => {
      const x = ops.load(data);
      ops.store(scratch, running);
      ops.assign(running, ops.mul(running, ops.select(ops.isZero(x), ops.one(), x)));
    });
    step(data, form.pairBytes);
    step(scratch, form.pairBytes);
  });

  ops.store(total, running);
  f.run(invert, total.address, total.address);
  ops.assign(running, ops.load(total));

  f.repeat(count, () => {
    step(data, -form.pairBytes);
    step(scratch, -form.pairBytes);
    f.scope(() => {
      const x = ops.load(data);
      const zero = ops.isZero(x);
      const inverse = ops.mul(running, ops.load(scratch));
      ops.store(data, ops.select(zero, ops.zero(), inverse));
      ops.assign(running, ops.mul(running, ops.select(zero, ops.one(), x)));
    });
  });
}
