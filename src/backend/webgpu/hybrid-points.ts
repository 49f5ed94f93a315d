/** Folds and multiples of points on the WebGPU backend, whose results stay where they were computed until somebody wants them elsewhere. */

import type { Curve } from '../../curve/curve.ts';
import { assertLength, throwIfAborted } from '../../errors.ts';
import type { Segment } from '../../gpu/segments.ts';
import type { Backend, BackendVector, FrVector, OperationOptions, VectorKind } from '../backend.ts';
import type { Attempt } from './attempt.ts';
import type { GpuEngine } from './engine.ts';
import { type HybridVector, hybridOf, OwnVector, type VectorHome } from './hybrid-vector.ts';

type PointKind = 'g1' | 'g2';

/** How an input comes to the CPU. */
type Take = <K extends VectorKind>(vector: HybridVector<K>) => Promise<BackendVector<K>>;

/** An operation whose result has as many points as `points`. */
interface PointOperation<K extends PointKind> {
  readonly name: 'fold' | 'scale';
  readonly points: HybridVector<K>;
  readonly other: HybridVector<VectorKind>;
  onGpu(engine: GpuEngine): Promise<Segment[]>;
  /** The same, of inputs as `take` finds them, also after they were disposed of. */
  onCpu(take: Take, run?: OperationOptions): Promise<BackendVector<K>>;
}

const OPERATION = {
  fold: { g1: 'foldG1', g2: 'foldG2' },
  scale: { g1: 'scaleG1', g2: 'scaleG2' },
} as const;

/** The operations of a backend. */
export function hybridPoints(
  curve: Curve,
  home: VectorHome,
  attempt: Attempt,
): Pick<Backend, 'scaleG1' | 'scaleG2' | 'foldG1' | 'foldG2'> {
  const { cpu } = home;
  const sizes = { g1: curve.g1Bytes, g2: curve.g2Bytes };

  const compute = <K extends PointKind>(
    { name, points, other, onGpu, onCpu }: PointOperation<K>,
    run: OperationOptions,
  ): Promise<HybridVector<K>> => {
    const { kind, length } = points;
    return attempt<HybridVector<K>>(
      async (engine) => {
        const residence = { engine, segments: await onGpu(engine) };
        const recompute = (): Promise<BackendVector<K>> => onCpu((vector) => vector.recover());
        return new OwnVector(home, kind, length, { residence, recompute });
      },
      async () => new OwnVector(home, kind, length, { mirror: await onCpu((vector) => vector.onCpu(), run) }),
      () => ({
        operation: OPERATION[name][kind],
        items: length,
        inputs: [points.placement(), other.placement()],
        outputBytes: length * sizes[kind],
      }),
      run.signal,
    );
  };

  const fold = async <K extends PointKind>(
    left: BackendVector<K>,
    right: BackendVector<K>,
    x: bigint,
    run: OperationOptions,
  ): Promise<HybridVector<K>> => {
    throwIfAborted(run.signal);
    assertLength('Fold, right half', left.length, right.length);
    const [a, b] = [hybridOf(left, home), hybridOf(right, home)];
    const cpuFold = (a.kind === 'g1' ? cpu.foldG1 : cpu.foldG2) as (
      left: BackendVector<K>,
      right: BackendVector<K>,
      x: bigint,
      options?: OperationOptions,
    ) => Promise<BackendVector<K>>;
    return compute(
      {
        name: 'fold',
        points: a,
        other: b,
        onGpu: async (engine) =>
          engine[a.kind].fold(await a.onDevice(engine), await b.onDevice(engine), x, run),
        onCpu: async (take, own) => cpuFold(await take(a), await take(b), x, own),
      },
      run,
    );
  };

  const scale = async <K extends PointKind>(
    points: BackendVector<K>,
    scalars: FrVector,
    run: OperationOptions,
  ): Promise<HybridVector<K>> => {
    throwIfAborted(run.signal);
    assertLength('Scaling, scalars', points.length, scalars.length);
    const [p, s] = [hybridOf(points, home), hybridOf(scalars, home)];
    const cpuScale = (p.kind === 'g1' ? cpu.scaleG1 : cpu.scaleG2) as (
      points: BackendVector<K>,
      scalars: FrVector,
      options?: OperationOptions,
    ) => Promise<BackendVector<K>>;
    return compute(
      {
        name: 'scale',
        points: p,
        other: s,
        onGpu: async (engine) =>
          engine[p.kind].scale(await p.onDevice(engine), await s.onDevice(engine), run),
        onCpu: async (take, own) => cpuScale(await take(p), await take(s), own),
      },
      run,
    );
  };

  return {
    scaleG1: (points, scalars, run = {}) => scale(points, scalars, run),
    scaleG2: (points, scalars, run = {}) => scale(points, scalars, run),
    foldG1: (left, right, x, run = {}) => fold(left, right, x, run),
    foldG2: (left, right, x, run = {}) => fold(left, right, x, run),
  };
}
