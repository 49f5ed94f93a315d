/** From bucket sums to a result: the weighted sum of a window's buckets, whole tasks, and Horner's rule over the windows. */

import { type FunctionRef, type I32, i32, load, memoryFill, Ptr } from '../emit/index.ts';
import type { Group } from './kit.ts';
import { accumulateFunction } from './msm-accumulate.ts';
import { MSM_TASK } from './msm-layout.ts';
import { sortFunction } from './msm-sort.ts';
import { addLanesFunction } from './multiples.ts';
import {
  addFunction,
  addMixedFunction,
  copyProjective,
  doubleTimesFunction,
  loadProjective,
  projectiveInfinity,
  selectProjective,
  storeProjective,
} from './projective.ts';
import { anyWord } from './scalar-split.ts';

/** Bits of a mask for lane 1 alone. */
const LANE_1 = 2;

/**
 * (out, buckets, windowBits): Σ b·bucket_b over the 2^(windowBits−1) buckets of a window, as a pair of projective points with the
 * sum in both lanes. Lane 0 does the lower half of the buckets, lane 1 the upper, each by running sums from the top.
 */
function reduceWindowFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { pointBytes, projectiveBytes, coords } = group;
  const [add, addMixed, doubleTimes] = [
    addFunction(group),
    addMixedFunction(group),
    doubleTimesFunction(group),
  ];
  const addLanes = addLanesFunction(group);
  return group.define('msmReduceWindow', ['i32', 'i32', 'i32'], 'void', (f, out, buckets, windowBits) => {
    const kit = group.kit(f);
    const running = f.frame(projectiveBytes).address;
    storeProjective(kit, running, projectiveInfinity(kit));
    storeProjective(kit, out, projectiveInfinity(kit));
    const left = f.let(i32.shl(i32.const(1), i32.sub(windowBits, i32.const(2))));
    const lower = f.let(i32.add(buckets, i32.mul(left, i32.const(pointBytes))));
    const upper = f.let(i32.add(lower, i32.mul(left, i32.const(pointBytes))));
    const filled = (bucket: I32): I32 => anyWord(bucket, coords.singleBytes, pointBytes - coords.singleBytes);
    f.repeat(left, () => {
      f.set(lower, i32.sub(lower, i32.const(pointBytes)));
      f.set(upper, i32.sub(upper, i32.const(pointBytes)));
      f.if(i32.or(filled(lower), filled(upper)), () => f.run(addMixed, running, running, lower, upper));
      f.run(add, out, out, running);
    });
    // Bucket 2^(windowBits−2) + b counts 2^(windowBits−2) times more than its weight in lane 1.
    f.run(doubleTimes, running, running, i32.sub(windowBits, i32.const(2)));
    f.scope(() => {
      const upperOnly = kit.fp.maskFromBits(i32.const(LANE_1));
      const p = selectProjective(kit, upperOnly, loadProjective(kit, running), projectiveInfinity(kit));
      storeProjective(kit, running, p);
    });
    f.run(add, out, out, running);
    f.run(addLanes, out, out);
  });
}

/** (task): one task of an MSM, as its descriptor says (msm-layout.ts). */
export function msmTaskFunction<E>(group: Group<E>, batch: number): FunctionRef<readonly ['i32'], 'void'> {
  const [sort, accumulate] = [sortFunction(group), accumulateFunction(group, batch)];
  const reduceWindow = reduceWindowFunction(group);
  const { pointBytes, projectiveBytes } = group;
  return group.define('msmTask', ['i32'], 'void', (f, task) => {
    const word = (name: keyof typeof MSM_TASK): I32 => load.i32(task, MSM_TASK[name]);
    const half = f.let(i32.shl(i32.const(1), i32.sub(word('windowBits'), i32.const(1))));
    const bucketCount = f.let(i32.mul(word('windowCount'), half));
    const bucketBytes = i32.mul(bucketCount, i32.const(pointBytes));
    f.emit(memoryFill(word('buckets'), i32.const(0), bucketBytes));
    f.run(
      sort,
      word('parts'),
      word('count'),
      word('dimensions'),
      word('windowBits'),
      word('firstWindow'),
      word('windowCount'),
      word('ends'),
      word('refs'),
    );
    f.run(
      accumulate,
      word('records'),
      word('refs'),
      word('ends'),
      word('buckets'),
      bucketCount,
      word('scratch'),
    );
    const [out, buckets, left] = [f.let(word('out')), f.let(word('buckets')), f.let(word('windowCount'))];
    f.repeat(left, () => {
      f.run(reduceWindow, out, buckets, word('windowBits'));
      f.set(out, i32.add(out, i32.const(projectiveBytes)));
      f.set(buckets, i32.add(buckets, i32.mul(half, i32.const(pointBytes))));
    });
  });
}

/** (out, windows, count, windowBits): Σ 2^(windowBits·w)·window_w, by Horner's rule. `count` is at least 1. */
export function hornerFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const [add, doubleTimes] = [addFunction(group), doubleTimesFunction(group)];
  const { projectiveBytes } = group;
  return group.define(
    'msmHorner',
    ['i32', 'i32', 'i32', 'i32'],
    'void',
    (f, out, windows, count, windowBits) => {
      const last = i32.sub(count, i32.const(1));
      const window = f.let(i32.add(windows, i32.mul(last, i32.const(projectiveBytes))));
      copyProjective(group.kit(f), out, window);
      f.while(
        () => i32.gtU(window, windows),
        () => {
          f.set(window, new Ptr(window, -projectiveBytes).address);
          f.run(doubleTimes, out, out, windowBits);
          f.run(add, out, out, window);
        },
      );
    },
  );
}
