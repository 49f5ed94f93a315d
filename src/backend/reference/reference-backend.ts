/** The reference backend: every operation in its plainest correct form on \@noble/curves. Slow, single-threaded, portable. */

import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import type { Curve, Fp12 } from '../../curve/curve.ts';
import { gtFromBytes, gtMultiExp, gtToBytes, writeGt } from '../../curve/gt.ts';
import { pointsFromMontgomery } from '../../curve/montgomery.ts';
import { g1ToBytes, g2ToBytes, writeG1, writeG2 } from '../../curve/points.ts';
import { compressGt, decompressGt } from '../../curve/torus.ts';
import { assertLength, LengthMismatchError, ScalarOutOfRangeError, throwIfAborted } from '../../errors.ts';
import { bigintFromBytesLE, joinBytes, writeBigintLE } from '../../field/bytes.ts';
import { mod, modInverse } from '../../field/modular.ts';
import { divideByLinear, expandBinaryProduct, powers } from '../../field/polynomial.ts';
import { msmG1Reference, msmG2Reference } from '../../msm/pippenger-reference.ts';
import { startNttReference } from '../../ntt/ntt-reference.ts';
import { nttLog2, nttShift } from '../../ntt/plan.ts';
import type { Backend, BackendVector, OperationOptions, UploadOptions } from '../backend.ts';
import { paced, pacedMap } from '../pace.ts';
import { sumsInTurn } from '../sums-in-turn.ts';
import { fold, type Group, g1Group, g2Group, scale } from './group.ts';
import { ReferenceMatrix, referenceMatrix } from './matrix.ts';
import { millerProducts } from './miller-products.ts';
import { basesOf, itemsOf, ReferenceBases, ReferenceVector } from './vector.ts';

/** Splits concatenated elements; throws LengthMismatchError when bytes are left over. */
function split(bytes: Uint8Array, size: number, what: string): Uint8Array[] {
  if (bytes.length % size !== 0)
    throw new LengthMismatchError(what, `a multiple of ${size} bytes`, bytes.length);
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function join<T>(
  curve: Curve,
  items: readonly T[],
  size: number,
  write: (curve: Curve, item: T, out: Uint8Array, offset: number) => void,
): Uint8Array {
  const out = new Uint8Array(items.length * size);
  for (const [i, item] of items.entries()) write(curve, item, out, i * size);
  return out;
}

/** Maps each element of `size` bytes to bytes. */
async function recode(
  bytes: Uint8Array,
  size: number,
  options: OperationOptions,
  each: (element: Uint8Array, index: number) => Uint8Array,
): Promise<Uint8Array> {
  return joinBytes(await pacedMap(split(bytes, size, 'Elements'), options, each));
}

function uploadPoints<F>(
  curve: Curve,
  group: Group<F>,
  bytes: Uint8Array,
  { encoding }: UploadOptions,
): Promise<WeierstrassPoint<F>[]> {
  const slots = split(bytes, group.bytes, 'Points');
  const canonical =
    encoding === 'montgomery'
      ? split(pointsFromMontgomery(curve, bytes, group.bytes), group.bytes, 'Points')
      : slots;
  return pacedMap(canonical, {}, (slot, index) => group.fromBytes(curve, slot, `Point ${index}`, { index }));
}

function compressPoints<F>(
  curve: Curve,
  group: Group<F>,
  points: Uint8Array,
  options: OperationOptions,
): Promise<Uint8Array> {
  return recode(points, group.bytes, options, (slot) => group.compress(curve, group.fromBytes(curve, slot)));
}

function decompressPoints<F>(
  curve: Curve,
  group: Group<F>,
  name: string,
  encoded: Uint8Array,
  options: OperationOptions,
): Promise<Uint8Array> {
  return recode(encoded, group.compressedBytes, options, (slot, index) =>
    join(
      curve,
      [group.decompress(curve, slot, `${name} point ${index}`, { index })],
      group.bytes,
      group.write,
    ),
  );
}

async function checkPoints<F>(
  curve: Curve,
  group: Group<F>,
  name: string,
  points: Uint8Array,
  options: OperationOptions,
): Promise<void> {
  await pacedMap(split(points, group.bytes, 'Points'), options, (slot, index) => {
    const what = `${name} point ${index}`;
    group.check(curve, group.fromBytes(curve, slot, what, { index }), what, { index });
  });
}

/** Creates the reference backend of a curve. */
export function createReferenceBackend(curve: Curve): Backend {
  const { order, frBytes, gtBytes, gtCompressedBytes } = curve;
  const { Fp12 } = curve.fields;
  const g1 = g1Group(curve);
  const g2 = g2Group(curve);

  const readScalars = (bytes: Uint8Array): bigint[] =>
    split(bytes, frBytes, 'Scalars').map((slot, index) => {
      const value = bigintFromBytesLE(slot);
      if (value >= order) throw new ScalarOutOfRangeError(`Scalar ${index}`, { index });
      return value;
    });
  const inverseRadix = modInverse(1n << BigInt(8 * frBytes), order);
  const fromMontgomery = (value: bigint): bigint => (value * inverseRadix) % order;
  const readGt = (bytes: Uint8Array): Fp12[] =>
    split(bytes, gtBytes, 'GT elements').map((slot, index) =>
      gtFromBytes(curve, slot, `GT element ${index}`, { index }),
    );
  const joinGt = (values: readonly Fp12[]): Uint8Array => join(curve, values, gtBytes, writeGt);

  const msmManyG1: Backend['msmManyG1'] = async (jobs, options = {}) =>
    joinBytes(
      await pacedMap(jobs, options, ({ bases, scalars }) =>
        g1ToBytes(curve, msmG1Reference(curve, basesOf(bases), itemsOf(scalars))),
      ),
    );
  const msmManyG2: Backend['msmManyG2'] = async (jobs, options = {}) =>
    joinBytes(
      await pacedMap(jobs, options, ({ bases, scalars }) =>
        g2ToBytes(curve, msmG2Reference(curve, basesOf(bases), itemsOf(scalars))),
      ),
    );

  return {
    name: 'reference',
    curve,
    threads: 1,

    uploadFr: async (bytes, { encoding } = {}) =>
      new ReferenceVector(
        'fr',
        encoding === 'montgomery' ? readScalars(bytes).map(fromMontgomery) : readScalars(bytes),
      ),
    uploadG1: async (bytes, options = {}) =>
      new ReferenceVector('g1', await uploadPoints(curve, g1, bytes, options)),
    uploadG2: async (bytes, options = {}) =>
      new ReferenceVector('g2', await uploadPoints(curve, g2, bytes, options)),
    read: async (vector: BackendVector): Promise<Uint8Array> => {
      if (vector.kind === 'g1') return join(curve, itemsOf(vector as BackendVector<'g1'>), g1.bytes, writeG1);
      if (vector.kind === 'g2') return join(curve, itemsOf(vector as BackendVector<'g2'>), g2.bytes, writeG2);
      return join(curve, itemsOf(vector as BackendVector<'fr'>), frBytes, (_, value, out, offset) =>
        writeBigintLE(value, out, offset, frBytes),
      );
    },

    prepareG1: async (points, options = {}) => {
      throwIfAborted(options.signal);
      return new ReferenceBases('g1', itemsOf(points));
    },
    prepareG2: async (points, options = {}) => {
      throwIfAborted(options.signal);
      return new ReferenceBases('g2', itemsOf(points));
    },
    msmG1: (bases, scalars, options = {}) => msmManyG1([{ bases, scalars }], options),
    msmG2: (bases, scalars, options = {}) => msmManyG2([{ bases, scalars }], options),
    msmManyG1,
    msmManyG2,
    msmSums: (jobs, options = {}) =>
      sumsInTurn(
        { g1: (job, run) => msmManyG1([job], run), g2: (job, run) => msmManyG2([job], run) },
        jobs,
        options,
      ),
    scaleG1: async (points, scalars, options = {}) =>
      new ReferenceVector('g1', await scale(g1, itemsOf(points), itemsOf(scalars), options)),
    scaleG2: async (points, scalars, options = {}) =>
      new ReferenceVector('g2', await scale(g2, itemsOf(points), itemsOf(scalars), options)),
    foldG1: async (left, right, x, options = {}) =>
      new ReferenceVector('g1', await fold(g1, itemsOf(left), itemsOf(right), x, options)),
    foldG2: async (left, right, x, options = {}) =>
      new ReferenceVector('g2', await fold(g2, itemsOf(left), itemsOf(right), x, options)),
    foldFr: async (left, right, x, options = {}) => {
      throwIfAborted(options.signal);
      const rightItems = itemsOf(right);
      assertLength('Fold, right half', left.length, right.length);
      return new ReferenceVector(
        'fr',
        itemsOf(left).map((value, i) => mod(value + x * (rightItems[i] as bigint), order)),
      );
    },
    mulFr: async (left, right, options = {}) => {
      const rightItems = itemsOf(right);
      assertLength('Product, right factors', left.length, right.length);
      const product = await pacedMap(
        itemsOf(left),
        options,
        (value, i) => (value * (rightItems[i] as bigint)) % order,
      );
      return new ReferenceVector('fr', product);
    },
    ntt: async (values, options = {}) => {
      nttLog2(values.length);
      const shift = nttShift(options.shift, order);
      const transform = startNttReference(itemsOf(values), order, { inverse: options.inverse, shift });
      await paced(transform.levels, options, transform.step);
      return new ReferenceVector('fr', transform.result());
    },
    uploadMatrix: async (matrix, values, options = {}) => {
      throwIfAborted(options.signal);
      return new ReferenceMatrix(matrix, itemsOf(values));
    },
    mulMatrix: async (matrix, vector, options = {}) =>
      new ReferenceVector('fr', await referenceMatrix(matrix).multiply(itemsOf(vector), order, options)),
    powersFr: async (base, count, first = 1n) => new ReferenceVector('fr', powers(base, count, order, first)),
    openingQuotient: async (factors, shift, point) => {
      const coefficients = [...new Array<bigint>(shift).fill(0n), ...expandBinaryProduct(factors, order)];
      return new ReferenceVector('fr', divideByLinear(coefficients, point, order));
    },

    millerProducts: async (products, options = {}) => joinGt(await millerProducts(curve, products, options)),
    finalExponentiation: async (values, options = {}) =>
      joinGt(await pacedMap(readGt(values), options, (value) => Fp12.finalExponentiate(value))),
    gtMultiExp: async (bases, scalars, options = {}) => {
      throwIfAborted(options.signal);
      return gtToBytes(curve, gtMultiExp(curve, readGt(bases), readScalars(scalars)));
    },
    gtMul: async (left, right) => {
      const rights = readGt(right);
      const lefts = readGt(left);
      assertLength('GT product, right factors', lefts.length, rights.length);
      return joinGt(lefts.map((value, i) => Fp12.mul(value, rights[i] as Fp12)));
    },

    compressG1: (points, options = {}) => compressPoints(curve, g1, points, options),
    compressG2: (points, options = {}) => compressPoints(curve, g2, points, options),
    compressGt: (values, options = {}) =>
      recode(values, gtBytes, options, (slot) => compressGt(curve, gtFromBytes(curve, slot))),
    decompressG1: (encoded, options = {}) => decompressPoints(curve, g1, 'G1', encoded, options),
    decompressG2: (encoded, options = {}) => decompressPoints(curve, g2, 'G2', encoded, options),
    decompressGt: (encoded, options = {}) =>
      recode(encoded, gtCompressedBytes, options, (slot, index) =>
        gtToBytes(curve, decompressGt(curve, slot, `GT element ${index}`, { index })),
      ),
    checkG1: (points, options = {}) => checkPoints(curve, g1, 'G1', points, options),
    checkG2: (points, options = {}) => checkPoints(curve, g2, 'G2', points, options),
    dispose: async () => {},
  };
}
