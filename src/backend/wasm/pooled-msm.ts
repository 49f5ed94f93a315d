/**
 * Multi-scalar multiplications on a worker pool. All that are asked for together go through four jobs of the pool: their scalars are
 * classified (msm-scalars.ts), split, then come the tasks of their plans, whichever thread is free, and Horner's rule for each.
 */

import { bigintFromBytesLE } from '../../field/bytes.ts';
import { type MsmPlan, planMsm, STRAUS_LIMIT } from '../../msm/plan.ts';
import type { RunLength } from '../../wasm/curve/kit.ts';
import { batchScratch, MSM_TASK_KIND } from '../../wasm/curve/msm-layout.ts';
import { SCALAR_CLASSES, SCALAR_CLASSES_BYTES } from '../../wasm/curve/msm-scalars.ts';
import { MULTIPLES_WINDOW_BITS, multiplesDecomposition } from '../../wasm/curve/multiples.ts';
import { partBytes, SCALAR_BYTES, windowCount } from '../../wasm/curve/scalar-split.ts';
import type { Arena } from '../../wasm/pool/index.ts';
import type { OperationOptions } from '../backend.ts';
import { layOutTasks, type MsmTaskDraft } from './msm-tasks.ts';
import { type PooledGroup, type Range, ranges } from './pooled-group.ts';
import { WasmBases } from './wasm-bases.ts';
import type { PointKind, WasmVector } from './wasm-vector.ts';

/** One sum: bases, and the address of as many scalars, 32 bytes each, canonical. */
export interface PooledMsmJob<K extends PointKind> {
  readonly bases: WasmVector<K> | WasmBases<K>;
  readonly scalars: number;
}

/** What tests override. */
export interface MsmChoices {
  readonly windowBits?: number | undefined;
  readonly method?: 'straus' | 'buckets' | undefined;
  readonly run?: RunLength | undefined;
}

/** Most scalars of a task that classifies and splits them. */
const SCALAR_TASK = 4096;
/** Fewest ones that a task of their own adds up. */
const SUM_TASK = 2048;
/** Additions that a scalar costs by Straus's method, about: tasks are dealt out by it. */
const STRAUS_ADDITIONS = 60;
/** Most lists of tasks for each thread: more would balance better, and take more memory. */
const LISTS_PER_THREAD = 16;
/** Bytes of working memory that lists beyond one a thread may take together. */
const LISTS_BYTES = 64 * 2 ** 20;
/** Scalars of at most this many bits are not split. */
const SHORT_BITS = 128;

/** A job on its way. */
interface Stage {
  readonly scalars: number;
  readonly records: number;
  readonly ranges: readonly (Range & { readonly classes: number })[];
}

/** What classifying found. */
interface Classes {
  readonly ones: readonly number[];
  readonly rest: readonly number[];
  readonly oneCount: number;
  readonly restCount: number;
  /** A bound of the scalars in `rest`. */
  readonly bound: bigint;
}

/** How a job's scalars that are neither 0 nor 1 are summed. */
interface Method {
  readonly dimensions: 1 | 2 | 4;
  readonly windowBits: number;
  readonly windows: number;
  /** Undefined for Straus's method, and where there is nothing to sum. */
  readonly plan: MsmPlan | undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** The records of points, for all multiplications by them. */
export async function prepareBases<K extends PointKind>(
  group: PooledGroup<K>,
  points: WasmVector<K>,
  options: OperationOptions,
): Promise<WasmBases<K>> {
  const { memory, threads } = group.pool;
  const { recordBytes, pointBytes } = group.sizes;
  const at = memory.alloc(Math.max(1, points.length) * recordBytes);
  try {
    await group.run(
      'records',
      ranges(points.length, threads, SCALAR_TASK).map(({ start, count }) => [
        at + start * recordBytes,
        points.at + start * pointBytes,
        count,
      ]),
      options,
    );
  } catch (error) {
    memory.free(at);
    throw error;
  }
  return new WasmBases(group.kind, memory, at, points.length);
}

/** Σ scalars_i·bases_i of each job, in memory form, one after another. An empty sum is infinity. */
export async function pooledMsm<K extends PointKind>(
  group: PooledGroup<K>,
  jobs: readonly PooledMsmJob<K>[],
  options: OperationOptions,
  choices: MsmChoices = {},
): Promise<Uint8Array> {
  const { pool, sizes } = group;
  return pool.memory.withArena(async (arena) => {
    const run = new MsmRun(
      group,
      Math.max(1, Math.ceil(pool.threads / jobs.length)),
      arena,
      options,
      choices,
    );
    const stages = await run.classify(jobs);
    const sums = arena.alloc(Math.max(1, jobs.length) * sizes.projectiveBytes);
    await run.sum(stages, sums);
    return group.exportProjective(sums, jobs.length);
  });
}

/** The steps of {@link pooledMsm}. */
class MsmRun<K extends PointKind> {
  readonly #group: PooledGroup<K>;
  /** Threads that one job's tasks should keep busy. */
  readonly #threads: number;
  readonly #arena: Arena;
  readonly #options: OperationOptions;
  readonly #choices: MsmChoices;

  constructor(
    group: PooledGroup<K>,
    threads: number,
    arena: Arena,
    options: OperationOptions,
    choices: MsmChoices,
  ) {
    this.#group = group;
    this.#threads = threads;
    this.#arena = arena;
    this.#options = options;
    this.#choices = choices;
  }

  /** Makes records where bases have none, and classifies all scalars. */
  async classify(jobs: readonly PooledMsmJob<K>[]): Promise<Stage[]> {
    const { recordBytes, pointBytes } = this.#group.sizes;
    const tasks: number[][] = [];
    const stages = jobs.map(({ bases, scalars }): Stage => {
      const raw = !(bases instanceof WasmBases);
      const records = raw ? this.#arena.alloc(Math.max(1, bases.length) * recordBytes) : bases.at;
      const own = ranges(bases.length, this.#threads, SCALAR_TASK);
      const classes = this.#arena.alloc(Math.max(1, own.length) * SCALAR_CLASSES_BYTES);
      return {
        scalars,
        records,
        ranges: own.map(({ start, count }, i) => {
          const at = classes + i * SCALAR_CLASSES_BYTES;
          const points = raw ? bases.at + start * pointBytes : 0;
          tasks.push([at, scalars + start * SCALAR_BYTES, count, records + start * recordBytes, points]);
          return { start, count, classes: at };
        }),
      };
    });
    await this.#run('msmClassify', tasks);
    return stages;
  }

  /** Sums each job into a pair of projective points. */
  async sum(stages: readonly Stage[], sums: number): Promise<void> {
    const selections = new Map<Method['dimensions'], number[][]>();
    const drafts: MsmTaskDraft[] = [];
    const finishes: number[][] = [];
    stages.forEach((stage, i) => {
      const classes = this.#readClasses(stage);
      const method = this.#method(classes);
      const selected = this.#select(stage, classes, method);
      const others = selections.get(method.dimensions) ?? [];
      others.push(...selected.tasks);
      selections.set(method.dimensions, others);
      const out = sums + i * this.#group.sizes.projectiveBytes;
      finishes.push(this.#plan(stage, classes, method, selected, out, drafts));
    });
    for (const [dimensions, selection] of selections) await this.#run(`msmSelect${dimensions}`, selection);
    const { threads } = this.#group.pool;
    const listBytes = drafts.reduce((most, { bytes }) => Math.max(most, sum(Object.values(bytes))), 1);
    const listCount = Math.max(
      threads,
      Math.min(LISTS_PER_THREAD * threads, Math.floor(LISTS_BYTES / listBytes)),
    );
    const lists = layOutTasks(drafts, listCount, this.#arena);
    const run = this.#choices.run ?? this.#group.runOf(sum(drafts.map(({ cost }) => cost)));
    await this.#group.run(run === 'long' ? 'msmTasks' : 'msmTasksShort', lists, this.#options);
    await this.#run('msmFinish', finishes);
  }

  #run(name: string, tasks: readonly (readonly number[])[]): Promise<Int32Array> {
    return this.#group.run(name, tasks, { signal: this.#options.signal });
  }

  #readClasses(stage: Stage): Classes {
    const { memory } = this.#group.pool;
    const [ones, rest]: [number[], number[]] = [[], []];
    let bits = 0n;
    for (const { classes } of stage.ranges) {
      const bytes = memory.copyOut(classes, SCALAR_CLASSES_BYTES);
      const view = new DataView(bytes.buffer);
      ones.push(view.getUint32(SCALAR_CLASSES.ones, true));
      rest.push(view.getUint32(SCALAR_CLASSES.rest, true));
      bits |= bigintFromBytesLE(bytes.subarray(SCALAR_CLASSES.bits));
    }
    const bound = (1n << BigInt(bits.toString(2).length)) - 1n;
    return { ones, rest, oneCount: sum(ones), restCount: sum(rest), bound };
  }

  #method({ restCount, bound }: Classes): Method {
    const { spec, sizes, batch } = this.#group;
    const method = this.#choices.method ?? (restCount <= STRAUS_LIMIT ? 'straus' : 'buckets');
    if (method === 'straus') {
      const { dimensions, partBound } = multiplesDecomposition(spec);
      const windows = windowCount(partBound, MULTIPLES_WINDOW_BITS);
      return { dimensions, windowBits: MULTIPLES_WINDOW_BITS, windows, plan: undefined };
    }
    const short = bound < 1n << BigInt(SHORT_BITS);
    const dimensions = short ? 1 : 2;
    if (restCount === 0) return { dimensions, windowBits: 2, windows: 0, plan: undefined };
    const plan = planMsm(
      {
        count: restCount,
        dimensions,
        partBound: short ? bound : spec.decomposition.partBound,
        threads: this.#threads,
        batch,
        pointBytes: sizes.pointBytes,
      },
      this.#choices.windowBits,
    );
    return { dimensions, windowBits: plan.windowBits, windows: plan.windows, plan };
  }

  /** Room for parts, indices and references to ones, and the tasks that fill it. */
  #select(
    { ranges: own, scalars, records }: Stage,
    classes: Classes,
    { dimensions, windowBits, windows }: Method,
  ): { parts: number; indices: number; ones: number; tasks: number[][] } {
    const partsBytes = dimensions * partBytes(dimensions);
    // Room for one more: the odd lane of Straus's last pair reads it, whatever it holds.
    const parts = this.#arena.alloc((classes.restCount + 1) * partsBytes);
    const indices = this.#arena.alloc(4 * (classes.restCount + 1));
    const ones = this.#arena.alloc(4 * (classes.oneCount + 2));
    const bias = this.#group.placeBias(windowBits, windows, this.#arena);
    let [restBefore, onesBefore] = [0, 0];
    const tasks = own.map(({ start, count }, i) => {
      const task = [
        parts + restBefore * partsBytes,
        indices + 4 * restBefore,
        ones + 4 * onesBefore,
        scalars + start * SCALAR_BYTES,
        count,
        bias,
        records + start * this.#group.sizes.recordBytes,
        start,
      ];
      restBefore += classes.rest[i] as number;
      onesBefore += classes.ones[i] as number;
      return task;
    });
    return { parts, indices, ones, tasks };
  }

  /** Appends the tasks of a job to `drafts`, and gives the arguments that finish the job. */
  #plan(
    { records }: Stage,
    { oneCount, restCount }: Classes,
    { dimensions, windowBits, plan }: Method,
    { parts, indices, ones }: { parts: number; indices: number; ones: number },
    out: number,
    drafts: MsmTaskDraft[],
  ): number[] {
    const { batch, sizes } = this.#group;
    const { projectiveBytes, pointBytes } = sizes;
    const scratch = batchScratch(batch, sizes.coordinatePairBytes, pointBytes).bytes;
    const straus = plan === undefined && restCount > 0;
    const sumTasks = Math.max(1, Math.min(this.#threads, Math.floor(oneCount / SUM_TASK)));
    const sumRanges = ranges(oneCount, sumTasks, oneCount);
    const sumCount = sumRanges.length + (straus ? 1 : 0);
    const sums = this.#arena.alloc(Math.max(1, sumCount) * projectiveBytes);
    const resultsOfWindow = Uint8Array.from(plan?.resultsOfWindow ?? []);
    const results = this.#arena.alloc(Math.max(1, sum([...resultsOfWindow])) * projectiveBytes);
    for (const task of plan?.tasks ?? []) {
      const { firstPoint, pointCount, firstWindow, windowCount, firstResult } = task;
      const buckets = windowCount * 2 ** (windowBits - 1);
      drafts.push({
        words: {
          kind: MSM_TASK_KIND.buckets,
          records,
          parts: parts + firstPoint * dimensions * partBytes(dimensions),
          indices: indices + 4 * firstPoint,
          count: pointCount,
          dimensions,
          windowBits,
          firstWindow,
          windowCount,
          out: results + firstResult * projectiveBytes,
        },
        bytes: {
          ends: 4 * buckets,
          refs: 4 * windowCount * pointCount * dimensions + 8,
          buckets: buckets * pointBytes,
          scratch,
        },
        cost: windowCount * pointCount * dimensions,
      });
    }
    for (const [i, { start, count }] of sumRanges.entries()) {
      const refs = ones + 4 * start;
      const sumOut = sums + i * projectiveBytes;
      drafts.push({
        words: { kind: MSM_TASK_KIND.sum, records, count, refs, out: sumOut },
        bytes: { ends: 4, buckets: pointBytes, scratch },
        cost: count,
      });
    }
    if (straus) {
      const strausOut = sums + sumRanges.length * projectiveBytes;
      drafts.push({
        words: { kind: MSM_TASK_KIND.straus, records, parts, indices, count: restCount, out: strausOut },
        bytes: { scratch: Math.ceil(restCount / 2) * sizes.tableBytes },
        cost: STRAUS_ADDITIONS * (1 + restCount),
      });
    }
    const counts = this.#arena.copyIn(resultsOfWindow);
    return [out, results, counts, resultsOfWindow.length, windowBits, sums, sumCount];
  }
}
