/**
 * The sum of each bucket. Buckets are taken in order, in batches that stay in the cache; in a batch, neighbours in a bucket are
 * added in pairs, then the sums in pairs, until one point a bucket is left: every level is one batch-affine addition. A bucket
 * that does not fit into a batch leaves its sum so far in its place and takes it up again in the next.
 */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  Ptr,
  select,
  store,
} from '../emit/index.ts';
import { carefulPasses, fastPasses, type Passes, totalBytes } from './affine-batch.ts';
import { type Group, nameOfRun, type RunLength } from './kit.ts';
import { type BatchScratch, batchScratch } from './msm-layout.ts';
import { materializeFunction, touchRecord } from './msm-records.ts';
import { anyWord } from './scalar-split.ts';

/** (list, pairs, scratch): one careful batch-affine addition in place; returns whether a sum is infinity. */
function carefulLevelFunction<E>(
  group: Group<E>,
  layout: BatchScratch,
): FunctionRef<readonly ['i32', 'i32', 'i32'], 'i32'> {
  const passes = carefulPasses(group);
  const { pointBytes, coords } = group;
  return group.define('msmCarefulLevel', ['i32', 'i32', 'i32'], 'i32', (f, list, pairs, scratch) => {
    const prefix = new Ptr(scratch, layout.prefix).address;
    runPasses(f, group, passes, list, pairs, prefix, i32.const(0), i32.const(0));
    const infinite = f.let(i32.const(0));
    f.repeat(pairs, () => {
      const y = anyWord(load.i32(list), coords.singleBytes, pointBytes - coords.singleBytes);
      f.set(infinite, i32.or(infinite, i32.eqz(y)));
      f.set(list, i32.add(list, i32.const(8)));
    });
    return infinite;
  });
}

/** Emits a batch-affine addition of `pairs` pairs. With `whenZero`, a denominator of 0 leads there instead. */
function runPasses<E>(
  f: FunctionBuilder,
  group: Group<E>,
  passes: Passes,
  list: I32,
  pairs: I32,
  prefix: I32,
  records: I32,
  to: I32,
  whenZero?: () => void,
): void {
  const total = f.frame(totalBytes(group, passes.width)).address;
  const roundPairs = 2 * passes.width;
  f.scope(() => {
    // The last round may be short of pairs: the last is repeated.
    const last = f.let(i32.add(list, i32.shl(pairs, i32.const(3))));
    for (let i = 0; i < roundPairs - 1; i++) f.emit(store.i64(last, 8 * i, load.i64(last, -8)));
    const rounds = f.let(
      i32.shrU(i32.add(pairs, i32.const(roundPairs - 1)), i32.const(Math.log2(roundPairs))),
    );
    f.run(passes.forward, list, rounds, prefix, total, records);
    const finish = (): void => {
      f.run(group.functions.invert, total, total);
      f.run(passes.backward, list, rounds, prefix, total, records, to);
    };
    if (!whenZero) finish();
    else f.if(f.call(isZeroFunction(group), total), whenZero, finish);
  });
}

/** (a): lanes in which a coordinate is 0, as bits. */
function isZeroFunction<E>(group: Group<E>): FunctionRef<readonly ['i32'], 'i32'> {
  return group.define('isZeroCoordinate', ['i32'], 'i32', (f, a) => {
    const kit = group.kit(f);
    return kit.fp.maskBits(kit.ops.isZero(kit.ops.load(a)));
  });
}

function copyPoint<E>(f: FunctionBuilder, group: Group<E>, to: I32, from: I32): void {
  for (let i = 0; i < group.pointBytes; i += 8) f.emit(store.i64(to, i, load.i64(from, i)));
}

/** Emits: writes a word at a pointer and moves it on. */
function push(f: FunctionBuilder, pointer: Local<'i32'>, ...words: readonly I32[]): void {
  words.forEach((word, i) => {
    f.emit(store.i32(pointer, 4 * i, word));
  });
  f.set(pointer, i32.add(pointer, i32.const(4 * words.length)));
}

const plus = (a: I32, bytes: number): I32 => i32.add(a, i32.const(bytes));

/** (records, refs, ends, buckets, bucketCount, scratch): all bucket sums, packed; infinity where a bucket is empty. */
export function accumulateFunction<E>(
  group: Group<E>,
  batch: number,
  run: RunLength,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  const { pointBytes, coords } = group;
  const layout = batchScratch(batch, coords.pairBytes, pointBytes);
  const materialize = materializeFunction(group);
  const carefulLevel = carefulLevelFunction(group, layout);
  const firstLevel = firstLevelFunction(group, layout, run);
  const nextLevel = nextLevelFunction(group, layout);
  return group.define(
    nameOfRun(group, 'msmAccumulate', run),
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, records, refs, ends, buckets, bucketCount, scratch) => {
      // `careful` stays set once an infinity has come up among the sums.
      const [careful, continuing] = [f.let(i32.const(0)), f.let(i32.const(0))];
      const position = f.let(refs);
      const touched = f.let(i32.const(0));
      const bucketsEnd = f.let(i32.add(buckets, i32.mul(bucketCount, i32.const(pointBytes))));
      f.while(
        () => i32.ltU(buckets, bucketsEnd),
        () => {
          f.scope(() => {
            const at = (offset: number): Local<'i32'> => f.let(plus(scratch, offset));
            const [pair, entry, runsEnd] = [at(layout.pairs), at(layout.entries), at(layout.runs)];
            const [slot, leftover] = [at(layout.slots), at(layout.leftovers)];
            const room = f.let(i32.const(batch));
            f.while(
              () => i32.and(i32.ltU(buckets, bucketsEnd), i32.ne(room, i32.const(0))),
              () => {
                f.scope(() => {
                  const end = f.let(i32.add(refs, i32.shl(load.i32(ends), i32.const(2))));
                  const all = f.let(i32.shrU(i32.sub(end, position), i32.const(2)));
                  const taken = f.let(select(all, room, i32.ltU(all, room)));
                  const addLeftover = (): void => {
                    push(f, entry, leftover);
                    f.set(leftover, plus(leftover, pointBytes));
                  };
                  const takeRun = (): void => {
                    const length = f.let(i32.shrU(i32.add(taken, i32.const(1)), i32.const(1)));
                    const left = f.let(i32.shrU(taken, i32.const(1)));
                    f.repeat(left, () => {
                      f.emit(store.i64(pair, 0, load.i64(position)));
                      for (const which of [0, 4]) {
                        const seen = touchRecord(f, group, records, load.i32(position, which));
                        f.set(touched, i32.or(touched, seen));
                      }
                      f.set(pair, plus(pair, 8));
                      f.set(position, plus(position, 8));
                      push(f, entry, slot);
                      f.set(slot, plus(slot, pointBytes));
                    });
                    f.if(i32.and(taken, i32.const(1)), () => {
                      f.run(materialize, leftover, records, load.i32(position));
                      f.set(position, plus(position, 4));
                      addLeftover();
                    });
                    f.if(continuing, () => {
                      copyPoint(f, group, leftover, buckets);
                      addLeftover();
                      f.set(length, plus(length, 1));
                    });
                    push(f, runsEnd, buckets, length);
                  };
                  f.if(taken, () => {
                    f.if(i32.or(continuing, i32.gtU(taken, i32.const(1))), takeRun, () => {
                      f.run(materialize, buckets, records, load.i32(position));
                      f.set(position, plus(position, 4));
                    });
                    f.set(room, i32.sub(room, taken));
                  });
                  f.set(continuing, i32.ne(position, end));
                  f.if(i32.eqz(continuing), () => {
                    f.set(ends, plus(ends, 4));
                    f.set(buckets, plus(buckets, pointBytes));
                  });
                });
              },
            );
            // Kept, so that no compiler drops the loads.
            f.emit(store.i32(scratch, layout.touched, touched));
            const list = f.let(plus(scratch, layout.pairs));
            const pairs = f.let(i32.shrU(i32.sub(pair, list), i32.const(3)));
            f.if(pairs, () => {
              f.set(careful, f.call(firstLevel, records, pairs, careful, scratch));
            });
            f.loop((again) => {
              f.set(runsEnd, f.call(nextLevel, runsEnd, scratch));
              f.set(pairs, i32.shrU(i32.sub(load.i32(plus(scratch, layout.pairsEnd)), list), i32.const(3)));
              f.if(pairs, () => {
                const slow = (): void =>
                  f.set(careful, i32.or(careful, f.call(carefulLevel, list, pairs, scratch)));
                f.if(careful, slow, () => {
                  const prefix = plus(scratch, layout.prefix);
                  const passes = fastPasses(group, 'slots', run);
                  runPasses(f, group, passes, list, pairs, prefix, i32.const(0), i32.const(0), slow);
                });
                f.br(again);
              });
            });
          });
        },
      );
    },
  );
}

/** (records, pairs, careful, scratch): adds the pairs of references into the slots; returns whether a sum is infinity. */
function firstLevelFunction<E>(
  group: Group<E>,
  layout: BatchScratch,
  run: RunLength,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'i32'> {
  const { pointBytes } = group;
  const materialize = materializeFunction(group);
  const carefulLevel = carefulLevelFunction(group, layout);
  const passes = fastPasses(group, 'records', run);
  return group.define(
    nameOfRun(group, 'msmFirstLevel', run),
    ['i32', 'i32', 'i32', 'i32'],
    'i32',
    (f, records, pairs, careful, scratch) => {
      const list = f.let(plus(scratch, layout.pairs));
      const slots = f.let(plus(scratch, layout.slots));
      const infinite = f.let(i32.const(0));
      const slow = (): void => {
        f.scope(() => {
          const [pair, first, second, left] = [
            f.let(list),
            f.let(slots),
            f.let(plus(scratch, layout.seconds)),
            f.let(pairs),
          ];
          f.repeat(left, () => {
            f.run(materialize, first, records, load.i32(pair));
            f.run(materialize, second, records, load.i32(pair, 4));
            push(f, pair, first, second);
            f.set(first, plus(first, pointBytes));
            f.set(second, plus(second, pointBytes));
          });
        });
        f.set(infinite, f.call(carefulLevel, list, pairs, scratch));
      };
      f.if(
        careful,
        () => {
          slow();
          f.set(infinite, i32.const(1));
        },
        () => {
          const prefix = plus(scratch, layout.prefix);
          runPasses(f, group, passes, list, pairs, prefix, records, slots, slow);
        },
      );
      return infinite;
    },
  );
}

/**
 * (runsEnd, scratch): finishes runs of one point and pairs up the others; returns the new end of the runs and leaves the end of
 * the pairs in the scratch.
 */
function nextLevelFunction<E>(
  group: Group<E>,
  layout: BatchScratch,
): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
  return group.define('msmNextLevel', ['i32', 'i32'], 'i32', (f, runsEnd, scratch) => {
    const pair = f.let(plus(scratch, layout.pairs));
    const [read, write] = [f.let(plus(scratch, layout.entries)), f.let(plus(scratch, layout.entries))];
    const [run, kept] = [f.let(plus(scratch, layout.runs)), f.let(plus(scratch, layout.runs))];
    f.while(
      () => i32.ltU(run, runsEnd),
      () => {
        f.scope(() => {
          const [bucket, length] = [f.let(load.i32(run)), f.let(load.i32(run, 4))];
          f.if(
            i32.eq(length, i32.const(1)),
            () => {
              const from = f.let(load.i32(read));
              f.set(read, plus(read, 4));
              copyPoint(f, group, bucket, from);
            },
            () => {
              const left = f.let(i32.shrU(length, i32.const(1)));
              f.repeat(left, () => {
                f.scope(() => {
                  const both = f.let(load.i64(read));
                  f.emit(store.i64(pair, 0, both));
                  push(f, write, i32.wrapI64(both));
                });
                f.set(pair, plus(pair, 8));
                f.set(read, plus(read, 8));
              });
              f.if(i32.and(length, i32.const(1)), () => {
                push(f, write, load.i32(read));
                f.set(read, plus(read, 4));
              });
              push(f, kept, bucket, i32.shrU(plus(length, 1), i32.const(1)));
            },
          );
        });
        f.set(run, plus(run, 8));
      },
    );
    f.emit(store.i32(scratch, layout.pairsEnd, pair));
    return kept;
  });
}
