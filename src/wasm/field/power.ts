import { type FunctionBuilder, i32, type Local, load } from '../emit/index.ts';
import type { FieldForm } from './field-form.ts';
import type { BinaryFunction, UnaryFunction } from './memory-function.ts';

const WINDOW_BITS = 4n;

/** Emits o = a^exponent: fixed windows of four bits, highest first, with the digits in the constant region. */
export function powerBody(
  f: FunctionBuilder,
  functions: { form: FieldForm; mul: BinaryFunction; sqr: UnaryFunction },
  exponent: bigint,
  o: Local<'i32'>,
  a: Local<'i32'>,
): void {
  const { form, mul, sqr } = functions;
  const ops = form.ops(f);
  const digits: number[] = [];
  for (let rest = exponent; rest > 0n; rest >>= WINDOW_BITS) digits.unshift(Number(rest & 15n));

  const table = f.frame(16 * form.pairBytes);
  const power = (k: number) => table.plus(k * form.pairBytes);
  f.scope(() => ops.store(power(0), ops.one()));
  ops.copy(power(1), a);
  for (let k = 2; k < 16; k++) f.run(mul, power(k).address, power(k - 1).address, power(1).address);

  const result = f.frame(form.pairBytes);
  ops.copy(result, power(digits[0] ?? 0));
  const digitTable = f.constantAddress(Uint8Array.from(digits));
  const position = f.let(i32.const(1));
  f.while(
    () => i32.ltU(position, i32.const(digits.length)),
    () => {
      for (let k = 0n; k < WINDOW_BITS; k++) f.run(sqr, result.address, result.address);
      const digit = load.i32From8U(position, digitTable.offset);
      const factor = i32.add(table.address, i32.mul(digit, i32.const(form.pairBytes)));
      f.run(mul, result.address, result.address, factor);
      f.set(position, i32.add(position, i32.const(1)));
    },
  );
  ops.copy(o, result);
}
