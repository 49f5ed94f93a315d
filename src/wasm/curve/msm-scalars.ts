/**
 * Which scalars of an MSM need what. Witnesses are mostly 0 and 1: zeros are dropped, the points of ones are listed to be added
 * up as they are, and only the rest is split into parts and sorted into buckets.
 */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  load,
  select,
  store,
} from '../emit/index.ts';
import type { Group } from './kit.ts';
import { REF_INDEX_SHIFT, recordBytes, recordsFunction } from './msm-records.ts';
import { anyWord, decomposeFunction, partBytes, SCALAR_BYTES } from './scalar-split.ts';

/** What {@link classifyFunction} writes: 32-bit counts, and the bitwise or of all scalars in `rest`, 32 bytes. */
export const SCALAR_CLASSES = { ones: 0, rest: 4, bits: 8 } as const;

/** Bytes of {@link SCALAR_CLASSES}. */
export const SCALAR_CLASSES_BYTES: number = 8 + SCALAR_BYTES;

/** The words of a scalar, and whether it is 1 or neither 0 nor 1; one that stands at infinity counts as 0. */
function classify<E>(
  f: FunctionBuilder,
  group: Group<E>,
  scalar: I32,
  record: I32,
): { words: Local<'i64'>[]; isOne: I32; isRest: I32 } {
  const words = [0, 8, 16, 24].map((offset) => f.let(load.i64(scalar, offset)));
  const [low, ...upper] = words as [Local<'i64'>, ...Local<'i64'>[]];
  const high = upper.reduce<I64>((all, each) => i64.or(all, each), i64.shrU(low, i64.const(1)));
  const large = f.let(i64.ne(high, i64.const(0)));
  const finite = f.let(anyWord(record, group.coords.singleBytes, group.coords.singleBytes));
  const odd = i32.and(i32.wrapI64(low), i32.const(1));
  return {
    words,
    isOne: i32.and(i32.and(odd, i32.eqz(large)), finite),
    isRest: i32.and(large, finite),
  };
}

/**
 * (classes, scalars, count, records, points): counts the classes of scalars and what bits the rest has: {@link SCALAR_CLASSES}. Where
 * `points` is not 0 it first makes the records of these packed points.
 */
export function classifyFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  return group.define(
    'msmClassify',
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, classes, scalars, count, records, points) => {
      f.if(points, () => f.run(recordsFunction(group), records, points, count));
      const [ones, rest] = [f.let(i32.const(0)), f.let(i32.const(0))];
      const bits = [0, 1, 2, 3].map(() => f.let(i64.const(0)));
      f.repeat(count, () => {
        f.scope(() => {
          const { words, isOne, isRest } = classify(f, group, scalars, records);
          f.set(ones, i32.add(ones, isOne));
          const counts = f.let(isRest);
          f.set(rest, i32.add(rest, counts));
          for (const [i, each] of bits.entries()) {
            f.set(each, i64.or(each, select(words[i] as I64, i64.const(0), counts)));
          }
        });
        f.set(scalars, i32.add(scalars, i32.const(SCALAR_BYTES)));
        f.set(records, i32.add(records, i32.const(recordBytes(group))));
      });
      f.emit(store.i32(classes, SCALAR_CLASSES.ones, ones));
      f.emit(store.i32(classes, SCALAR_CLASSES.rest, rest));
      for (const [i, each] of bits.entries()) f.emit(store.i64(classes, SCALAR_CLASSES.bits + 8 * i, each));
    },
  );
}

/**
 * (parts, indices, ones, scalars, count, bias, records, firstIndex): splits the scalars that are neither 0 nor 1 into biased parts
 * one after another at `parts`, with the indices of their records at `indices`, and writes references (affine-batch.ts) to
 * the records of ones to `ones`. `firstIndex` is the index of the first scalar; `records` is the address of its record.
 */
export function selectFunction<E>(
  group: Group<E>,
  dimensions: 1 | 2 | 4,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  const decompose = decomposeFunction(group, dimensions);
  return group.define(
    `msmSelect${dimensions}`,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, parts, indices, ones, scalars, count, bias, records, index) => {
      f.repeat(count, () => {
        f.scope(() => {
          const { isOne, isRest } = classify(f, group, scalars, records);
          f.if(
            isRest,
            () => {
              f.run(decompose, parts, scalars, bias);
              f.set(parts, i32.add(parts, i32.const(dimensions * partBytes(dimensions))));
              f.emit(store.i32(indices, 0, index));
              f.set(indices, i32.add(indices, i32.const(4)));
            },
            () =>
              f.if(isOne, () => {
                f.emit(store.i32(ones, 0, i32.shl(index, i32.const(REF_INDEX_SHIFT))));
                f.set(ones, i32.add(ones, i32.const(4)));
              }),
          );
        });
        f.set(scalars, i32.add(scalars, i32.const(SCALAR_BYTES)));
        f.set(records, i32.add(records, i32.const(recordBytes(group))));
        f.set(index, i32.add(index, i32.const(1)));
      });
    },
  );
}
