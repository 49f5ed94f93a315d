import type { Address, FunctionBuilder } from '../emit/index.ts';
import { toPtr } from '../emit/index.ts';
import type { Element, FieldForm, Mask, SingleLayout } from '../field/field-form.ts';
import type { FieldOps, Term } from '../field/field-ops.ts';

/** An element c0 + c1·u of Fp2 = Fp[u]/(u² + 1), per lane. In memory: c0, then c1. */
export interface Element2 {
  readonly c0: Element;
  readonly c1: Element;
}

/** A product of two elements of Fp2, as {@link Fp2Ops.sumOfProducts} takes it. */
export type Term2 = readonly [Element2, Element2];

/**
 * Emits Fp2 arithmetic inline, in the manner of {@link FieldOps} and with the same names, so that curve formulas are written
 * once for G1 and G2. A product is two sums of two products with one reduction each: as cheap as Karatsuba's three, and with
 * narrower ranges.
 */
export class Fp2Ops {
  /** The base field. */
  readonly fp: FieldOps;
  readonly f: FunctionBuilder;
  readonly form: FieldForm;
  readonly pairBytes: number;
  readonly singleBytes: number;

  constructor(fp: FieldOps) {
    this.fp = fp;
    this.f = fp.f;
    this.form = fp.form;
    this.pairBytes = 2 * fp.form.pairBytes;
    this.singleBytes = 2 * fp.form.singleBytes;
  }

  #second(at: Address, bytes: number): Address {
    return toPtr(at).plus(bytes);
  }

  load(at: Address): Element2 {
    return { c0: this.fp.load(at), c1: this.fp.load(this.#second(at, this.form.pairBytes)) };
  }

  store(at: Address, a: Element2): void {
    this.fp.store(at, a.c0);
    this.fp.store(this.#second(at, this.form.pairBytes), a.c1);
  }

  /** Bytes from a coefficient to the next at an address of one lane: singles are packed, lanes of pairs are not. */
  #stride(layout: SingleLayout): number {
    return layout === 'single' ? this.form.singleBytes : this.form.pairBytes;
  }

  /** Loads lane 0 from one address and lane 1 from another. */
  loadSingles(at0: Address, at1: Address, layout: SingleLayout = 'single'): Element2 {
    const stride = this.#stride(layout);
    return {
      c0: this.fp.loadSingles(at0, at1, layout),
      c1: this.fp.loadSingles(this.#second(at0, stride), this.#second(at1, stride), layout),
    };
  }

  /** Stores lane 0 at one address and lane 1 at another. */
  storeSingles(at0: Address, at1: Address, a: Element2, layout: SingleLayout = 'single'): void {
    const stride = this.#stride(layout);
    this.fp.storeSingles(at0, at1, a.c0, layout);
    this.fp.storeSingles(this.#second(at0, stride), this.#second(at1, stride), a.c1, layout);
  }

  /** Stores one lane. */
  storeSingle(at: Address, a: Element2, lane: 0 | 1, layout: SingleLayout = 'single'): void {
    this.fp.storeSingle(at, a.c0, lane, layout);
    this.fp.storeSingle(this.#second(at, this.#stride(layout)), a.c1, lane, layout);
  }

  copy(to: Address, from: Address): void {
    this.fp.copy(to, from);
    this.fp.copy(this.#second(to, this.form.pairBytes), this.#second(from, this.form.pairBytes));
  }

  /** Loads canonical little-endian c0 ‖ c1, lane 0 from `at0` and lane 1 from `at1`. */
  loadBytes(at0: Address, at1: Address): Element2 {
    const n = this.form.field.byteLength;
    return {
      c0: this.fp.loadBytes(at0, at1),
      c1: this.fp.loadBytes(this.#second(at0, n), this.#second(at1, n)),
    };
  }

  /** Stores canonical little-endian c0 ‖ c1. */
  storeBytes(at0: Address, at1: Address, a: Element2): void {
    const n = this.form.field.byteLength;
    this.fp.storeBytes(at0, at1, a.c0);
    this.fp.storeBytes(this.#second(at0, n), this.#second(at1, n), a.c1);
  }

  /** A constant in both lanes. */
  constant(c0: bigint, c1: bigint): Element2 {
    return { c0: this.fp.constant(c0), c1: this.fp.constant(c1) };
  }

  zero(): Element2 {
    return { c0: this.fp.zero(), c1: this.fp.zero() };
  }

  one(): Element2 {
    return { c0: this.fp.one(), c1: this.fp.zero() };
  }

  /** A mutable element; see {@link FieldOps.variable}. */
  variable(): Element2 {
    return { c0: this.fp.variable(), c1: this.fp.variable() };
  }

  assign(variable: Element2, value: Element2): void {
    this.fp.assign(variable.c0, value.c0);
    this.fp.assign(variable.c1, value.c1);
  }

  keep(a: Element2): Element2 {
    this.fp.keep(a.c0);
    this.fp.keep(a.c1);
    return a;
  }

  add(a: Element2, b: Element2): Element2 {
    return { c0: this.fp.add(a.c0, b.c0), c1: this.fp.add(a.c1, b.c1) };
  }

  sub(a: Element2, b: Element2): Element2 {
    return { c0: this.fp.sub(a.c0, b.c0), c1: this.fp.sub(a.c1, b.c1) };
  }

  neg(a: Element2): Element2 {
    return { c0: this.fp.neg(a.c0), c1: this.fp.neg(a.c1) };
  }

  double(a: Element2): Element2 {
    return this.add(a, a);
  }

  triple(a: Element2): Element2 {
    return this.add(this.double(a), a);
  }

  conjugate(a: Element2): Element2 {
    return { c0: a.c0, c1: this.fp.neg(a.c1) };
  }

  mul(a: Element2, b: Element2): Element2 {
    return this.sumOfProducts([[a, b]]);
  }

  /** (c0 + c1)(c0 − c1) and 2·c0·c1: two products. */
  sqr(a: Element2): Element2 {
    const [c0, c1] = this.fp.products([
      [this.fp.add(a.c0, a.c1), this.fp.sub(a.c0, a.c1)],
      [this.fp.double(a.c0), a.c1],
    ]) as [Element, Element];
    return { c0, c1 };
  }

  /** Products that do not depend on each other. */
  products(pairs: readonly Term2[]): Element2[] {
    return pairs.map(([a, b]) => (a === b ? this.sqr(a) : this.mul(a, b)));
  }

  /** Σ aᵢ·bᵢ with one reduction per coefficient. */
  sumOfProducts(terms: readonly Term2[]): Element2 {
    const { real, imaginary } = this.splitTerms(terms);
    const [c0, c1] = this.fp.sumsOfProducts([real, imaginary]) as [Element, Element];
    return { c0, c1 };
  }

  /** Σ aᵢ·bᵢ as the terms of its two coefficients, for sums that have other terms as well. */
  splitTerms(terms: readonly Term2[]): { real: Term[]; imaginary: Term[] } {
    const real: Term[] = [];
    const imaginary: Term[] = [];
    for (const [a, b] of terms) {
      real.push([a.c0, b.c0], [this.fp.neg(a.c1), b.c1]);
      imaginary.push([a.c0, b.c1], [a.c1, b.c0]);
    }
    return { real, imaginary };
  }

  /** a·s for s in Fp. */
  mulByFp(a: Element2, s: Element): Element2 {
    return { c0: this.fp.mul(a.c0, s), c1: this.fp.mul(a.c1, s) };
  }

  /** a·(k + u) for a small k: additions only. With k = 9 on BN254 and 1 on BLS12-381 this is the sextic non-residue ξ. */
  mulBySmallPlusU(a: Element2, k: number): Element2 {
    const times = (x: Element): Element => {
      let result: Element | undefined;
      let power = x;
      for (let rest = k; rest > 0; rest >>= 1) {
        if (rest & 1) result = result ? this.fp.add(result, power) : power;
        if (rest > 1) power = this.fp.double(power);
      }
      return result ?? this.fp.zero();
    };
    return { c0: this.fp.sub(times(a.c0), a.c1), c1: this.fp.add(times(a.c1), a.c0) };
  }

  reduce(a: Element2): Element2 {
    return { c0: this.fp.reduce(a.c0), c1: this.fp.reduce(a.c1) };
  }

  canonical(a: Element2): Element2 {
    return { c0: this.fp.canonical(a.c0), c1: this.fp.canonical(a.c1) };
  }

  swapLanes(a: Element2): Element2 {
    return { c0: this.fp.swapLanes(a.c0), c1: this.fp.swapLanes(a.c1) };
  }

  splatLane(a: Element2, lane: 0 | 1): Element2 {
    return { c0: this.fp.splatLane(a.c0, lane), c1: this.fp.splatLane(a.c1, lane) };
  }

  blendLanes(a: Element2, b: Element2): Element2 {
    return { c0: this.fp.blendLanes(a.c0, b.c0), c1: this.fp.blendLanes(a.c1, b.c1) };
  }

  select(mask: Mask, whenTrue: Element2, whenFalse: Element2): Element2 {
    return {
      c0: this.fp.select(mask, whenTrue.c0, whenFalse.c0),
      c1: this.fp.select(mask, whenTrue.c1, whenFalse.c1),
    };
  }

  isZero(a: Element2): Mask {
    return this.fp.maskAnd(this.fp.isZero(a.c0), this.fp.isZero(a.c1));
  }

  equal(a: Element2, b: Element2): Mask {
    return this.isZero(this.sub(a, b));
  }
}
