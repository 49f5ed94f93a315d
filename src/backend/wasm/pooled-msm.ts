/** Multi-scalar multiplication on a worker pool: the tasks of a plan, each some windows of some points. */

import { assertLength } from '../../errors.ts';
import { type MsmPlan, type MsmTask, planMsm, STRAUS_LIMIT } from '../../msm/plan.ts';
import { defaultMsmBatch } from '../../wasm/curve/emit-curve.ts';
import { batchScratch, MSM_TASK, MSM_TASK_BYTES } from '../../wasm/curve/msm-layout.ts';
import { partBytes, windowBias } from '../../wasm/curve/scalar-split.ts';
import type { FieldForm } from '../../wasm/field/field-form.ts';
import type { Arena } from '../../wasm/pool/index.ts';
import type { OperationOptions } from '../backend.ts';
import type { PooledGroup } from './pooled-group.ts';
import type { PointKind, WasmVector } from './wasm-vector.ts';

/** Parts that each scalar is split into: the endomorphism φ serves both groups. */
const DIMENSIONS = 2;

/** Straus's method, for few points. */
function strausSum<K extends PointKind>(
  group: PooledGroup<K>,
  points: WasmVector<K>,
  scalars: Uint8Array,
  options: OperationOptions,
): Promise<Uint8Array> {
  return group.pool.memory.withArena(async (arena) => {
    const { parts } = group.splitForMultiples(scalars, arena);
    const tables = arena.alloc(Math.ceil(points.length / 2) * group.tableBytes);
    const sum = arena.alloc(group.sizes.projectiveBytes);
    await group.run('strausSum', [[sum, points.at, points.length, parts, tables]], options);
    return group.exportProjective(sum);
  });
}

interface TaskPlace {
  readonly records: number;
  readonly parts: number;
  readonly out: number;
}

/** Writes the descriptor of a task and gives its address. */
function describeTask<K extends PointKind>(
  group: PooledGroup<K>,
  form: FieldForm,
  plan: MsmPlan,
  task: MsmTask,
  place: TaskPlace,
  arena: Arena,
): number {
  const { sizes, spec, pool } = group;
  const buckets = task.windowCount * 2 ** (plan.windowBits - 1);
  const scratch = batchScratch(
    defaultMsmBatch(form, spec.degree),
    sizes.coordinatePairBytes,
    sizes.pointBytes,
  );
  const words: Record<keyof typeof MSM_TASK, number> = {
    records: place.records + task.firstPoint * sizes.recordBytes,
    parts: place.parts + task.firstPoint * DIMENSIONS * partBytes(DIMENSIONS),
    count: task.pointCount,
    dimensions: DIMENSIONS,
    windowBits: plan.windowBits,
    firstWindow: task.firstWindow,
    windowCount: task.windowCount,
    ends: arena.alloc(4 * buckets),
    refs: arena.alloc(4 * task.windowCount * task.pointCount * DIMENSIONS + 8),
    buckets: arena.alloc(buckets * sizes.pointBytes),
    scratch: arena.alloc(scratch.bytes),
    out: place.out,
  };
  const bytes = new Uint8Array(MSM_TASK_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [name, offset] of Object.entries(MSM_TASK)) {
    view.setUint32(offset, words[name as keyof typeof MSM_TASK], true);
  }
  const at = arena.alloc(MSM_TASK_BYTES);
  pool.memory.write(at, bytes);
  return at;
}

/** Σ scalars_i·points_i in memory form; scalars are 32 bytes each, below the order. An empty sum is infinity. */
export async function pooledMsm<K extends PointKind>(
  group: PooledGroup<K>,
  form: FieldForm,
  points: WasmVector<K>,
  scalars: Uint8Array,
  options: OperationOptions,
): Promise<Uint8Array> {
  const { sizes, spec, pool } = group;
  const count = points.length;
  assertLength('MSM, scalars', count, scalars.length / group.curve.frBytes);
  if (count === 0) return new Uint8Array(sizes.encodedBytes);
  if (count <= STRAUS_LIMIT) return strausSum(group, points, scalars, options);
  const plan = planMsm({
    count,
    dimensions: DIMENSIONS,
    partBound: spec.decomposition.partBound,
    threads: pool.threads,
    batch: defaultMsmBatch(form, spec.degree),
    pointBytes: sizes.pointBytes,
    projectiveBytes: sizes.projectiveBytes,
  });
  return pool.memory.withArena(async (arena) => {
    const records = arena.alloc(count * sizes.recordBytes);
    pool.call(`${spec.name}.records`, records, points.at, count);
    const bias = windowBias(plan.windowBits, plan.windows);
    const parts = group.split(DIMENSIONS, scalars, bias, points.at, arena);
    const windows = arena.alloc(plan.chunks * plan.windows * sizes.projectiveBytes);
    const chunkSize = Math.ceil(count / plan.chunks);
    await group.run(
      'msmTask',
      plan.tasks.map((task) => {
        const index = Math.floor(task.firstPoint / chunkSize) * plan.windows + task.firstWindow;
        const out = windows + index * sizes.projectiveBytes;
        return [describeTask(group, form, plan, task, { records, parts, out }, arena)];
      }),
      options,
    );
    for (let i = plan.windows; i < plan.chunks * plan.windows; i++) {
      const into = windows + (i % plan.windows) * sizes.projectiveBytes;
      pool.call(`${spec.name}.addProjective`, into, into, windows + i * sizes.projectiveBytes);
    }
    const sum = arena.alloc(sizes.projectiveBytes);
    pool.call(`${spec.name}.horner`, sum, windows, plan.windows, plan.windowBits);
    return group.exportProjective(sum);
  });
}
