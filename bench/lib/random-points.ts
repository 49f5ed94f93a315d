/** Random inputs whose results are known: points of known logarithm, so that a sum of any size costs one multiplication to check. */

import type { Backend, G1Vector, G2Vector } from '../../src/backend/backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import type { Curve } from '../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { mod } from '../../src/field/modular.ts';
import { randomScalar } from '../../src/field/random.ts';

/** A group by its name in vectors. */
export type GroupKind = 'g1' | 'g2';

/** Uniform scalars below the group order, never 0. */
export function randomScalars(curve: Curve, count: number): bigint[] {
  return Array.from({ length: count }, () => randomScalar(curve.order));
}

/** scalar·generator in memory form, by the reference arithmetic. */
export function generatorMultiple(curve: Curve, kind: GroupKind, scalar: bigint): Uint8Array {
  return kind === 'g1'
    ? g1ToBytes(curve, curve.g1.BASE.multiply(scalar))
    : g2ToBytes(curve, curve.g2.BASE.multiply(scalar));
}

/** logs_i·generator for all i, in memory form. */
export async function generatorMultiples(
  backend: Backend,
  kind: GroupKind,
  logs: readonly bigint[],
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const one = generatorMultiple(backend.curve, kind, 1n);
  const generators = new Uint8Array(logs.length * one.length);
  for (let i = 0; i < logs.length; i++) generators.set(one, i * one.length);
  const scalars = await backend.uploadFr(packScalars(backend.curve, logs));
  const bases = kind === 'g1' ? await backend.uploadG1(generators) : await backend.uploadG2(generators);
  const points =
    bases.kind === 'g1'
      ? await backend.scaleG1(bases as G1Vector, scalars, { signal })
      : await backend.scaleG2(bases as G2Vector, scalars, { signal });
  const bytes = await backend.read(points);
  for (const vector of [scalars, bases, points]) vector.dispose();
  return bytes;
}

/** Points with scalars to multiply them by, and every sum of a beginning of them. */
export interface MsmInput {
  readonly curve: Curve;
  readonly kind: GroupKind;
  /** Points in memory form. */
  readonly points: Uint8Array;
  readonly scalars: readonly bigint[];
  /** The scalars in memory form. */
  readonly scalarBytes: Uint8Array;
  /** Σ scalars_i·points_i over the first n, in memory form: from the logarithms, without any of the kernels. */
  expected(n: number): Uint8Array;
}

/** Random points, made by `backend`, and random scalars. */
export async function randomMsm(
  backend: Backend,
  kind: GroupKind,
  count: number,
  signal?: AbortSignal,
): Promise<MsmInput> {
  const { curve } = backend;
  const [logs, scalars] = [randomScalars(curve, count), randomScalars(curve, count)];
  return {
    curve,
    kind,
    points: await generatorMultiples(backend, kind, logs, signal),
    scalars,
    scalarBytes: packScalars(curve, scalars),
    expected: (n) => {
      let sum = 0n;
      for (let i = 0; i < n; i++) sum += (logs[i] as bigint) * (scalars[i] as bigint);
      return generatorMultiple(curve, kind, mod(sum, curve.order));
    },
  };
}
