/**
 * What the generator knows about an element while it emits code. An element x is a vector of n signed limbs in radix 2^w,
 * x = Σ limb_i·2^(w·i), and stands for x mod p. Sums and differences are taken limb by limb, without carries and without
 * reduction, so both the value and the limbs outgrow their normal range; a Range bounds them at generation time, and a
 * multiplier refuses what it cannot take. Bounds are doubles rounded up ({@link roundUp}), so they stay true bounds.
 */
export interface Range {
  /** |x| ≤ value · p. */
  readonly value: number;
  /** |limb_i| ≤ limb · 2^(w−1) for every limb but the top one, whose bound follows from both fields. */
  readonly limb: number;
}

/** Slightly above `bound`: by far more than the rounding errors of the few operations that made it. */
export function roundUp(bound: number): number {
  return bound * (1 + 2 ** -44);
}

/** The range of a ± b. */
export function sumRange(a: Range, b: Range): Range {
  return { value: roundUp(a.value + b.value), limb: a.limb + b.limb };
}

/** Whether every element of range `inner` is in range `outer`. */
export function within(inner: Range, outer: Range): boolean {
  return inner.value <= outer.value && inner.limb <= outer.limb;
}

/** The smallest range that holds both, for the result of a select. */
export function unionRange(a: Range, b: Range): Range {
  return { value: Math.max(a.value, b.value), limb: Math.max(a.limb, b.limb) };
}
