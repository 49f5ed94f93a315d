import { InternalError } from '../../errors.ts';
import { mod, modInverse } from '../../field/modular.ts';
import type { Address, FunctionBuilder, I32 } from '../emit/index.ts';
import type { Element, Mask, SingleLayout } from './element.ts';
import type { FieldSpec } from './field-spec.ts';
import { type Range, sumRange, unionRange, within } from './range.ts';

/**
 * The three ways to multiply, fastest first: `fma` needs relaxed SIMD with a fused multiply-add, `simd` integer SIMD,
 * `scalar` no SIMD at all. {@link chooseForm} tells what runs here.
 */
export type FormName = 'fma' | 'simd' | 'scalar';

/**
 * One multiplier form of one field: how elements are laid out, and how code on them is emitted.
 *
 * Memory layouts (little-endian; addresses are multiples of 16 for pairs, of 8 for singles):
 * - a pair takes `pairBytes`: limb 0 of lane 0, limb 0 of lane 1, limb 1 of lane 0, …; lane 1 is `laneBytes` after lane 0;
 * - a single takes `singleBytes` = pairBytes / 2: the limbs of one element one after another.
 * Limbs are f64 for `fma` and i32 for `simd` and `scalar`, which share their layout. Elements are in Montgomery form with
 * radix R = {@link radix}, signed, anywhere in {@link stored}: memory images of equal elements differ, compare with
 * {@link FieldOps.equal}. All zero bytes are the element 0. Nothing here is constant-time: use it for public data, or
 * where timing is no concern.
 */
export interface FieldForm {
  readonly name: FormName;
  readonly field: FieldSpec;
  /** Number n of limbs. */
  readonly limbCount: number;
  /** Bits w of a limb. */
  readonly limbBits: number;
  /** The Montgomery radix R = 2^(n·w). */
  readonly radix: bigint;
  readonly pairBytes: number;
  readonly singleBytes: number;
  /** Distance in bytes from lane 0 to lane 1 of a pair. */
  readonly laneBytes: number;
  /** Bytes of a factor that {@link FieldOps.prepare} wrote. */
  readonly preparedBytes: number;
  /** The range of every element in memory: the contract between functions. `value` is 1. */
  readonly stored: Range;
  /** Whether operations on this range can be emitted at all. */
  canHold(range: Range): boolean;
  /**
   * The range of Σ aᵢ·bᵢ / R mod p as the multiplier returns it, or undefined if the operands are beyond it.
   * @param terms the ranges of (aᵢ, bᵢ).
   */
  productRange(terms: readonly (readonly [Range, Range])[]): Range | undefined;
  /** The range after {@link FieldOps.reduce}. */
  readonly reduced: Range;
  /** Starts emitting field code into `f`. One object per function. */
  ops(f: FunctionBuilder): FieldOps;
  /** Memory image of a pair of any two integers, taken mod p, in Montgomery form. */
  encodePair(lane0: bigint, lane1: bigint): Uint8Array;
  /** The canonical values of a pair's memory image. */
  decodePair(bytes: Uint8Array): [bigint, bigint];
  /** Memory image of one element. */
  encodeSingle(value: bigint): Uint8Array;
  /** The canonical value of a single's memory image. */
  decodeSingle(bytes: Uint8Array): bigint;
}

/** A product of two elements, as {@link FieldOps.sumOfProducts} takes it. */
export type Term = readonly [Element, Element];

/** A sum of products that the multiplier takes, and the range of its result. */
export interface FittedSum {
  readonly terms: readonly Term[];
  readonly range: Range;
}

/**
 * Emits field arithmetic inline into one function. Additions and negations are lazy; whatever an operation cannot take is
 * reduced first, automatically, so that upper layers just write formulas. Results are new elements in fresh locals: wrap
 * a formula in `f.scope` to give its temporaries back.
 *
 * Cost, in products: add, sub, neg, double about 0.03 each; reduce about 0.1; a sum of k products (k + 1)/2.
 */
export abstract class FieldOps {
  readonly form: FieldForm;
  readonly f: FunctionBuilder;

  constructor(form: FieldForm, f: FunctionBuilder) {
    this.form = form;
    this.f = f;
  }

  // ---- memory ----

  /** Loads a pair. `range` may be narrower than {@link FieldForm.stored} where the caller knows what is there. */
  abstract load(at: Address, range?: Range): Element;
  /** Stores a pair, reducing it into `range` (default {@link FieldForm.stored}) first if need be. */
  store(at: Address, element: Element, range: Range = this.form.stored): void {
    this.rawStore(at, this.fit(element, range));
  }
  /** Loads lane 0 from one address and lane 1 from another. */
  abstract loadSingles(at0: Address, at1: Address, layout?: SingleLayout, range?: Range): Element;
  /** Stores lane 0 at one address and lane 1 at another. */
  storeSingles(at0: Address, at1: Address, element: Element, layout: SingleLayout = 'single'): void {
    const fitted = this.fit(element, this.form.stored);
    this.rawStoreSingle(at0, fitted, 0, layout);
    this.rawStoreSingle(at1, fitted, 1, layout);
  }
  /** Stores one lane. */
  storeSingle(at: Address, element: Element, lane: 0 | 1, layout: SingleLayout = 'single'): void {
    this.rawStoreSingle(at, this.fit(element, this.form.stored), lane, layout);
  }
  /** Copies a pair in memory. */
  copy(to: Address, from: Address): void {
    this.f.scope(() => this.rawStore(to, this.load(from)));
  }

  // ---- constants and variables ----

  /** A constant in both lanes, or one per lane: any integers, taken mod p. */
  abstract constant(value: bigint, lane1?: bigint): Element;
  /** 0. */
  abstract zero(): Element;
  /** 1. */
  one(): Element {
    return this.constant(1n);
  }
  /**
   * A mutable element, for accumulators carried around a loop. Its range is fixed now (default: {@link FieldForm.stored}); its
   * content is unspecified until the first {@link assign}. Operations that have nothing to do, such as reducing what is
   * reduced, return the variable itself: its later assignments show through.
   */
  abstract variable(range?: Range): Element;
  /** Sets a variable, reducing `value` into its range first if need be. */
  assign(variable: Element, value: Element): void {
    const fitted = this.fit(value, variable.range);
    variable.locals.forEach((local, i) => {
      const source = fitted.locals[i];
      if (!source) throw new InternalError('An element has too few limbs.');
      if (source !== local) this.f.set(local, source);
    });
  }
  /** Lets an element survive the end of the `f.scope` it was made in. */
  keep(element: Element): Element {
    this.f.keep(...element.locals);
    return element;
  }

  // ---- lazy linear operations ----

  /** a + b. */
  add(a: Element, b: Element): Element {
    const [x, y] = this.#makeRoom(a, b);
    return this.rawAdd(x, y, sumRange(x.range, y.range));
  }
  /** a − b. */
  sub(a: Element, b: Element): Element {
    const [x, y] = this.#makeRoom(a, b);
    return this.rawSub(x, y, sumRange(x.range, y.range));
  }
  /** −a. */
  abstract neg(a: Element): Element;
  /** 2a. */
  double(a: Element): Element {
    return this.add(a, a);
  }
  /** 3a. */
  triple(a: Element): Element {
    return this.add(this.double(a), a);
  }

  // ---- products ----

  /** a·b (Montgomery: a·b/R). */
  mul(a: Element, b: Element): Element {
    return this.sumOfProducts([[a, b]]);
  }
  /** a², cheaper than a product. */
  sqr(a: Element): Element {
    return this.sumOfProducts([[a, a]]);
  }
  /** Products that do not depend on each other: see {@link sumsOfProducts}. */
  products(pairs: readonly Term[]): Element[] {
    return this.sumsOfProducts(pairs.map((pair) => [pair]));
  }
  /**
   * Σ aᵢ·bᵢ with one reduction for all terms: k terms cost about (k + 1)/2 products. For differences negate a factor.
   * A term whose factors are the same object is squared. The way to do tower arithmetic.
   */
  sumOfProducts(terms: readonly Term[]): Element {
    return this.sumsOfProducts([terms])[0] as Element;
  }
  /**
   * Several sums of products that do not depend on each other, for example the two coefficients of a product in Fp2. The fma
   * form interleaves their code, which hides the latency of a reduction: two at once are a sixth faster than one by one.
   */
  sumsOfProducts(sums: readonly (readonly Term[])[]): Element[] {
    return this.rawSums(sums.map((terms) => this.#fitTerms(terms)));
  }
  /**
   * Writes lane 0 of a factor, a multiple of 8 bytes aligned to 8, in the shape that {@link mulPrepared} multiplies by fastest. For
   * factors that many elements are multiplied by: preparing costs as much as some products.
   */
  prepare(at: Address, factor: Element): void {
    this.storeSingle(at, factor, 0);
  }
  /** A prepared factor as an element, the same in both lanes. */
  loadPrepared(at: Address): Element {
    return this.loadSingles(at, at);
  }
  /** Products that do not depend on each other with prepared factors, interleaved as in {@link sumsOfProducts}. */
  mulPrepared(products: readonly (readonly [Element, Address])[]): Element[] {
    return this.sumsOfProducts(products.map(([a, at]) => [[a, this.loadPrepared(at)]]));
  }
  /** The element with normal limbs and |x| ≤ about p/2: {@link FieldForm.reduced}. */
  reduce(a: Element): Element {
    if (within(a.range, this.form.reduced)) return a;
    if (!this.form.canHold(a.range)) {
      throw new InternalError(`An element of ${this.form.field.name} is beyond what can be reduced.`, {
        ...a.range,
      });
    }
    return this.rawReduce(a);
  }
  /** The element itself if it is within `range`, else reduced. */
  fit(a: Element, range: Range): Element {
    if (within(a.range, range)) return a;
    const reduced = this.reduce(a);
    if (!within(reduced.range, range)) {
      throw new InternalError(
        `No reduction brings an element of ${this.form.field.name} into a range this narrow.`,
        {
          range,
        },
      );
    }
    return reduced;
  }
  /** The one representation in [0, p) with limbs in [0, 2^w): equal elements get equal limbs. */
  abstract canonical(a: Element): Element;

  // ---- lanes ----

  /** Lane 1 in lane 0 and the reverse. */
  abstract swapLanes(a: Element): Element;
  /** One lane in both. */
  abstract splatLane(a: Element, lane: 0 | 1): Element;
  /** Lane 0 of `a` and lane 1 of `b`. */
  abstract blendLanes(a: Element, b: Element): Element;
  /** In each lane `whenTrue` or `whenFalse`. */
  select(mask: Mask, whenTrue: Element, whenFalse: Element): Element {
    return this.rawSelect(mask, whenTrue, whenFalse, unionRange(whenTrue.range, whenFalse.range));
  }

  // ---- tests ----

  /** Where a ≡ 0 mod p. */
  abstract isZero(a: Element): Mask;
  /** Where a ≡ b mod p. */
  equal(a: Element, b: Element): Mask {
    return this.isZero(this.sub(a, b));
  }
  /** A mask as a number: bit 0 for lane 0, bit 1 for lane 1. */
  abstract maskBits(mask: Mask): I32;
  /** The mask of bits 0 and 1 of `bits`. */
  abstract maskFromBits(bits: I32): Mask;
  abstract maskAnd(a: Mask, b: Mask): Mask;
  abstract maskOr(a: Mask, b: Mask): Mask;
  abstract maskNot(a: Mask): Mask;

  // ---- bytes ----

  /**
   * Loads little-endian integers of `field.byteLength` bytes, lane 0 from `at0` and lane 1 from `at1` (any alignment), into
   * Montgomery form. Any integer that fits the bytes is taken, mod p: reject what is not canonical before, where it matters.
   */
  loadBytes(at0: Address, at1: Address): Element {
    const { field, radix } = this.form;
    return this.#scale(this.rawLoadBytes(at0, at1), (radix * radix) % field.modulus);
  }
  /** Stores canonical little-endian integers. */
  storeBytes(at0: Address, at1: Address, element: Element): void {
    this.rawStoreBytes(at0, at1, this.canonical(this.#scale(element, 1n)));
  }
  /** Like {@link loadBytes}, for integers in Montgomery form with radix 2^(8·byteLength), as zkey and ptau files hold them. */
  loadMontgomeryBytes(at0: Address, at1: Address): Element {
    const { field, radix } = this.form;
    const fileRadix = 1n << BigInt(8 * field.byteLength);
    const factor = mod(radix * radix * modInverse(fileRadix, field.modulus), field.modulus);
    return this.#scale(this.rawLoadBytes(at0, at1), factor);
  }
  /** Like {@link storeBytes}, into Montgomery form with radix 2^(8·byteLength). */
  storeMontgomeryBytes(at0: Address, at1: Address, element: Element): void {
    const fileRadix = 1n << BigInt(8 * this.form.field.byteLength);
    this.rawStoreBytes(at0, at1, this.canonical(this.#scale(element, fileRadix % this.form.field.modulus)));
  }

  /**
   * Stores the canonical bytes of the Montgomery representation that this form computes in, for arithmetic elsewhere that knows the
   * radix.
   */
  storeRepresentation(at0: Address, at1: Address, element: Element): void {
    this.rawStoreBytes(at0, at1, this.canonical(element));
  }

  // ---- what each form supplies; no range logic below this line ----

  protected abstract rawStore(at: Address, element: Element): void;
  protected abstract rawStoreSingle(at: Address, element: Element, lane: 0 | 1, layout: SingleLayout): void;
  protected abstract rawAdd(a: Element, b: Element, range: Range): Element;
  protected abstract rawSub(a: Element, b: Element, range: Range): Element;
  protected abstract rawSums(sums: readonly FittedSum[]): Element[];
  protected abstract rawReduce(a: Element): Element;
  protected abstract rawSelect(mask: Mask, whenTrue: Element, whenFalse: Element, range: Range): Element;
  /** The constant whose limbs are those of `value` itself, not of its Montgomery form. */
  protected abstract rawConstant(value: bigint): Element;
  /** Loads plain integers, without Montgomery conversion. */
  protected abstract rawLoadBytes(at0: Address, at1: Address): Element;
  /** Stores the limbs of a canonical element as plain integers. */
  protected abstract rawStoreBytes(at0: Address, at1: Address, canonical: Element): void;

  /** a·factor/R for a plain integer factor. */
  #scale(a: Element, factor: bigint): Element {
    const { field, radix } = this.form;
    return factor === radix % field.modulus ? a : this.mul(a, this.rawConstant(factor));
  }

  /** Reduces the wider of two summands, then the other, until the form can hold their sum. */
  #makeRoom(a: Element, b: Element): [Element, Element] {
    let [x, y] = [a, b];
    while (!this.form.canHold(sumRange(x.range, y.range))) {
      const widest = wider(x, y);
      const reduced = this.reduce(widest);
      if (reduced === widest) throw new InternalError('Two reduced elements cannot be added.');
      [x, y] = [x === widest ? reduced : x, y === widest ? reduced : y];
    }
    return [x, y];
  }

  /** Reduces factors until the multiplier takes the sum. */
  #fitTerms(terms: readonly Term[]): FittedSum {
    for (let fitted = terms; ; fitted = this.#reduceWidest(fitted)) {
      const range = this.form.productRange(fitted.map(([a, b]) => [a.range, b.range]));
      if (range) return { terms: fitted, range };
    }
  }

  /** Reduces the factor that is furthest beyond its normal range, everywhere it occurs. */
  #reduceWidest(terms: readonly Term[]): readonly Term[] {
    const wide = terms.flat().filter((factor) => !within(factor.range, this.form.reduced));
    if (wide.length === 0) {
      throw new InternalError(`A sum of ${terms.length} products is too long for one reduction.`);
    }
    const widest = wide.reduce(wider);
    const reduced = this.reduce(widest);
    const swap = (e: Element): Element => (e === widest ? reduced : e);
    return terms.map(([a, b]) => [swap(a), swap(b)]);
  }
}

function wider(a: Element, b: Element): Element {
  return a.range.limb > b.range.limb || (a.range.limb === b.range.limb && a.range.value >= b.range.value)
    ? a
    : b;
}
