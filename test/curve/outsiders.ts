/** Elements that pass for members and are not: off the curve, on it outside the subgroup, or in Fp12 outside GT. */

import { packG1, packG2 } from '../../src/curve/affine.ts';
import type { Curve, Fp2, Fp12, G1Point, G2Point } from '../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { gtGenerator } from './arbitraries.ts';
import { type Affine, affineOf, naiveAdd, naiveMultiply, type PlainField } from './naive-group.ts';

/** A point on the curve and outside the subgroup. */
export interface Outsider<P> {
  readonly what: string;
  readonly point: P;
  /** Its order, where that is a small prime. */
  readonly smallOrder?: bigint;
}

/** Small prime factors of the cofactors; a check by random combinations alone misses points of such orders. */
const SMALL_ORDERS: Readonly<Record<Curve['name'], { g1: readonly bigint[]; g2: readonly bigint[] }>> = {
  bn254: { g1: [], g2: [10_069n] },
  'bls12-381': { g1: [3n, 11n], g2: [13n, 23n] },
};

function firstPoints<F>(
  field: PlainField<F> & { sqrt(a: F): F },
  b: F,
  xs: Iterable<F>,
  accept: (point: Affine<F>) => boolean,
): Affine<F> {
  for (const x of xs) {
    let point: Affine<F>;
    try {
      point = { x, y: field.sqrt(field.add(field.mul(field.sqr(x), x), b)) };
    } catch {
      continue;
    }
    if (accept(point)) return point;
  }
  throw new Error('no such point');
}

function* counting<F>(toField: (n: bigint) => F): Generator<F> {
  for (let n = 1n; n < 1000n; n++) yield toField(n);
}

function findOutsiders<F>(
  curve: Curve,
  field: PlainField<F> & { sqrt(a: F): F },
  b: F,
  cofactor: bigint,
  toField: (n: bigint) => F,
  generator: Affine<F>,
  smallOrders: readonly bigint[],
): { what: string; point: Affine<F>; smallOrder?: bigint }[] {
  if (cofactor === 1n) return [];
  const outside = (p: Affine<F>): boolean => naiveMultiply(field, p, curve.order) !== undefined;
  const whole = firstPoints(field, b, counting(toField), outside);
  const found: { what: string; point: Affine<F>; smallOrder?: bigint }[] = [
    { what: 'a point of the whole curve', point: whole },
  ];
  for (const prime of smallOrders) {
    let rest = cofactor * curve.order;
    while (rest % prime === 0n) rest /= prime;
    const lift = (p: Affine<F>): Affine<F> => naiveMultiply(field, p, rest);
    let point = lift(firstPoints(field, b, counting(toField), (p) => lift(p) !== undefined));
    // The prime may divide the cofactor more than once: go down to a point of the prime itself as order.
    for (let next = naiveMultiply(field, point, prime); next; next = naiveMultiply(field, point, prime))
      point = next;
    found.push({ what: `a point of order ${prime}`, point, smallOrder: prime });
    found.push({
      what: `the generator plus a point of order ${prime}`,
      point: naiveAdd(field, generator, point),
    });
  }
  return found;
}

const cache = new Map<Curve, { g1: Outsider<G1Point>[]; g2: Outsider<G2Point>[] }>();

function outsiders(curve: Curve): { g1: Outsider<G1Point>[]; g2: Outsider<G2Point>[] } {
  const known = cache.get(curve);
  if (known) return known;
  const { Fp, Fp2 } = curve.fields;
  const small = SMALL_ORDERS[curve.name];
  const c1 = curve.g1.CURVE();
  const c2 = curve.g2.CURVE();
  const g1 = findOutsiders<bigint>(curve, Fp, c1.b, c1.h ?? 1n, (n) => n, affineOf(curve.g1.BASE), small.g1);
  const g2 = findOutsiders<Fp2>(
    curve,
    Fp2,
    c2.b,
    c2.h ?? 1n,
    (n): Fp2 => ({ c0: n, c1: 1n }),
    affineOf(curve.g2.BASE),
    small.g2,
  );
  const made = {
    g1: g1.map(({ point, ...rest }) => ({ ...rest, point: curve.g1.fromAffine(point ?? { x: 0n, y: 0n }) })),
    g2: g2.map(({ point, ...rest }) => ({
      ...rest,
      point: curve.g2.fromAffine(point ?? { x: Fp2.ZERO, y: Fp2.ZERO }),
    })),
  };
  cache.set(curve, made);
  return made;
}

/** Points of G1's curve outside G1; none on BN254, where the curve is the group. */
export function outsideG1(curve: Curve): readonly Outsider<G1Point>[] {
  return outsiders(curve).g1;
}

/** Points of the twist outside G2. */
export function outsideG2(curve: Curve): readonly Outsider<G2Point>[] {
  return outsiders(curve).g2;
}

/** Memory form of pairs of canonical coordinates that are on no curve: of G1's or G2's size. */
export function offCurveG1(curve: Curve): Uint8Array[] {
  const { x, y } = curve.g1.BASE.toAffine();
  return [packG1(curve, x, y + 1n), packG1(curve, x + 1n, y), packG1(curve, 0n, 1n), packG1(curve, 1n, 0n)];
}

export function offCurveG2(curve: Curve): Uint8Array[] {
  const { x, y } = curve.g2.BASE.toAffine();
  const { Fp2 } = curve.fields;
  const one = { c0: 1n, c1: 0n };
  return [
    packG2(curve, x, Fp2.add(y, one)),
    packG2(curve, Fp2.add(x, one), y),
    packG2(curve, { c0: x.c1, c1: x.c0 }, { c0: y.c1, c1: y.c0 }),
    packG2(curve, Fp2.ZERO, one),
    packG2(curve, one, Fp2.ZERO),
  ];
}

/** Everything a subgroup check must refuse, in memory form, with the code of the error. */
export function badPoints(
  curve: Curve,
  group: 'g1' | 'g2',
): { what: string; bytes: Uint8Array; code: string }[] {
  const offCurve = group === 'g1' ? offCurveG1(curve) : offCurveG2(curve);
  const outside =
    group === 'g1'
      ? outsideG1(curve).map(({ what, point }) => ({ what, bytes: g1ToBytes(curve, point) }))
      : outsideG2(curve).map(({ what, point }) => ({ what, bytes: g2ToBytes(curve, point) }));
  return [
    ...offCurve.map((bytes, i) => ({ what: `off the curve (${i})`, bytes, code: 'POINT_NOT_ON_CURVE' })),
    ...outside.map((each) => ({ ...each, code: 'POINT_NOT_IN_SUBGROUP' })),
  ];
}

/** x^((p⁶ − 1)(p² + 1)): in the cyclotomic subgroup, and of order r only with negligible probability. */
export function cyclotomic(curve: Curve, value: Fp12): Fp12 {
  const { Fp12 } = curve.fields;
  const unitary = Fp12.div(Fp12.conjugate(value), value);
  return Fp12.mul(Fp12.frobeniusMap(unitary, 2), unitary);
}

/** Elements of Fp12 outside GT, from the crudest to the one only the order check sees. */
export function outsideGt(curve: Curve): { what: string; value: Fp12 }[] {
  const { Fp6, Fp12 } = curve.fields;
  const generator = gtGenerator(curve);
  const w: Fp12 = { c0: Fp6.ZERO, c1: Fp6.ONE };
  const generic = Fp12.add(generator, w);
  const inCyclotomic = cyclotomic(curve, generic);
  return [
    { what: '0', value: Fp12.ZERO },
    { what: '−1', value: Fp12.neg(Fp12.ONE) },
    { what: 'w', value: w },
    { what: 'an element of Fp', value: Fp12.mul(Fp12.ONE, 5n) },
    { what: 'a member times −1', value: Fp12.neg(generator) },
    { what: 'a member times an element of Fp', value: Fp12.mul(generator, 5n) },
    { what: 'an element of norm 1', value: Fp12.div(Fp12.conjugate(generic), generic) },
    { what: 'an element of the cyclotomic subgroup', value: inCyclotomic },
    { what: 'a member times one of those', value: Fp12.mul(generator, inCyclotomic) },
  ];
}
