/** Group laws of G1 and G2 on both curves, against chord and tangent; and the outsiders the other suites lean on. */

import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES, type Fp2 } from '../../src/curve/curve.ts';
import { isOnG1Curve, isOnG2Curve } from '../../src/curve/points.ts';
import { mod } from '../../src/field/modular.ts';
import { g1Point, g2Point, scalar, slow } from './arbitraries.ts';
import { affineOf, naiveAdd, naiveMultiply, type PlainField } from './naive-group.ts';
import { type Outsider, outsideG1, outsideG2 } from './outsiders.ts';

interface Group<F> {
  readonly points: WeierstrassPointCons<F>;
  readonly field: PlainField<F>;
  readonly order: bigint;
  readonly point: fc.Arbitrary<WeierstrassPoint<F>>;
  readonly scalar: fc.Arbitrary<bigint>;
}

function groupLaws<F>({ points, field, order, point, scalar }: Group<F>): void {
  const { BASE, ZERO } = points;
  const same = (a: WeierstrassPoint<F>, b: WeierstrassPoint<F>): void => {
    expect(affineOf(a)).toEqual(affineOf(b));
    expect(a.equals(b)).toBe(true);
  };

  it('addition is associative and commutative, with 0 and inverses', () => {
    fc.assert(
      fc.property(point, point, point, (a, b, c) => {
        same(a.add(b).add(c), a.add(b.add(c)));
        same(a.add(b), b.add(a));
        same(a.add(ZERO), a);
        same(ZERO.add(a), a);
        expect(a.add(a.negate()).is0()).toBe(true);
        same(a.subtract(b), a.add(b.negate()));
      }),
      slow(10),
    );
  });

  it('is chord and tangent, P = Q and P = −Q included', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        const expected = naiveAdd(field, affineOf(a), affineOf(b));
        expect(affineOf(a.add(b))).toEqual(expected);
        expect(affineOf(a.add(a))).toEqual(naiveAdd(field, affineOf(a), affineOf(a)));
        expect(affineOf(a.double())).toEqual(naiveAdd(field, affineOf(a), affineOf(a)));
        expect(affineOf(a.add(a.negate()))).toBeUndefined();
      }),
      slow(10),
    );
  });

  it('does not care how a point is represented projectively', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        const blown = a.add(b).subtract(b);
        same(blown, a);
        same(blown.add(a), a.double());
        expect(blown.add(a.negate()).is0()).toBe(true);
      }),
      slow(10),
    );
  });

  it('multiples are repeated addition', () => {
    fc.assert(
      fc.property(point, scalar, (a, k) => {
        expect(affineOf(a.multiplyUnsafe(k))).toEqual(naiveMultiply(field, affineOf(a), k));
      }),
      slow(4),
    );
  });

  it('multiples are linear in point and scalar', () => {
    fc.assert(
      fc.property(point, point, scalar, scalar, (a, b, m, n) => {
        same(a.multiplyUnsafe(mod(m + n, order)), a.multiplyUnsafe(m).add(a.multiplyUnsafe(n)));
        same(a.add(b).multiplyUnsafe(m), a.multiplyUnsafe(m).add(b.multiplyUnsafe(m)));
        same(a.multiplyUnsafe(m).multiplyUnsafe(n), a.multiplyUnsafe(mod(m * n, order)));
      }),
      slow(4),
    );
  });

  it('order·P = 0, (order − 1)·P = −P, 0·P = 0, 1·P = P', () => {
    fc.assert(
      fc.property(point, (a) => {
        expect(naiveMultiply(field, affineOf(a), order)).toBeUndefined();
        same(a.multiplyUnsafe(order - 1n), a.negate());
        expect(a.multiplyUnsafe(0n).is0()).toBe(true);
        same(a.multiplyUnsafe(1n), a);
        expect(a.isTorsionFree()).toBe(true);
      }),
      slow(3),
    );
  });

  it('infinity is its own double, negative and multiple', () => {
    expect(ZERO.double().is0()).toBe(true);
    expect(ZERO.negate().is0()).toBe(true);
    expect(ZERO.add(ZERO).is0()).toBe(true);
    expect(ZERO.multiplyUnsafe(order - 1n).is0()).toBe(true);
    same(BASE.add(ZERO), BASE);
  });
}

function outsiderLaws<F>(
  field: PlainField<F>,
  order: bigint,
  found: readonly Outsider<WeierstrassPoint<F>>[],
  isOnCurve: (x: F, y: F) => boolean,
): void {
  it.each(found)('$what is on the curve and outside the subgroup', ({ point, smallOrder }) => {
    const { x, y } = point.toAffine();
    expect(isOnCurve(x, y)).toBe(true);
    expect(naiveMultiply(field, { x, y }, order)).toBeDefined();
    expect(point.isTorsionFree()).toBe(false);
    if (smallOrder !== undefined) expect(naiveMultiply(field, { x, y }, smallOrder)).toBeUndefined();
  });
}

describe.each(CURVES)('groups of $name', (curve) => {
  const { order, fields } = curve;
  const scalars = scalar(curve);
  describe('G1', () => {
    groupLaws<bigint>({ points: curve.g1, field: fields.Fp, order, point: g1Point(curve), scalar: scalars });
    outsiderLaws<bigint>(fields.Fp, order, outsideG1(curve), (x, y) => isOnG1Curve(curve, x, y));
  });
  describe('G2', () => {
    groupLaws<Fp2>({ points: curve.g2, field: fields.Fp2, order, point: g2Point(curve), scalar: scalars });
    outsiderLaws<Fp2>(fields.Fp2, order, outsideG2(curve), (x, y) => isOnG2Curve(curve, x, y));
  });

  it('has outsiders exactly where there is a cofactor', () => {
    expect(outsideG1(curve).length > 0).toBe(!curve.g1IsWholeCurve);
    expect(outsideG2(curve).length).toBeGreaterThan(2);
  });
});
