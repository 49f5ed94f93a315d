/** Multi-scalar multiplication on one thread: runs the tasks of a plan one after another. */

import { assertLength } from '../errors.ts';
import type { GroupEngine, PointVector } from '../wasm/curve/group-engine.ts';
import { MSM_TASK, MSM_TASK_BYTES } from '../wasm/curve/msm-layout.ts';
import { partBytes, windowBias } from '../wasm/curve/scalar-split.ts';
import { type MsmPlan, type MsmShape, type MsmTask, planMsm, STRAUS_LIMIT } from './plan.ts';

/** What an MSM may be told. */
export interface MsmOptions {
  /** All scalars are below 2^128: they are taken whole. */
  readonly shortScalars?: boolean;
  /** Overrides the window size of the cost function. */
  readonly windowBits?: number;
  /** Overrides the choice between Straus's method and buckets. */
  readonly method?: 'straus' | 'buckets';
}

/** The largest short scalar. */
const SHORT_BOUND = (1n << 128n) - 1n;

/** The shape of an MSM for the planner. */
function msmShape(engine: GroupEngine, count: number, threads: number, shortScalars = false): MsmShape {
  return {
    count,
    dimensions: shortScalars ? 1 : 2,
    partBound: shortScalars ? SHORT_BOUND : engine.spec.decomposition.partBound,
    threads,
    batch: engine.batch,
    pointBytes: engine.sizes.pointBytes,
    projectiveBytes: engine.sizes.projectiveBytes,
  };
}

/** Σ scalar_i·point_i in memory form; scalars are 32 bytes each and below the order. An empty sum is infinity. */
export function msm(
  engine: GroupEngine,
  points: PointVector,
  scalars: Uint8Array,
  options: MsmOptions = {},
): Uint8Array {
  assertLength('MSM, bytes of scalars', 32 * points.length, scalars.length);
  if (points.length === 0) return new Uint8Array(engine.sizes.encodedBytes);
  const method = options.method ?? (points.length <= STRAUS_LIMIT ? 'straus' : 'buckets');
  if (method === 'straus') return engine.strausSum(points, scalars);
  return engine.temporarily(() => {
    const shape = msmShape(engine, points.length, 1, options.shortScalars);
    const plan = planMsm(shape, options.windowBits);
    const records = engine.allocator.allocate(points.length * engine.sizes.recordBytes);
    engine.call('records', records, points.at, points.length);
    const parts = engine.split(
      shape.dimensions,
      scalars,
      windowBias(plan.windowBits, plan.windows),
      points.at,
    );
    const windows = engine.allocator.allocate(plan.chunks * plan.windows * engine.sizes.projectiveBytes);
    plan.tasks.forEach((task) => {
      engine.temporarily(() => {
        const out = windows + windowIndex(plan, task, points.length) * engine.sizes.projectiveBytes;
        engine.call('msmTask', describeTask(engine, shape, plan, task, { records, parts, out }));
      });
    });
    const sum = engine.allocator.allocate(engine.sizes.projectiveBytes);
    for (let chunk = 1; chunk < plan.chunks; chunk++) {
      for (let w = 0; w < plan.windows; w++) {
        const at = windows + w * engine.sizes.projectiveBytes;
        const other = at + chunk * plan.windows * engine.sizes.projectiveBytes;
        engine.call('addProjective', at, at, other);
      }
    }
    engine.call('horner', sum, windows, plan.windows, plan.windowBits);
    return engine.exportProjective(sum);
  });
}

/** Place of a task's first window among the results: chunk by chunk, window by window. */
function windowIndex(plan: MsmPlan, task: MsmTask, count: number): number {
  const chunkSize = Math.ceil(count / plan.chunks);
  return Math.floor(task.firstPoint / chunkSize) * plan.windows + task.firstWindow;
}

/** Allocates a task's working memory and writes its descriptor; returns the descriptor's address. */
function describeTask(
  engine: GroupEngine,
  shape: MsmShape,
  plan: MsmPlan,
  task: MsmTask,
  { records, parts, out }: { records: number; parts: number; out: number },
): number {
  const { sizes, allocator } = engine;
  const buckets = task.windowCount * 2 ** (plan.windowBits - 1);
  const words: Record<keyof typeof MSM_TASK, number> = {
    records: records + task.firstPoint * sizes.recordBytes,
    parts: parts + task.firstPoint * shape.dimensions * partBytes(shape.dimensions),
    count: task.pointCount,
    dimensions: shape.dimensions,
    windowBits: plan.windowBits,
    firstWindow: task.firstWindow,
    windowCount: task.windowCount,
    ends: allocator.allocate(4 * buckets),
    refs: allocator.allocate(4 * task.windowCount * task.pointCount * shape.dimensions + 8),
    buckets: allocator.allocate(buckets * sizes.pointBytes),
    scratch: allocator.allocate(engine.scratch.bytes),
    out,
  };
  const at = allocator.allocate(MSM_TASK_BYTES);
  const view = new DataView(engine.memory.buffer);
  for (const name of Object.keys(words) as (keyof typeof MSM_TASK)[]) {
    view.setUint32(at + MSM_TASK[name], words[name], true);
  }
  return at;
}
