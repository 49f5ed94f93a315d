/** The group law of y² = x³ + b straight from its definition, in affine coordinates: an oracle for every faster one. */

/** What chord and tangent need of a field. */
export interface PlainField<F> {
  readonly ZERO: F;
  eql(a: F, b: F): boolean;
  is0(a: F): boolean;
  add(a: F, b: F): F;
  sub(a: F, b: F): F;
  mul(a: F, b: F): F;
  sqr(a: F): F;
  neg(a: F): F;
  inv(a: F): F;
}

/** An affine point, or undefined for infinity. */
export type Affine<F> = { readonly x: F; readonly y: F } | undefined;

/** P + Q by chord or tangent. */
export function naiveAdd<F>(field: PlainField<F>, p: Affine<F>, q: Affine<F>): Affine<F> {
  if (!p) return q;
  if (!q) return p;
  if (field.eql(p.x, q.x) && field.is0(field.add(p.y, q.y))) return undefined;
  const xx = field.sqr(p.x);
  const slope = field.eql(p.x, q.x)
    ? field.mul(field.add(xx, field.add(xx, xx)), field.inv(field.add(p.y, p.y)))
    : field.mul(field.sub(q.y, p.y), field.inv(field.sub(q.x, p.x)));
  const x = field.sub(field.sub(field.sqr(slope), p.x), q.x);
  return { x, y: field.sub(field.mul(slope, field.sub(p.x, x)), p.y) };
}

/** k·P by double-and-add for any k ≥ 0, whatever the order of P. */
export function naiveMultiply<F>(field: PlainField<F>, p: Affine<F>, k: bigint): Affine<F> {
  let sum: Affine<F>;
  let power = p;
  for (let rest = k; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = naiveAdd(field, sum, power);
    power = naiveAdd(field, power, power);
  }
  return sum;
}

/** The affine form of a reference point. */
export function affineOf<F>(point: { is0(): boolean; toAffine(): { x: F; y: F } }): Affine<F> {
  return point.is0() ? undefined : point.toAffine();
}
