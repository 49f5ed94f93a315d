/** The reference MSM against sums of single products, and against cases whose result is known without one. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES, type Curve, type G1Point, type G2Point } from '../../src/curve/curve.ts';
import { LengthMismatchError } from '../../src/errors.ts';
import { mod } from '../../src/field/modular.ts';
import { msmG1Reference, msmG2Reference } from '../../src/msm/pippenger-reference.ts';
import { residue, slow } from '../curve/arbitraries.ts';
import { type Affine, affineOf, naiveAdd, naiveMultiply, type PlainField } from '../curve/naive-group.ts';

type Point<P> = {
  is0(): boolean;
  equals(other: P): boolean;
  add(other: P): P;
  negate(): P;
  multiplyUnsafe(scalar: bigint): P;
};

interface Case<P extends Point<P>> {
  readonly curve: Curve;
  readonly base: P;
  readonly zero: P;
  readonly runs: number;
  msm(points: readonly P[], scalars: readonly bigint[]): P;
}

function msmLaws<P extends Point<P>>({ curve, base, zero, runs, msm }: Case<P>): void {
  const { order } = curve;
  const scalar = residue(order);
  const skewed = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0n, 1n) },
    { weight: 1, arbitrary: scalar },
  );
  const term = fc.record({ log: residue(order), scalar });
  const same = (a: P, b: P): void => expect(a.equals(b)).toBe(true);
  const sumOf = (points: readonly P[], scalars: readonly bigint[]): P =>
    points.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(scalars[i] as bigint)), zero);

  it('is the sum of single products', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 9 }), (terms) => {
        const points = terms.map(({ log }) => base.multiplyUnsafe(log));
        const scalars = terms.map((each) => each.scalar);
        same(msm(points, scalars), sumOf(points, scalars));
      }),
      slow(runs),
    );
  });

  it('of points with known logarithms is one multiple of the generator', () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 100 }), scalar, (scalars, start) => {
        const points = [base.multiplyUnsafe(start)];
        for (const _ of scalars.slice(1)) points.push((points.at(-1) as P).add(base));
        const log = scalars.reduce((sum, s, i) => sum + s * (start + BigInt(i)), 0n);
        same(msm(points, scalars), base.multiplyUnsafe(mod(log, order)));
      }),
      slow(runs),
    );
  });

  it('of one point n times is the sum of the scalars', () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 60 }), scalar, (scalars, log) => {
        const point = base.multiplyUnsafe(log);
        const sum = mod(
          scalars.reduce((a, b) => a + b, 0n),
          order,
        );
        same(msm(new Array<P>(scalars.length).fill(point), scalars), point.multiplyUnsafe(sum));
      }),
      slow(runs),
    );
  });

  it('with one scalar n times is that multiple of the sum of the points', () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 8 }), scalar, (logs, s) => {
        const points = logs.map((log) => base.multiplyUnsafe(log));
        same(
          msm(points, new Array<bigint>(points.length).fill(s)),
          sumOf(
            points,
            points.map(() => 1n),
          ).multiplyUnsafe(s),
        );
      }),
      slow(runs),
    );
  });

  it('of a zero sum is infinity: s·P + s·(−P), and s·P + (order − s)·P', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ log: residue(order), scalar }), { minLength: 1, maxLength: 6 }),
        (terms) => {
          const points = terms.map(({ log }) => base.multiplyUnsafe(log));
          const scalars = terms.map((each) => each.scalar);
          const negated = points.map((point) => point.negate());
          expect(msm([...points, ...negated], [...scalars, ...scalars]).is0()).toBe(true);
          const opposite = scalars.map((s) => mod(-s, order));
          expect(msm([...points, ...points], [...scalars, ...opposite]).is0()).toBe(true);
        },
      ),
      slow(runs),
    );
  });

  it('copes with skewed scalars and with infinities among the points', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(skewed, fc.nat(4)), { maxLength: 40 }), (terms) => {
        const pool = [zero, base, base.negate(), base.add(base), base];
        const points = terms.map(([, which]) => pool[which] as P);
        const scalars = terms.map(([s]) => s);
        same(msm(points, scalars), sumOf(points, scalars));
      }),
      slow(runs),
    );
  });

  it('of nothing, of infinity, of zeros and of one term', () => {
    expect(msm([], []).is0()).toBe(true);
    expect(msm([zero, zero], [order - 1n, 1n]).is0()).toBe(true);
    expect(msm([base, base.negate()], [0n, 0n]).is0()).toBe(true);
    same(msm([base], [1n]), base);
    same(msm([base], [order - 1n]), base.negate());
  });

  it('refuses another number of scalars, and leaves its inputs as they were', () => {
    expect(() => msm([base], [])).toThrow(LengthMismatchError);
    expect(() => msm([], [1n])).toThrow(LengthMismatchError);
    expect(() => msm([base, base], [1n])).toThrow(LengthMismatchError);
    const points = Object.freeze([base, base.negate()]) as readonly P[];
    const scalars = Object.freeze([3n, 2n]) as readonly bigint[];
    same(msm(points, scalars), base);
  });
}

/** Σ s_i·P_i with nothing but chords and tangents. */
function naiveMsm<F>(
  field: PlainField<F>,
  points: readonly Affine<F>[],
  scalars: readonly bigint[],
): Affine<F> {
  return points.reduce<Affine<F>>(
    (sum, point, i) => naiveAdd(field, sum, naiveMultiply(field, point, scalars[i] as bigint)),
    undefined,
  );
}

describe.each(CURVES)('reference MSM on $name', (curve) => {
  describe('in G1', () => {
    msmLaws<G1Point>({
      curve,
      base: curve.g1.BASE,
      zero: curve.g1.ZERO,
      runs: 6,
      msm: (points, scalars) => msmG1Reference(curve, points, scalars),
    });
  });

  describe('in G2', () => {
    msmLaws<G2Point>({
      curve,
      base: curve.g2.BASE,
      zero: curve.g2.ZERO,
      runs: 2,
      msm: (points, scalars) => msmG2Reference(curve, points, scalars),
    });
  });

  it('agrees with chords and tangents', () => {
    fc.assert(
      fc.property(fc.tuple(residue(curve.order), residue(curve.order), residue(curve.order)), (scalars) => {
        const { g1, g2, fields } = curve;
        const p1 = [g1.BASE, g1.BASE.double(), g1.BASE.negate()];
        const p2 = [g2.BASE, g2.BASE.double(), g2.BASE.negate()];
        expect(affineOf(msmG1Reference(curve, p1, scalars))).toEqual(
          naiveMsm(fields.Fp, p1.map(affineOf<bigint>), scalars),
        );
        expect(affineOf(msmG2Reference(curve, p2, scalars))).toEqual(
          naiveMsm(
            fields.Fp2,
            p2.map((point) => affineOf(point)),
            scalars,
          ),
        );
      }),
      slow(2),
    );
  });
});
