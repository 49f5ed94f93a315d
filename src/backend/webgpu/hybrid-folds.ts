/** Folds of points on the WebGPU backend, whose results stay where they were computed until somebody wants them elsewhere. */

import type { Curve } from '../../curve/curve.ts';
import { assertLength, throwIfAborted } from '../../errors.ts';
import type { Backend, BackendVector, OperationOptions } from '../backend.ts';
import type { Attempt } from './attempt.ts';
import { type HybridVector, hybridOf, OwnVector, type VectorHome } from './hybrid-vector.ts';

type PointKind = 'g1' | 'g2';

/** The operations of a backend. */
export function hybridFolds(
  curve: Curve,
  home: VectorHome,
  attempt: Attempt,
): Pick<Backend, 'foldG1' | 'foldG2'> {
  const { cpu } = home;
  const fold = async <K extends PointKind>(
    left: BackendVector<K>,
    right: BackendVector<K>,
    x: bigint,
    run: OperationOptions,
  ): Promise<HybridVector<K>> => {
    throwIfAborted(run.signal);
    assertLength('Fold, right half', left.length, right.length);
    const [a, b] = [hybridOf(left, home), hybridOf(right, home)];
    const onCpu = (a.kind === 'g1' ? cpu.foldG1 : cpu.foldG2) as (
      left: BackendVector<K>,
      right: BackendVector<K>,
      x: bigint,
      options?: OperationOptions,
    ) => Promise<BackendVector<K>>;
    const recompute = async (): Promise<BackendVector<K>> => onCpu(await a.recover(), await b.recover(), x);
    const size = a.kind === 'g1' ? curve.g1Bytes : curve.g2Bytes;
    return attempt(
      async (engine) => {
        const onDevice = await Promise.all([a.onDevice(engine), b.onDevice(engine)]);
        const segments = await engine[a.kind].fold(...onDevice, x, run);
        return new OwnVector(home, a.kind, a.length, { residence: { engine, segments }, recompute });
      },
      async () =>
        new OwnVector(home, a.kind, a.length, {
          mirror: await onCpu(await a.onCpu(), await b.onCpu(), x, run),
        }),
      () => ({
        operation: a.kind === 'g1' ? 'foldG1' : 'foldG2',
        items: a.length,
        inputs: [a.placement(), b.placement()],
        outputBytes: a.length * size,
      }),
      run.signal,
    );
  };

  return {
    foldG1: (left, right, x, run = {}) => fold(left, right, x, run),
    foldG2: (left, right, x, run = {}) => fold(left, right, x, run),
  };
}
