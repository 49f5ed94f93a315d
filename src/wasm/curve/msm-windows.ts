/** The tasks of an MSM, from digits to window sums, and Horner's rule over the windows. */

import { type FunctionRef, type I32, i32, load, memoryFill, store } from '../emit/index.ts';
import { type Group, nameOfRun, type RunLength } from './kit.ts';
import { accumulateFunction } from './msm-accumulate.ts';
import { MSM_TASK, MSM_TASK_BYTES, MSM_TASK_KIND } from './msm-layout.ts';
import { sortFunction } from './msm-sort.ts';
import { addLanesFunction } from './multiples.ts';
import {
  addFunction,
  addMixedFunction,
  doubleTimesFunction,
  loadAffine,
  loadProjective,
  projectiveInfinity,
  selectProjective,
  storeProjective,
  toProjective,
} from './projective.ts';
import { anyWord } from './scalar-split.ts';
import { strausSumFunction } from './straus-sum.ts';

/** Bits of a mask for lane 1 alone. */
const LANE_1 = 2;

/**
 * (out, buckets, windowBits): Σ b·bucket_b over the 2^(windowBits−1) buckets of a window, as a pair of projective points with the
 * sum in both lanes. Lane 0 does the lower half of the buckets, lane 1 the upper, each by running sums from the top.
 */
function reduceWindowFunction<E>(
  group: Group<E>,
  run: RunLength,
): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { pointBytes, projectiveBytes, coords } = group;
  const [add, addMixed, doubleTimes] = [
    addFunction(group, run),
    addMixedFunction(group),
    doubleTimesFunction(group),
  ];
  const addLanes = addLanesFunction(group);
  return group.define(
    nameOfRun(group, 'msmReduceWindow', run),
    ['i32', 'i32', 'i32'],
    'void',
    (f, out, buckets, windowBits) => {
      const kit = group.kit(f);
      const running = f.frame(projectiveBytes).address;
      storeProjective(kit, running, projectiveInfinity(kit));
      storeProjective(kit, out, projectiveInfinity(kit));
      const left = f.let(i32.shl(i32.const(1), i32.sub(windowBits, i32.const(2))));
      const lower = f.let(i32.add(buckets, i32.mul(left, i32.const(pointBytes))));
      const upper = f.let(i32.add(lower, i32.mul(left, i32.const(pointBytes))));
      const filled = (bucket: I32): I32 =>
        anyWord(bucket, coords.singleBytes, pointBytes - coords.singleBytes);
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
    },
  );
}

/** (tasks, count): tasks of MSMs one after another, as their descriptors say (msm-layout.ts). */
export function msmTasksFunction<E>(
  group: Group<E>,
  batch: number,
  run: RunLength,
): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  const [buckets, sum, straus] = [
    bucketTaskFunction(group, batch, run),
    sumTaskFunction(group, batch, run),
    strausSumFunction(group),
  ];
  return group.define(nameOfRun(group, 'msmTasks', run), ['i32', 'i32'], 'void', (f, task, count) => {
    const word = (name: keyof typeof MSM_TASK): I32 => load.i32(task, MSM_TASK[name]);
    const isKind = (kind: keyof typeof MSM_TASK_KIND): I32 =>
      i32.eq(word('kind'), i32.const(MSM_TASK_KIND[kind]));
    const runStraus = (): void => {
      const [out, records, indices] = [word('out'), word('records'), word('indices')];
      f.run(straus, out, records, indices, word('count'), word('parts'), word('scratch'));
    };
    f.repeat(count, () => {
      f.if(
        isKind('buckets'),
        () => f.run(buckets, task),
        () => f.if(isKind('sum'), () => f.run(sum, task), runStraus),
      );
      f.set(task, i32.add(task, i32.const(MSM_TASK_BYTES)));
    });
  });
}

function bucketTaskFunction<E>(
  group: Group<E>,
  batch: number,
  run: RunLength,
): FunctionRef<readonly ['i32'], 'void'> {
  const [sort, accumulate] = [sortFunction(group), accumulateFunction(group, batch, run)];
  const reduceWindow = reduceWindowFunction(group, run);
  const { pointBytes, projectiveBytes } = group;
  return group.define(nameOfRun(group, 'msmBucketTask', run), ['i32'], 'void', (f, task) => {
    const word = (name: keyof typeof MSM_TASK): I32 => load.i32(task, MSM_TASK[name]);
    const half = f.let(i32.shl(i32.const(1), i32.sub(word('windowBits'), i32.const(1))));
    const bucketCount = f.let(i32.mul(word('windowCount'), half));
    const bucketBytes = i32.mul(bucketCount, i32.const(pointBytes));
    f.emit(memoryFill(word('buckets'), i32.const(0), bucketBytes));
    f.run(
      sort,
      word('parts'),
      word('indices'),
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

function sumTaskFunction<E>(
  group: Group<E>,
  batch: number,
  run: RunLength,
): FunctionRef<readonly ['i32'], 'void'> {
  const accumulate = accumulateFunction(group, batch, run);
  return group.define(nameOfRun(group, 'msmSumTask', run), ['i32'], 'void', (f, task) => {
    const word = (name: keyof typeof MSM_TASK): I32 => load.i32(task, MSM_TASK[name]);
    const [ends, bucket] = [f.let(word('ends')), f.let(word('buckets'))];
    f.emit(store.i32(ends, 0, word('count')));
    f.emit(memoryFill(bucket, i32.const(0), i32.const(group.pointBytes)));
    f.run(accumulate, word('records'), word('refs'), ends, bucket, i32.const(1), word('scratch'));
    const kit = group.kit(f);
    storeProjective(kit, word('out'), toProjective(kit, loadAffine(kit, bucket, bucket)));
  });
}

/**
 * (out, windows, counts, windowCount, windowBits, sums, sumCount): Σ_w 2^(windowBits·w)·(sum of window w's results) + Σ sums, all
 * pairs of projective points. The results of window 0 come first at `windows`, counts[0] (a byte) of them, then those of window 1 …
 */
export function finishFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  const [add, doubleTimes] = [addFunction(group), doubleTimesFunction(group)];
  const { projectiveBytes } = group;
  return group.define(
    'msmFinish',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, out, windows, counts, windowCount, windowBits, sums, sumCount) => {
      const kit = group.kit(f);
      storeProjective(kit, out, projectiveInfinity(kit));
      const [count, from] = [f.let(i32.add(counts, windowCount)), f.let(windows)];
      f.scope(() => {
        const at = f.let(counts);
        f.repeat(f.let(windowCount), () => {
          f.set(from, i32.add(from, i32.mul(load.i32From8U(at), i32.const(projectiveBytes))));
          f.set(at, i32.add(at, i32.const(1)));
        });
      });
      f.repeat(windowCount, () => {
        f.set(count, i32.sub(count, i32.const(1)));
        f.run(doubleTimes, out, out, windowBits);
        f.scope(() => {
          f.repeat(f.let(load.i32From8U(count)), () => {
            f.set(from, i32.sub(from, i32.const(projectiveBytes)));
            f.run(add, out, out, from);
          });
        });
      });
      f.repeat(sumCount, () => {
        f.run(add, out, out, sums);
        f.set(sums, i32.add(sums, i32.const(projectiveBytes)));
      });
    },
  );
}
