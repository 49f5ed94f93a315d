/** Small runs of every operation, on the same inputs whatever the backend. */

import type { Curve } from '../../curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../curve/points.ts';
import type {
  Backend,
  BackendVector,
  FrVector,
  G1Vector,
  G2Vector,
  MsmJob,
  OperationOptions,
} from '../backend.ts';
import type { Operation } from './cost-model.ts';

/** Points and scalars to take inputs of any size from, in memory form. */
export interface ProbeInputs {
  readonly curve: Curve;
  readonly fr: Uint8Array;
  readonly g1: Uint8Array;
  readonly g2: Uint8Array;
}

/** An operation with inputs in place. */
export interface Probe {
  run(options: OperationOptions): Promise<Uint8Array | BackendVector>;
  /** What of a result is the same on every backend; the result itself where this is left out. */
  canonical?(result: Uint8Array): Promise<Uint8Array>;
  release(): void;
}

/** How an operation is probed. */
export interface ProbeKind {
  /** Sizes of the smallest and of the largest run, powers of two. */
  readonly smallest: number;
  readonly largest: number;
  /** How many times as large as the one before a run is. Default: {@link GROWTH}. */
  readonly growth?: number;
  /** Items of a size in the cost model. Default: as many. */
  itemsOf?(size: number): number;
  place(backend: Backend, inputs: ProbeInputs, size: number): Promise<Probe>;
}

const GROWTH = 4;

/** The sizes of a probe, smallest first. */
export function probeSizes({ smallest, largest, growth = GROWTH }: ProbeKind): number[] {
  const sizes: number[] = [];
  for (let size = smallest; size <= largest; size *= growth) sizes.push(size);
  return sizes;
}

/** Scalars, as many as the largest probe takes. */
const SCALARS = 2 ** 16;
/** Different points of each group; larger inputs repeat them. */
export const DISTINCT = { g1: 512, g2: 256 } as const;
/** Different values of a matrix. */
const MATRIX_VALUES = 16;
/** Terms of a sum among many. */
const TERMS = 32;
/** crypto.getRandomValues gives no more at once. */
const RANDOM_BYTES = 65536;

/** Random scalars; not quite uniform, which is all the same to the time they take. */
function randomScalars({ frBytes, order }: Curve, count: number): Uint8Array {
  const bytes = new Uint8Array(count * frBytes);
  for (let at = 0; at < bytes.length; at += RANDOM_BYTES) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(bytes.length, at + RANDOM_BYTES)));
  }
  const top = Number(order >> BigInt(8 * (frBytes - 1)));
  for (let at = frBytes - 1; at < bytes.length; at += frBytes) bytes[at] = (bytes[at] as number) % top;
  return bytes;
}

/** `length` bytes, the given ones over and over. */
function tile(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += bytes.length) {
    out.set(bytes.subarray(0, Math.min(bytes.length, length - at)), at);
  }
  return out;
}

/** Makes inputs with a backend. */
export async function probeInputs(backend: Backend, options: OperationOptions): Promise<ProbeInputs> {
  const { curve } = backend;
  const scaled = async (
    one: Uint8Array,
    count: number,
    upload: (bytes: Uint8Array) => Promise<BackendVector>,
    scale: (points: BackendVector, scalars: FrVector) => Promise<BackendVector>,
  ): Promise<Uint8Array> => {
    const points = await upload(tile(one, count * one.length));
    const scalars = await backend.uploadFr(randomScalars(curve, count));
    const result = await scale(points, scalars);
    const bytes = await backend.read(result);
    for (const vector of [points, scalars, result]) vector.dispose();
    return bytes;
  };
  return {
    curve,
    fr: randomScalars(curve, SCALARS),
    g1: await scaled(
      g1ToBytes(curve, curve.g1.BASE),
      DISTINCT.g1,
      (bytes) => backend.uploadG1(bytes),
      (points, scalars) => backend.scaleG1(points as G1Vector, scalars, options),
    ),
    g2: await scaled(
      g2ToBytes(curve, curve.g2.BASE),
      DISTINCT.g2,
      (bytes) => backend.uploadG2(bytes),
      (points, scalars) => backend.scaleG2(points as G2Vector, scalars, options),
    ),
  };
}

/** Points of a group as an input of `count` elements. */
export function probePoints(inputs: ProbeInputs, kind: 'g1' | 'g2', count: number): Uint8Array {
  const { g1Bytes, g2Bytes } = inputs.curve;
  return tile(inputs[kind], count * (kind === 'g1' ? g1Bytes : g2Bytes));
}

type Place = ProbeKind['place'];

/** A sum, or sums of {@link TERMS} points. */
function sums(kind: 'g1' | 'g2', isMany: boolean): Place {
  return async (backend, inputs, items) => {
    const points = probePoints(inputs, kind, items);
    const bases = kind === 'g1' ? await backend.uploadG1(points) : await backend.uploadG2(points);
    const scalars = await backend.uploadFr(inputs.fr.subarray(0, items * inputs.curve.frBytes));
    const terms = isMany ? TERMS : items;
    const jobs = Array.from({ length: items / terms }, (_, i) => ({
      bases: bases.slice(i * terms, (i + 1) * terms),
      scalars: scalars.slice(i * terms, (i + 1) * terms),
    }));
    return {
      run: (options) =>
        kind === 'g1'
          ? backend.msmManyG1(jobs as MsmJob<'g1'>[], options)
          : backend.msmManyG2(jobs as MsmJob<'g2'>[], options),
      release: () => {
        bases.dispose();
        scalars.dispose();
      },
    };
  };
}

function scale(kind: 'g1' | 'g2'): Place {
  return async (backend, inputs, items) => {
    const bytes = probePoints(inputs, kind, items);
    const points = kind === 'g1' ? await backend.uploadG1(bytes) : await backend.uploadG2(bytes);
    const scalars = await backend.uploadFr(inputs.fr.subarray(0, items * inputs.curve.frBytes));
    return {
      run: (options) =>
        kind === 'g1'
          ? backend.scaleG1(points as G1Vector, scalars, options)
          : backend.scaleG2(points as G2Vector, scalars, options),
      release: () => {
        points.dispose();
        scalars.dispose();
      },
    };
  };
}

function fold(kind: 'g1' | 'g2'): Place {
  return async (backend, inputs, items) => {
    const points = probePoints(inputs, kind, 2 * items);
    const both = kind === 'g1' ? await backend.uploadG1(points) : await backend.uploadG2(points);
    const [left, right] = [both.slice(0, items), both.slice(items, 2 * items)];
    const x = inputs.curve.order / 3n;
    return {
      run: (options) =>
        kind === 'g1'
          ? backend.foldG1(left as G1Vector, right as G1Vector, x, options)
          : backend.foldG2(left as G2Vector, right as G2Vector, x, options),
      release: () => both.dispose(),
    };
  };
}

/** An operation on two vectors of scalars. */
function onScalars(
  run: (backend: Backend, left: FrVector, right: FrVector, options: OperationOptions) => Promise<FrVector>,
): Place {
  return async (backend, { fr, curve }, items) => {
    const both = await backend.uploadFr(fr.subarray(0, 2 * items * curve.frBytes));
    const [left, right] = [both.slice(0, items), both.slice(items, 2 * items)];
    return { run: (options) => run(backend, left, right, options), release: () => both.dispose() };
  };
}

/** A product with a matrix of two entries a row. */
const matrixProduct: Place = async (backend, { fr, curve }, entries) => {
  const rows = entries / 2;
  const indices = (of: (i: number) => number): Uint32Array =>
    Uint32Array.from({ length: entries }, (_, i) => of(i));
  const lists = {
    rows,
    columns: rows,
    rowIndices: indices((i) => i >> 1),
    // Columns out of order, as in circuits; few values, as there too.
    columnIndices: indices((i) => Math.imul(i, 0x9e3779b1) >>> (32 - Math.log2(rows))),
    valueIndices: indices((i) => i % MATRIX_VALUES),
  };
  const values = await backend.uploadFr(fr.subarray(0, MATRIX_VALUES * curve.frBytes));
  const vector = await backend.uploadFr(fr.subarray(0, rows * curve.frBytes));
  const matrix = await backend.uploadMatrix(lists, values);
  return {
    run: (options) => backend.mulMatrix(matrix, vector, options),
    release: () => {
      for (const held of [matrix, vector, values]) held.dispose();
    },
  };
};

const transform: Place = async (backend, { fr, curve }, size) => {
  const values = await backend.uploadFr(fr.subarray(0, size * curve.frBytes));
  return { run: (options) => backend.ntt(values, options), release: () => values.dispose() };
};

/** Miller loops; with lines of the G2 points that are made before. */
const pairsOn =
  (hasLines: boolean): Place =>
  async (backend, inputs, items) => {
    const g1 = await backend.uploadG1(probePoints(inputs, 'g1', items));
    const g2 = await backend.uploadG2(probePoints(inputs, 'g2', items));
    if (hasLines) await backend.lines?.prepare(g2);
    return {
      run: (options) => backend.millerProducts([[{ g1, g2 }]], options),
      canonical: (result) => backend.finalExponentiation(result),
      release: () => {
        g1.dispose();
        g2.dispose();
      },
    };
  };

/** Every operation's probe. */
export const PROBES: Readonly<Record<Operation, ProbeKind>> = {
  msmG1: { smallest: 2 ** 10, largest: 2 ** 16, place: sums('g1', false) },
  msmG2: { smallest: 2 ** 9, largest: 2 ** 15, place: sums('g2', false) },
  msmManyG1: { smallest: 2 ** 8, largest: 2 ** 14, place: sums('g1', true) },
  msmManyG2: { smallest: 2 ** 7, largest: 2 ** 13, place: sums('g2', true) },
  scaleG1: { smallest: 2 ** 7, largest: 2 ** 15, place: scale('g1') },
  scaleG2: { smallest: 2 ** 6, largest: 2 ** 14, place: scale('g2') },
  foldG1: { smallest: 2 ** 7, largest: 2 ** 15, place: fold('g1') },
  foldG2: { smallest: 2 ** 6, largest: 2 ** 14, place: fold('g2') },
  foldFr: {
    smallest: 2 ** 11,
    largest: 2 ** 15,
    place: onScalars((backend, left, right, options) =>
      backend.foldFr(left, right, backend.curve.order / 3n, options),
    ),
  },
  mulFr: {
    smallest: 2 ** 11,
    largest: 2 ** 15,
    place: onScalars((backend, left, right, options) => backend.mulFr(left, right, options)),
  },
  powersFr: {
    smallest: 2 ** 12,
    largest: 2 ** 16,
    place: async (backend, { curve }, count) => ({
      run: () => backend.powersFr(curve.order / 3n, count),
      release: () => {},
    }),
  },
  mulMatrix: { smallest: 2 ** 12, largest: 2 ** 16, place: matrixProduct },
  ntt: {
    smallest: 2 ** 12,
    largest: 2 ** 16,
    itemsOf: (size) => size * Math.log2(size),
    place: transform,
  },
  millerProducts: { smallest: 2 ** 5, largest: 2 ** 11, place: pairsOn(false) },
};

/** Miller loops of pairs whose lines a backend keeps. */
export const LINES_PROBE: ProbeKind = { smallest: 2 ** 5, largest: 2 ** 9, place: pairsOn(true) };
