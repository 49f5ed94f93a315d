/** What every part of the backend contract works with: one curve, one backend, and elements with known logarithms. */

import { normalizeZ } from '@noble/curves/abstract/curve.js';
import fc from 'fast-check';
import { expect } from 'vitest';
import type {
  Backend,
  BackendVector,
  Bases,
  FrVector,
  MsmJob,
  OperationOptions,
  UploadOptions,
} from '../../../src/backend/backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import type { Curve } from '../../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../../src/curve/points.ts';
import { SheafError } from '../../../src/errors.ts';
import { bigintFromBytesLE, joinBytes } from '../../../src/field/bytes.ts';
import { mod } from '../../../src/field/modular.ts';
import { residue } from '../../curve/arbitraries.ts';

/** The backend under test; it exists once the suite's hooks have run. */
export interface Fixture {
  readonly curve: Curve;
  readonly backend: () => Backend;
}

/** Lengths around which kernels change shape: nothing, one, powers of two and their neighbours. */
export const SIZES: readonly number[] = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 33];

/** More elements than one workgroup, batch or lane of any likely kernel, and not a power of two. */
export const MANY = 65;

/** Concatenated elements, `size` bytes each, one by one. */
export function elementsOf(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Scalars from memory form. */
export function scalarsOf(bytes: Uint8Array): bigint[] {
  return elementsOf(bytes, 32).map(bigintFromBytesLE);
}

export function uploadScalars({ curve, backend }: Fixture, scalars: readonly bigint[]): Promise<FrVector> {
  return backend().uploadFr(packScalars(curve, scalars));
}

/** Exactly `length` scalars of a curve, edges among them. */
export function scalarList(curve: Curve, length: number): fc.Arbitrary<bigint[]> {
  return fc.array(residue(curve.order), { minLength: length, maxLength: length });
}

/** Scalars as wires of a circuit have them: mostly 0 and 1. */
export function skewedList(curve: Curve, length: number): fc.Arbitrary<bigint[]> {
  const skewed = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0n, 1n) },
    { weight: 1, arbitrary: fc.constantFrom(2n, curve.order - 1n) },
    { weight: 1, arbitrary: residue(curve.order) },
  );
  return fc.array(skewed, { minLength: length, maxLength: length });
}

/** Fails unless the operation rejects with a typed error of (one of) the codes, naming the element where one is given. */
export async function expectRefusal(
  operation: Promise<unknown>,
  codes: string | readonly string[],
  index?: number,
): Promise<void> {
  let caught: unknown;
  try {
    await operation;
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(SheafError);
  const { code, context } = caught as SheafError;
  expect(typeof codes === 'string' ? [codes] : codes).toContain(code);
  if (index !== undefined) expect(context.index).toBe(index);
}

/** Bytes of a result, whichever form it has. */
export async function bytesOf(
  backend: Backend,
  // biome-ignore lint/suspicious/noConfusingVoidType: checks resolve to nothing.
  result: Uint8Array | BackendVector | void,
): Promise<Uint8Array> {
  if (result === undefined) return new Uint8Array();
  return result instanceof Uint8Array ? result : backend.read(result);
}

/** One of the two groups with everything a backend does in it, so that one body of tests serves both. */
export interface GroupCase<K extends 'g1' | 'g2' = 'g1' | 'g2'> {
  readonly kind: K;
  /** Bytes of a point in memory form and compressed. */
  readonly bytes: number;
  readonly compressedBytes: number;
  /** log·generator for each log, in memory form. */
  points(logs: readonly bigint[]): Uint8Array;
  /** (start + i·step)·generator for 0 ≤ i < count: many points for one addition each. */
  progression(start: bigint, step: bigint, count: number): Uint8Array;
  upload(bytes: Uint8Array, options?: UploadOptions): Promise<BackendVector<K>>;
  prepare(points: BackendVector<K>, options?: OperationOptions): Promise<Bases<K>>;
  msm(bases: BackendVector<K> | Bases<K>, scalars: FrVector, options?: OperationOptions): Promise<Uint8Array>;
  msmMany(jobs: readonly MsmJob<K>[], options?: OperationOptions): Promise<Uint8Array>;
  scale(points: BackendVector<K>, scalars: FrVector, options?: OperationOptions): Promise<BackendVector<K>>;
  fold(
    left: BackendVector<K>,
    right: BackendVector<K>,
    x: bigint,
    options?: OperationOptions,
  ): Promise<BackendVector<K>>;
  compress(points: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  decompress(encoded: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  check(points: Uint8Array, options?: OperationOptions): Promise<void>;
}

interface Summable<P> {
  add(other: P): P;
  is0(): boolean;
  multiplyUnsafe(scalar: bigint): P;
}

function pointLists<P extends Summable<P>>(
  curve: Curve,
  base: P,
  normalize: (points: P[]) => P[],
  toBytes: (point: P) => Uint8Array,
): Pick<GroupCase, 'points' | 'progression'> {
  const multiple = (log: bigint): P => base.multiplyUnsafe(mod(log, curve.order));
  const join = (points: P[]): Uint8Array => joinBytes(normalize(points).map(toBytes));
  return {
    points: (logs) => join(logs.map(multiple)),
    progression: (start, step, count) => {
      const difference = multiple(step);
      const points: P[] = [];
      for (let i = 0; i < count; i++) points.push(points.at(-1)?.add(difference) ?? multiple(start));
      return join(points);
    },
  };
}

export function g1Case({ curve, backend }: Fixture): GroupCase<'g1'> {
  return {
    kind: 'g1',
    bytes: curve.g1Bytes,
    compressedBytes: curve.g1CompressedBytes,
    ...pointLists(
      curve,
      curve.g1.BASE,
      (points) => normalizeZ(curve.g1, points),
      (point) => g1ToBytes(curve, point),
    ),
    upload: (...given) => backend().uploadG1(...given),
    prepare: (...given) => backend().prepareG1(...given),
    msmMany: (...given) => backend().msmManyG1(...given),
    msm: (...given) => backend().msmG1(...given),
    scale: (...given) => backend().scaleG1(...given),
    fold: (...given) => backend().foldG1(...given),
    compress: (...given) => backend().compressG1(...given),
    decompress: (...given) => backend().decompressG1(...given),
    check: (...given) => backend().checkG1(...given),
  };
}

export function g2Case({ curve, backend }: Fixture): GroupCase<'g2'> {
  return {
    kind: 'g2',
    bytes: curve.g2Bytes,
    compressedBytes: curve.g2CompressedBytes,
    ...pointLists(
      curve,
      curve.g2.BASE,
      (points) => normalizeZ(curve.g2, points),
      (point) => g2ToBytes(curve, point),
    ),
    upload: (...given) => backend().uploadG2(...given),
    prepare: (...given) => backend().prepareG2(...given),
    msmMany: (...given) => backend().msmManyG2(...given),
    msm: (...given) => backend().msmG2(...given),
    scale: (...given) => backend().scaleG2(...given),
    fold: (...given) => backend().foldG2(...given),
    compress: (...given) => backend().compressG2(...given),
    decompress: (...given) => backend().decompressG2(...given),
    check: (...given) => backend().checkG2(...given),
  };
}
