import { type FunctionBuilder, type I32, i32, type Local } from '../emit/index.ts';

/** Emits `body` for each of `count` items of `bytes` bytes from `start` on. */
export function each(
  f: FunctionBuilder,
  start: I32,
  count: I32,
  bytes: number,
  body: (at: Local<'i32'>) => void,
): void {
  const at = f.let(start);
  f.repeat(f.let(count), () => {
    body(at);
    f.set(at, i32.add(at, i32.const(bytes)));
  });
}
