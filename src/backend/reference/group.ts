/** G1 and G2 of the reference backend under one shape of code. */

import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../curve/compressed.ts';
import type { Curve, Fp2 } from '../../curve/curve.ts';
import { checkG1, checkG2, g1FromBytes, g2FromBytes, writeG1, writeG2 } from '../../curve/points.ts';
import { assertLength, type ErrorContext } from '../../errors.ts';
import type { OperationOptions } from '../backend.ts';
import { pacedMap } from '../pace.ts';

/** One of the two groups: sizes, codecs and checks. F is the coordinate field's element type. */
export interface Group<F> {
  readonly point: WeierstrassPointCons<F>;
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly write: (curve: Curve, point: WeierstrassPoint<F>, out: Uint8Array, offset: number) => void;
  readonly fromBytes: (
    curve: Curve,
    bytes: Uint8Array,
    what?: string,
    context?: ErrorContext,
  ) => WeierstrassPoint<F>;
  readonly check: (curve: Curve, point: WeierstrassPoint<F>, what?: string, context?: ErrorContext) => void;
  readonly compress: (curve: Curve, point: WeierstrassPoint<F>) => Uint8Array;
  readonly decompress: (
    curve: Curve,
    bytes: Uint8Array,
    what?: string,
    context?: ErrorContext,
  ) => WeierstrassPoint<F>;
}

export function g1Group(curve: Curve): Group<bigint> {
  return {
    point: curve.g1,
    bytes: curve.g1Bytes,
    compressedBytes: curve.g1CompressedBytes,
    write: writeG1,
    fromBytes: g1FromBytes,
    check: checkG1,
    compress: compressG1,
    decompress: decompressG1,
  };
}

export function g2Group(curve: Curve): Group<Fp2> {
  return {
    point: curve.g2,
    bytes: curve.g2Bytes,
    compressedBytes: curve.g2CompressedBytes,
    write: writeG2,
    fromBytes: g2FromBytes,
    check: checkG2,
    compress: compressG2,
    decompress: decompressG2,
  };
}

/** Back to Z = 1, so that later loops and encodings need no inversion of their own. */
function normalized<F>(group: Group<F>, point: WeierstrassPoint<F>): WeierstrassPoint<F> {
  return point.is0() ? group.point.ZERO : group.point.fromAffine(point.toAffine());
}

/** scalars_i·points_i. */
export function scale<F>(
  group: Group<F>,
  points: readonly WeierstrassPoint<F>[],
  scalars: readonly bigint[],
  options: OperationOptions,
): Promise<WeierstrassPoint<F>[]> {
  assertLength('Scaling, scalars', points.length, scalars.length);
  return pacedMap(points, options, (point, i) =>
    normalized(group, point.multiplyUnsafe(scalars[i] as bigint)),
  );
}

/** left_i + x·right_i. */
export function fold<F>(
  group: Group<F>,
  left: readonly WeierstrassPoint<F>[],
  right: readonly WeierstrassPoint<F>[],
  x: bigint,
  options: OperationOptions,
): Promise<WeierstrassPoint<F>[]> {
  assertLength('Fold, right half', left.length, right.length);
  return pacedMap(left, options, (point, i) =>
    normalized(group, point.add((right[i] as WeierstrassPoint<F>).multiplyUnsafe(x))),
  );
}
