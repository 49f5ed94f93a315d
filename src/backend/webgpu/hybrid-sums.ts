/** Multi-scalar multiplications of the WebGPU backend, and bases prepared for them. */

import type { Curve } from '../../curve/curve.ts';
import { assertLength, InternalError, throwIfAborted } from '../../errors.ts';
import { isZeroBytes, joinBytes } from '../../field/bytes.ts';
import { allocateSegments } from '../../gpu/segments.ts';
import type { Placement, Side, Work } from '../auto/cost-model.ts';
import type {
  Backend,
  BackendVector,
  Bases,
  GroupSums,
  MsmJob,
  OperationOptions,
  SumJobs,
} from '../backend.ts';
import { inTurn } from '../in-turn.ts';
import { TERM_WEIGHT } from '../sums-in-turn.ts';
import type { Attempts } from './attempt.ts';
import { deviceMsm } from './device-msm.ts';
import { type DeviceJob, deviceSums, type GroupJob } from './device-sums.ts';
import type { GpuEngine } from './engine.ts';
import { type HybridVector, hybridOf, OwnVector, type VectorHome } from './hybrid-vector.ts';

type PointKind = 'g1' | 'g2';

/** Sums in the cost model. */
const MSM = {
  one: { g1: 'msmG1', g2: 'msmG2' },
  many: { g1: 'msmManyG1', g2: 'msmManyG2' },
} as const;

/** Prepared bases: points that are on the device, or bases of the CPU backend where that is to use them. */
class HybridBases<K extends PointKind> implements Bases<K> {
  readonly kind: K;
  readonly length: number;
  readonly prepared = true;
  readonly home: VectorHome;
  readonly source: HybridVector<K> | Bases<K>;

  constructor(home: VectorHome, source: HybridVector<K> | Bases<K>) {
    this.home = home;
    this.kind = source.kind;
    this.length = source.length;
    this.source = source;
  }

  dispose(): void {
    this.source.dispose();
  }
}

/** A sum, its handles unwrapped. */
interface PlacedJob<K extends PointKind> {
  readonly kind: K;
  /** Bases of the CPU backend where they were prepared for it. */
  readonly bases: HybridVector<K> | Bases<K>;
  readonly scalars: HybridVector<'fr'>;
  /** As in SumJob. */
  readonly onSpent?: (() => void) | undefined;
}

type SumOperations = Pick<
  Backend,
  'prepareG1' | 'prepareG2' | 'msmG1' | 'msmG2' | 'msmManyG1' | 'msmManyG2' | 'msmSums'
>;

/** The operations of a backend. */
export function hybridSums(curve: Curve, home: VectorHome, attempts: Attempts): SumOperations {
  const { cpu } = home;
  const { attempt, sideOf, withGpu } = attempts;
  const sizes = { g1: curve.g1Bytes, g2: curve.g2Bytes };

  const place = <K extends PointKind>(kind: K, { bases, scalars }: MsmJob<K>): PlacedJob<K> => {
    assertLength('MSM, scalars', bases.length, scalars.length);
    const own = hybridOf(scalars, home);
    if (!('prepared' in bases)) return { kind, bases: hybridOf(bases, home), scalars: own };
    if (!(bases instanceof HybridBases) || bases.home !== home) {
      throw new InternalError('Bases of another backend were given.');
    }
    return { kind, bases: bases.source as HybridVector<K> | Bases<K>, scalars: own };
  };

  const toCpu = async <K extends PointKind>({ bases, scalars }: PlacedJob<K>): Promise<MsmJob<K>> => ({
    bases: 'prepared' in bases ? bases : await bases.onCpu(),
    scalars: await scalars.onCpu(),
  });

  const isForCpu = ({ bases }: PlacedJob<PointKind>): boolean => 'prepared' in bases;

  const toDevice = async (
    engine: GpuEngine,
    { bases, scalars }: PlacedJob<PointKind>,
  ): Promise<DeviceJob> => {
    if ('prepared' in bases) throw new InternalError('Bases that the CPU has prepared were sent to the GPU.');
    return {
      bases: await bases.onDevice(engine),
      scalars: await scalars.onDevice(engine),
      length: bases.length,
    };
  };

  const placements = ({ bases, scalars }: PlacedJob<PointKind>): Placement[] =>
    'prepared' in bases ? [] : [bases.placement(), scalars.placement()];

  const workOf = (jobs: readonly PlacedJob<PointKind>[], kind: PointKind): Work => ({
    operation: MSM[jobs.length > 1 ? 'many' : 'one'][kind],
    items: jobs.reduce((sum, { bases }) => sum + bases.length, 0),
    inputs: jobs.flatMap(placements),
    outputBytes: 0,
  });

  /** Faults of memory and drivers show as zeros. An infinite sum is rare enough to be computed once more. */
  const isDoubtful = ({ scalars }: PlacedJob<PointKind>, sum: Uint8Array): boolean =>
    scalars.length > 0 && isZeroBytes(sum);

  const manyOnCpu = async <K extends PointKind>(
    kind: K,
    jobs: readonly PlacedJob<K>[],
    run: OperationOptions,
  ): Promise<Uint8Array> => {
    const many = (kind === 'g1' ? cpu.msmManyG1 : cpu.msmManyG2) as (
      jobs: readonly MsmJob<K>[],
      options: OperationOptions,
    ) => Promise<Uint8Array>;
    return many(await Promise.all(jobs.map(toCpu)), run);
  };

  const msm = async <K extends PointKind>(
    kind: K,
    given: readonly MsmJob<K>[],
    run: OperationOptions,
  ): Promise<Uint8Array> => {
    throwIfAborted(run.signal);
    const jobs = given.map((job) => place(kind, job));
    const onCpu = (): Promise<Uint8Array> => manyOnCpu(kind, jobs, run);
    if (jobs.some(isForCpu)) return onCpu();
    const onGpu = async (engine: GpuEngine): Promise<Uint8Array> => {
      const moved = await Promise.all(jobs.map((job) => toDevice(engine, job)));
      const sums = await deviceMsm(engine[kind], engine.digits, cpu, moved, run);
      const size = sizes[kind];
      const slot = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(i * size, (i + 1) * size);
      const doubtful = [...jobs.entries()].filter(([i, job]) => isDoubtful(job, slot(sums, i)));
      if (doubtful.length > 0) {
        const checked = await manyOnCpu(
          kind,
          doubtful.map(([, job]) => job),
          { signal: run.signal },
        );
        for (const [k, [i]] of doubtful.entries()) sums.set(slot(checked, k), i * size);
      }
      return sums;
    };
    return attempt(onGpu, onCpu, () => workOf(jobs, kind), run.signal);
  };

  const oneOnCpu = async <K extends PointKind>(
    job: PlacedJob<K>,
    run: OperationOptions,
  ): Promise<Uint8Array> => {
    const { bases, scalars } = await toCpu(job);
    return job.kind === 'g1'
      ? cpu.msmG1(bases as BackendVector<'g1'> | Bases<'g1'>, scalars, run)
      : cpu.msmG2(bases as BackendVector<'g2'> | Bases<'g2'>, scalars, run);
  };

  const inTurnOnCpu = async (
    jobs: readonly PlacedJob<PointKind>[],
    run: OperationOptions,
  ): Promise<Uint8Array[]> => {
    const runs = inTurn(run, jobs.map(weightOf));
    const sums: Uint8Array[] = [];
    for (const job of jobs) {
      sums.push(await oneOnCpu(job, runs[sums.length] as OperationOptions));
      job.onSpent?.();
    }
    return sums;
  };

  /** Sums one behind the other, read from the device together. */
  const inTurnOnGpu = async (
    engine: GpuEngine,
    jobs: readonly PlacedJob<PointKind>[],
    run: OperationOptions,
  ): Promise<Uint8Array[]> => {
    const moved: GroupJob[] = [];
    // One after another: a vector that stands in several is uploaded once.
    for (const job of jobs) moved.push({ ...(await toDevice(engine, job)), group: engine[job.kind] });
    const sums = await deviceSums(engine.digits, cpu, moved, run);
    for (const [i, job] of jobs.entries()) {
      if (isDoubtful(job, sums[i] as Uint8Array)) sums[i] = await oneOnCpu(job, { signal: run.signal });
    }
    for (const job of jobs) job.onSpent?.();
    return sums;
  };

  const msmSums = async (given: SumJobs, run: OperationOptions): Promise<GroupSums> => {
    throwIfAborted(run.signal);
    const jobs: PlacedJob<PointKind>[] = [
      ...given.g1.map((job) => ({ ...place('g1', job), onSpent: job.onSpent })),
      ...given.g2.map((job) => ({ ...place('g2', job), onSpent: job.onSpent })),
    ];
    const sides = new Map<PlacedJob<PointKind>, Side>();
    for (const job of jobs) {
      sides.set(job, isForCpu(job) ? 'cpu' : await sideOf(workOf([job], job.kind), run.signal));
    }
    const forCpu = jobs.filter((job) => sides.get(job) === 'cpu');
    const forGpu = besideTheirScalars(jobs.filter((job) => sides.get(job) === 'gpu'));
    const [cpuRun = {}, gpuRun = {}] = inTurn(
      run,
      [forCpu, forGpu].map((part) => part.reduce((sum, job) => sum + weightOf(job), 0)),
    );
    const sums = await inTurnOnCpu(forCpu, cpuRun);
    if (forGpu.length > 0) {
      sums.push(
        ...(await withGpu(
          (engine) => inTurnOnGpu(engine, forGpu, gpuRun),
          () => inTurnOnCpu(forGpu, gpuRun),
        )),
      );
    }
    const sumOf = new Map([...forCpu, ...forGpu].map((job, i) => [job, sums[i] as Uint8Array]));
    const of = (kind: PointKind): Uint8Array =>
      joinBytes(jobs.filter((job) => job.kind === kind).map((job) => sumOf.get(job) as Uint8Array));
    return { g1: of('g1'), g2: of('g2') };
  };

  const prepare = async <K extends PointKind>(
    points: BackendVector<K>,
    run: OperationOptions,
  ): Promise<Bases<K>> => {
    throwIfAborted(run.signal);
    const vector = hybridOf(points, home);
    const source = await attempt<HybridVector<K> | Bases<K>>(
      async (engine) => {
        const group = engine[vector.kind];
        const from = await vector.onDevice(engine);
        const segments = allocateSegments(engine.device, vector.length, group.pointBytes);
        await group.copy(from, segments);
        return new OwnVector(home, vector.kind, vector.length, {
          residence: { engine, segments },
          recompute: () => vector.recover(),
        });
      },
      async () => {
        const onCpu = (vector.kind === 'g1' ? cpu.prepareG1 : cpu.prepareG2) as (
          points: BackendVector<K>,
          options: OperationOptions,
        ) => Promise<Bases<K>>;
        return onCpu(await vector.onCpu(), run);
      },
      // Bases are prepared where a sum over them would run.
      () => ({
        operation: MSM.one[vector.kind],
        items: vector.length,
        inputs: [vector.placement()],
        outputBytes: 0,
        isLasting: true,
      }),
      run.signal,
    );
    run.onProgress?.(1);
    return new HybridBases<K>(home, source);
  };

  return {
    prepareG1: (points, run = {}) => prepare(points, run),
    prepareG2: (points, run = {}) => prepare(points, run),
    msmG1: (bases, scalars, run = {}) => msm('g1', [{ bases, scalars }], run),
    msmG2: (bases, scalars, run = {}) => msm('g2', [{ bases, scalars }], run),
    msmManyG1: (jobs, run = {}) => msm('g1', jobs, run),
    msmManyG2: (jobs, run = {}) => msm('g2', jobs, run),
    msmSums: (jobs, run = {}) => msmSums(jobs, run),
  };
}

function weightOf({ kind, bases }: PlacedJob<PointKind>): number {
  return TERM_WEIGHT[kind] * bases.length;
}

/** Jobs in their order, but those of the same scalars one behind the other, so that they share a sort. */
function besideTheirScalars(jobs: readonly PlacedJob<PointKind>[]): PlacedJob<PointKind>[] {
  const firsts = [...new Set(jobs.map(({ scalars }) => scalars))];
  return firsts.flatMap((scalars) => jobs.filter((job) => job.scalars === scalars));
}
