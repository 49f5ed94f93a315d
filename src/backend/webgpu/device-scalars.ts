/** Operations on vectors of scalars that run on a device, and whose results stay there until somebody wants them elsewhere. */

import type { Curve } from '../../curve/curve.ts';
import { assertLength, throwIfAborted } from '../../errors.ts';
import { mod, modInverse } from '../../field/modular.ts';
import type { Segment } from '../../gpu/segments.ts';
import { nttLog2, nttShift } from '../../ntt/plan.ts';
import { rootOfUnity } from '../../ntt/roots.ts';
import type { Operation, Placement, Work } from '../auto/cost-model.ts';
import type { Backend, FrVector, NttOptions, OperationOptions } from '../backend.ts';
import { checkSparseMatrix } from '../sparse-matrix.ts';
import type { Attempt } from './attempt.ts';
import { HybridMatrix, hybridMatrixOf } from './device-matrix.ts';
import type { GpuEngine } from './engine.ts';
import { type HybridVector, hybridOf, OwnVector, type VectorHome } from './hybrid-vector.ts';

/** What a choice of the place goes by. */
interface Weight {
  readonly operation: Operation;
  readonly items: number;
  readonly inputs: readonly { placement(): Placement }[];
}

/** How an input comes to the CPU. */
type Take = (vector: HybridVector<'fr'>) => Promise<FrVector>;

type ScalarOperations = Pick<Backend, 'foldFr' | 'mulFr' | 'ntt' | 'uploadMatrix' | 'mulMatrix' | 'powersFr'>;

/** What the inverse transform takes of the progress where the coset's shift is taken out afterwards. */
const TRANSFORM_SHARE = 0.8;

/** A transform, its options checked. */
interface Transform extends OperationOptions {
  readonly log2: number;
  readonly inverse: boolean;
  readonly shift: bigint;
}

/** The operations of a backend on scalars of a curve. */
export function deviceScalars(curve: Curve, home: VectorHome, attempt: Attempt): ScalarOperations {
  const { cpu } = home;
  const { order } = curve;

  /** A vector that `onGpu` computes; `onCpu` gives the same, of inputs as `take` finds them, also after they were disposed of. */
  const compute = (
    length: number,
    run: OperationOptions,
    onGpu: (engine: GpuEngine) => Promise<Segment[]>,
    onCpu: (take: Take, run?: OperationOptions) => Promise<FrVector>,
    weight: Weight,
  ): Promise<HybridVector<'fr'>> => {
    throwIfAborted(run.signal);
    const work = (): Work => ({
      ...weight,
      inputs: weight.inputs.map((input) => input.placement()),
      outputBytes: length * curve.frBytes,
    });
    return attempt<HybridVector<'fr'>>(
      async (engine) => {
        const residence = { engine, segments: await onGpu(engine) };
        return new OwnVector(home, 'fr', length, {
          residence,
          recompute: () => onCpu((vector) => vector.recover()),
        });
      },
      async () => new OwnVector(home, 'fr', length, { mirror: await onCpu((vector) => vector.onCpu(), run) }),
      work,
      run.signal,
    );
  };

  const onDevice = (engine: GpuEngine, ...vectors: HybridVector<'fr'>[]): Promise<(readonly Segment[])[]> =>
    Promise.all(vectors.map((vector) => vector.onDevice(engine)));

  return {
    foldFr: async (left, right, x, run = {}) => {
      assertLength('Fold, right half', left.length, right.length);
      const [a, b] = [hybridOf(left, home), hybridOf(right, home)];
      return compute(
        a.length,
        run,
        async (engine) => {
          const [p = [], q = []] = await onDevice(engine, a, b);
          return engine.scalars.fold(p, q, x, run);
        },
        async (take, own) => cpu.foldFr(await take(a), await take(b), x, own),
        { operation: 'foldFr', items: a.length, inputs: [a, b] },
      );
    },

    mulFr: async (left, right, run = {}) => {
      assertLength('Products of scalars, right factors', left.length, right.length);
      const [a, b] = [hybridOf(left, home), hybridOf(right, home)];
      return compute(
        a.length,
        run,
        async (engine) => {
          const [p = [], q = []] = await onDevice(engine, a, b);
          return engine.scalars.mul(p, q, run);
        },
        async (take, own) => cpu.mulFr(await take(a), await take(b), own),
        { operation: 'mulFr', items: a.length, inputs: [a, b] },
      );
    },

    powersFr: async (base, count, first = 1n) => {
      const sequence = { base: mod(base, order), first: mod(first, order), count };
      return compute(
        count,
        {},
        (engine) => engine.scalars.powers(sequence),
        () => cpu.powersFr(base, count, first),
        { operation: 'powersFr', items: count, inputs: [] },
      );
    },

    ntt: async (values, run: NttOptions = {}) => {
      const { inverse = false, signal, onProgress } = run;
      const [log2, shift] = [nttLog2(values.length), nttShift(run.shift, order)];
      const vector = hybridOf(values, home);
      return compute(
        vector.length,
        run,
        async (engine) =>
          transform(curve, engine, await vector.onDevice(engine), {
            log2,
            inverse,
            shift,
            signal,
            onProgress,
          }),
        async (take, own) => cpu.ntt(await take(vector), { ...own, inverse, shift }),
        { operation: 'ntt', items: vector.length * log2, inputs: [vector] },
      );
    },

    uploadMatrix: async (matrix, values, run = {}) => {
      throwIfAborted(run.signal);
      checkSparseMatrix(matrix, values.length);
      const own = new HybridMatrix(matrix, hybridOf(values, home));
      await attempt<unknown>(
        (engine) => own.onDevice(engine, run),
        () => own.onCpu(async () => undefined, run),
        // It is laid out where a product with it would run.
        () => ({
          operation: 'mulMatrix',
          items: own.entryCount,
          inputs: [hybridOf(values, home).placement()],
          outputBytes: 0,
          isLasting: true,
        }),
        run.signal,
      );
      return own;
    },

    mulMatrix: async (matrix, vector, run = {}) => {
      const own = hybridMatrixOf(matrix, home);
      assertLength('Matrix product, vector', own.columns, vector.length);
      const by = hybridOf(vector, home);
      return compute(
        own.rows,
        run,
        async (engine) => {
          const [laid, on] = await Promise.all([own.onDevice(engine), by.onDevice(engine)]);
          return laid.multiply(on, run);
        },
        (take, options) =>
          own.onCpu(async (onCpu) => cpu.mulMatrix(onCpu, await take(by), options), {
            signal: options?.signal,
          }),
        { operation: 'mulMatrix', items: own.entryCount, inputs: [own, by] },
      );
    },
  };
}

/** As `Backend.ntt`. A forward transform has the shift in its twiddles; after an inverse one it is taken out. */
async function transform(
  { order }: Curve,
  { ntt, scalars }: GpuEngine,
  values: readonly Segment[],
  { log2, inverse, shift, signal, onProgress }: Transform,
): Promise<Segment[]> {
  const root = rootOfUnity(order, log2);
  if (!inverse) return ntt.transform(values, { root, shift, signal, onProgress });
  const isPlain = shift === 1n;
  const share = isPlain ? 1 : TRANSFORM_SHARE;
  const result = await ntt.transform(values, {
    root: modInverse(root, order),
    scale: modInverse(1n << BigInt(log2), order),
    signal,
    onProgress: (fraction) => onProgress?.(share * fraction),
  });
  if (isPlain) return result;
  const taken = [result];
  try {
    const factors = { first: 1n, base: modInverse(shift, order), count: 2 ** log2 };
    const powers = await scalars.powers(factors, { signal });
    taken.push(powers);
    return await scalars.mul(result, powers, {
      signal,
      onProgress: (fraction) => onProgress?.(share + (1 - share) * fraction),
    });
  } finally {
    for (const segments of taken) scalars.erase(segments);
  }
}
