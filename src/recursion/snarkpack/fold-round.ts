/** One round of the folding argument: cross terms of the two halves, then all vectors folded to half their length. */

import type {
  Backend,
  BackendVector,
  FrVector,
  G1Vector,
  G2Vector,
  OperationOptions,
  PairingProduct,
} from '../../backend/backend.ts';
import { modInverse } from '../../field/modular.ts';

/** The vectors under folding; all of one length, a power of two. `b`, `w1`, `w2` are the rescaled B', w1', w2'. */
export interface FoldVectors {
  readonly a: G1Vector;
  readonly b: G2Vector;
  readonly c: G1Vector;
  readonly s: FrVector;
  readonly v1: G2Vector;
  readonly v2: G2Vector;
  readonly w1: G1Vector;
  readonly w2: G1Vector;
}

/** What the pairings of a round need: everything but s, which waits for one challenge more. */
export type PairedVectors = Omit<FoldVectors, 's'>;

/** Cross terms of a round: ten GT elements in the order of the layout, and Q_L, Q_R, all in memory form. */
export interface CrossTerms {
  readonly gt: Uint8Array;
  readonly g1: Uint8Array;
}

/** Splits every vector in its left and right half. */
function halves<V extends { readonly [K in keyof V]: BackendVector }>(vectors: V): { left: V; right: V } {
  const part = (right: boolean): V => {
    const entries = Object.entries<BackendVector>(vectors).map(([name, vector]) => {
      const half = vector.length / 2;
      return [name, right ? vector.slice(half, vector.length) : vector.slice(0, half)];
    });
    return Object.fromEntries(entries) as V;
  };
  return { left: part(false), right: part(true) };
}

/** Z = Σ e(a_i, b_i), cut where {@link crossProducts} cuts, so that both share the lines of b when they are asked for together. */
export function innerProduct(vectors: PairedVectors): PairingProduct {
  const { a, b } = vectors;
  if (a.length === 1) return [{ g1: a, g2: b }];
  const { left, right } = halves({ a, b });
  return [
    { g1: left.a, g2: left.b },
    { g1: right.a, g2: right.b },
  ];
}

/** Z, T_AB, U_AB, T_C and U_C of each half against the other, as ten products of the layout's order. */
export function crossProducts(vectors: PairedVectors): PairingProduct[] {
  const { left: L, right: R } = halves(vectors);
  return [
    [{ g1: R.a, g2: L.b }],
    [{ g1: L.a, g2: R.b }],
    [
      { g1: R.a, g2: L.v1 },
      { g1: R.w1, g2: L.b },
    ],
    [
      { g1: L.a, g2: R.v1 },
      { g1: L.w1, g2: R.b },
    ],
    [
      { g1: R.a, g2: L.v2 },
      { g1: R.w2, g2: L.b },
    ],
    [
      { g1: L.a, g2: R.v2 },
      { g1: L.w2, g2: R.b },
    ],
    [{ g1: R.c, g2: L.v1 }],
    [{ g1: L.c, g2: R.v1 }],
    [{ g1: R.c, g2: L.v2 }],
    [{ g1: L.c, g2: R.v2 }],
  ];
}

/**
 * Z, T_AB, U_AB, T_C, U_C and Q of each half against the other. `miller`: the Miller-loop products of {@link crossProducts}, where they
 * are there already.
 */
export async function crossTerms(
  backend: Backend,
  vectors: FoldVectors,
  options: OperationOptions = {},
  miller?: Uint8Array,
): Promise<CrossTerms> {
  const products = miller ?? (await backend.millerProducts(crossProducts(vectors), options));
  const { left: L, right: R } = halves(vectors);
  const { signal } = options;
  const qLeft = await backend.msmG1(R.c, L.s, { signal });
  const qRight = await backend.msmG1(L.c, R.s, { signal });
  const g1 = new Uint8Array(2 * backend.curve.g1Bytes);
  g1.set(qLeft, 0);
  g1.set(qRight, qLeft.length);
  return { gt: await backend.finalExponentiation(products, { signal }), g1 };
}

/** Folds by the round's challenge: A, C, w by x, and B, s, v by 1/x. */
export async function foldVectors(
  backend: Backend,
  vectors: FoldVectors,
  x: bigint,
  options: OperationOptions = {},
): Promise<FoldVectors> {
  const { left: L, right: R } = halves(vectors);
  const inverse = modInverse(x, backend.curve.order);
  const { signal } = options;
  const steps = 8;
  let done = 0;
  const step = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    done++;
    options.onProgress?.(done / steps);
    return result;
  };
  const folded: FoldVectors = {
    a: await step(backend.foldG1(L.a, R.a, x, { signal })),
    b: await step(backend.foldG2(L.b, R.b, inverse, { signal })),
    c: await step(backend.foldG1(L.c, R.c, x, { signal })),
    s: await step(backend.foldFr(L.s, R.s, inverse, { signal })),
    v1: await step(backend.foldG2(L.v1, R.v1, inverse, { signal })),
    v2: await step(backend.foldG2(L.v2, R.v2, inverse, { signal })),
    w1: await step(backend.foldG1(L.w1, R.w1, x, { signal })),
    w2: await step(backend.foldG1(L.w2, R.w2, x, { signal })),
  };
  for (const vector of Object.values(vectors)) vector.dispose();
  return folded;
}
