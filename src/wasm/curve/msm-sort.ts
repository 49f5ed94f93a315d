import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  memoryFill,
  select,
  store,
} from '../emit/index.ts';
import type { Group } from './kit.ts';
import { REF_INDEX_SHIFT } from './msm-records.ts';
import { partBytes, signedDigit } from './scalar-split.ts';

/**
 * (parts, indices, count, dimensions, windowBits, firstWindow, windowCount, ends, refs): sorts the nonzero digits of some windows
 * by bucket, counting. `indices` holds the number of each scalar's record. Bucket w·2^(windowBits−1) + |digit| − 1 ends before ends[…] in refs, its references (see affine-batch.ts)
 * in the order of the points.
 */
export function sortFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  return group.define(
    'msmSort',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, parts, indices, count, dimensions, windowBits, firstWindow, windowCount, ends, refs) => {
      const half = f.let(i32.shl(i32.const(1), i32.sub(windowBits, i32.const(1))));
      const buckets = f.let(i32.mul(windowCount, half));
      const partCount = f.let(i32.mul(count, dimensions));
      const partBits = f.let(i32.sub(dimensions, i32.const(1)));
      // A reference is 4·index + 2·part + sign.
      const reference = (number: I32, negative: I32): I32 => {
        const at = i32.add(indices, i32.shl(i32.shrU(number, partBits), i32.const(2)));
        const index = i32.shl(load.i32(at), i32.const(REF_INDEX_SHIFT));
        return i32.or(i32.or(index, i32.shl(i32.and(number, partBits), i32.const(1))), negative);
      };
      const windowMask = f.let(i32.sub(i32.shl(half, i32.const(1)), i32.const(1)));
      const eachDigit = (body: (bucketAddress: Local<'i32'>, number: I32, negative: I32) => void): void => {
        const position = f.let(i32.mul(firstWindow, windowBits));
        const base = f.let(ends);
        const windowsLeft = f.let(windowCount);
        f.repeat(windowsLeft, () => {
          f.scope(() => {
            const [part, number, left] = [f.let(parts), f.let(i32.const(0)), f.let(partCount)];
            f.repeat(left, () => {
              f.scope(() => {
                const digit = signedDigit(f, part, position, windowMask, half);
                f.if(digit, () => {
                  const negative = f.let(i32.ltS(digit, i32.const(0)));
                  const size = select(i32.sub(i32.const(0), digit), digit, negative);
                  const bucket = f.let(i32.add(base, i32.shl(i32.sub(size, i32.const(1)), i32.const(2))));
                  body(bucket, number, negative);
                });
              });
              f.set(part, i32.add(part, i32.const(partBytes(2))));
              f.set(number, i32.add(number, i32.const(1)));
            });
          });
          f.set(base, i32.add(base, i32.shl(half, i32.const(2))));
          f.set(position, i32.add(position, windowBits));
        });
      };

      f.emit(memoryFill(ends, i32.const(0), i32.shl(buckets, i32.const(2))));
      eachDigit((bucket) => f.emit(store.i32(bucket, 0, i32.add(load.i32(bucket), i32.const(1)))));
      startsFromCounts(f, ends, buckets);
      eachDigit((bucket, number, negative) => {
        const at = f.let(load.i32(bucket));
        f.emit(store.i32(i32.add(refs, i32.shl(at, i32.const(2))), 0, reference(number, negative)));
        f.emit(store.i32(bucket, 0, i32.add(at, i32.const(1))));
      });
    },
  );
}

/** Emits: each of `count` words at `at` becomes the sum of those before it. */
function startsFromCounts(f: FunctionBuilder, at: I32, count: I32): void {
  f.scope(() => {
    const [pointer, left, sum] = [f.let(at), f.let(count), f.let(i32.const(0))];
    f.repeat(left, () => {
      f.scope(() => {
        const next = f.let(i32.add(sum, load.i32(pointer)));
        f.emit(store.i32(pointer, 0, sum));
        f.set(sum, next);
      });
      f.set(pointer, i32.add(pointer, i32.const(4)));
    });
  });
}
