/** A backend that computes nothing and takes the time that it is told, on vitest's fake clock. */

import type { Operation } from '../../src/backend/auto/cost-model.ts';
import type { Backend, BackendVector, OperationOptions } from '../../src/backend/backend.ts';
import type { Curve } from '../../src/curve/curve.ts';
import { throwIfAborted } from '../../src/errors.ts';

/** Waits on the clock that is in place; rejects with AbortedError when the signal fires before. */
async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    // Fake clocks count whole milliseconds.
    const timer = setTimeout(resolve, Math.ceil(ms));
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  throwIfAborted(signal);
}

/** `msOf`: milliseconds of a run of so many items, the how manieth of its operation. Pairs whose lines are kept count half. */
export function timedBackend(
  curve: Curve,
  msOf: (operation: Operation, items: number, run: number) => number,
): Backend {
  const runs = new Map<Operation, number>();
  const prepared = new WeakSet<object>();
  const vector = (kind: string, length: number): BackendVector => ({
    kind: kind as 'fr',
    length,
    slice: (start, end) => vector(kind, end - start),
    dispose: () => {},
  });
  const take = async (operation: Operation, items: number, run: OperationOptions = {}): Promise<void> => {
    const earlier = runs.get(operation) ?? 0;
    runs.set(operation, earlier + 1);
    await wait(msOf(operation, items, earlier), run.signal);
  };
  const upload = (kind: string, size: number) => async (bytes: Uint8Array) =>
    vector(kind, bytes.length / size);
  const sums =
    (one: Operation, many: Operation) =>
    async (jobs: readonly { readonly scalars: BackendVector }[], run?: OperationOptions) => {
      const items = jobs.reduce((sum, { scalars }) => sum + scalars.length, 0);
      await take(jobs.length > 1 ? many : one, items, run);
      return new Uint8Array(1);
    };
  const onVector =
    (operation: Operation, itemsOf = (length: number) => length) =>
    async (of: BackendVector, ...rest: unknown[]) => {
      await take(operation, itemsOf(of.length), rest.at(-1) as OperationOptions);
      return of;
    };
  const fake = {
    name: 'wasm',
    threads: 1,
    curve,
    uploadFr: upload('fr', curve.frBytes),
    uploadG1: upload('g1', curve.g1Bytes),
    uploadG2: upload('g2', curve.g2Bytes),
    read: async (of: BackendVector) =>
      new Uint8Array(of.length * { fr: curve.frBytes, g1: curve.g1Bytes, g2: curve.g2Bytes }[of.kind]),
    scaleG1: onVector('scaleG1'),
    scaleG2: onVector('scaleG2'),
    msmManyG1: sums('msmG1', 'msmManyG1'),
    msmManyG2: sums('msmG2', 'msmManyG2'),
    foldG1: onVector('foldG1'),
    foldG2: onVector('foldG2'),
    foldFr: onVector('foldFr'),
    mulFr: onVector('mulFr'),
    ntt: onVector('ntt', (length) => length * Math.log2(length)),
    powersFr: async (_: bigint, count: number) => {
      await take('powersFr', count);
      return vector('fr', count);
    },
    uploadMatrix: async ({ rowIndices }: { readonly rowIndices: Uint32Array }) =>
      vector('fr', rowIndices.length),
    mulMatrix: onVector('mulMatrix'),
    millerProducts: async (
      [[{ g2 }]]: readonly [readonly [{ readonly g2: BackendVector }]],
      run: OperationOptions,
    ) => {
      await take('millerProducts', prepared.has(g2) ? g2.length / 2 : g2.length, run);
      return new Uint8Array(1);
    },
    lines: {
      prepare: async (points: BackendVector) => {
        prepared.add(points);
      },
    },
    finalExponentiation: async (values: Uint8Array) => values,
  };
  return fake as unknown as Backend;
}
