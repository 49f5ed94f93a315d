import type { FunctionBuilder, Ptr } from '../emit/index.ts';
import type { ByteEncoding } from '../field/field-functions.ts';
import type { Group } from './kit.ts';

/** Emits calls that read `count` coordinates out of bytes, one after another, into pairs at `to`. */
export function readCoordinates<E>(
  { coords, fp }: Group<E>,
  f: FunctionBuilder,
  to: Ptr,
  from0: Ptr,
  from1: Ptr,
  count: number,
  encoding: ByteEncoding = 'plain',
): void {
  const { byteLength } = coords.form.field;
  for (let i = 0; i < count * coords.degree; i++) {
    const [a, b] = [from0.plus(i * byteLength), from1.plus(i * byteLength)];
    f.run(fp.fromBytes(encoding), to.plus(i * coords.form.pairBytes).address, a.address, b.address);
  }
}

/** Emits calls that write `count` coordinates, pairs one after another at `from`, as bytes. */
export function writeCoordinates<E>(
  { coords, fp }: Group<E>,
  f: FunctionBuilder,
  to0: Ptr,
  to1: Ptr,
  from: Ptr,
  count: number,
): void {
  const { byteLength } = coords.form.field;
  for (let i = 0; i < count * coords.degree; i++) {
    const [a, b] = [to0.plus(i * byteLength), to1.plus(i * byteLength)];
    f.run(fp.toBytes(), a.address, b.address, from.plus(i * coords.form.pairBytes).address);
  }
}
