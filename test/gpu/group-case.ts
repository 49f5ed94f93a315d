/** A group of a curve with reference points, for tests that compare a device with it. */

import { normalizeZ } from '@noble/curves/abstract/curve.js';
import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { joinBytes } from '../../src/field/bytes.ts';
import type { GroupName } from '../../src/gpu/shader/point-programs.ts';

// biome-ignore lint/suspicious/noExplicitAny: points of G1 and G2 differ in their coordinates' type, which no test here looks at.
export type Point = WeierstrassPoint<any>;

export interface GroupCase {
  readonly curve: Curve;
  readonly group: GroupName;
  readonly title: string;
  readonly zero: Point;
  readonly base: Point;
  /** Points in memory form. */
  encode(points: readonly Point[]): Uint8Array;
  /** `count` points of a walk from start·base in steps of step·base: far cheaper than a product each. */
  walk(start: bigint, step: bigint, count: number): Point[];
}

function groupCase(curve: Curve, group: GroupName): GroupCase {
  const cons = (group === 'g1' ? curve.g1 : curve.g2) as unknown as WeierstrassPointCons<unknown>;
  const normalize = (points: readonly Point[]): Point[] => normalizeZ(cons, [...points]);
  return {
    curve,
    group,
    title: `${curve.name} ${group}`,
    zero: cons.ZERO,
    base: cons.BASE,
    encode: (points) =>
      joinBytes(normalize(points).map((p) => (group === 'g1' ? g1ToBytes(curve, p) : g2ToBytes(curve, p)))),
    walk: (start, step, count) => {
      const difference = cons.BASE.multiplyUnsafe(step);
      const points: Point[] = [cons.BASE.multiplyUnsafe(start)];
      while (points.length < count) points.push((points.at(-1) as Point).add(difference));
      return normalize(points.slice(0, count));
    },
  };
}

/** Both groups of both curves. */
export const GROUP_CASES: readonly GroupCase[] = CURVES.flatMap((curve) => [
  groupCase(curve, 'g1'),
  groupCase(curve, 'g2'),
]);
