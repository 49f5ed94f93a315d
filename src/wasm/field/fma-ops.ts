import {
  type Address,
  doubleBits,
  type FunctionBuilder,
  type FunctionRef,
  f64x2,
  type I32,
  i64,
  i64x2,
  type Local,
  lanesToBytes,
  load,
  loadLane,
  type Ptr,
  store,
  storeLane,
  toPtr,
  type V128,
  v128,
} from '../emit/index.ts';
import type { Element, Mask, SingleLayout } from './element.ts';
import { type FieldForm, functionName } from './field-form.ts';
import { FieldOps, type FittedSum } from './field-ops.ts';
import type { FmaLayout } from './fma-layout.ts';
import { emitFmaProducts, type FmaSum } from './fma-product.ts';
import { type Read, schedulePrepared, scheduleProducts } from './fma-schedule.ts';
import {
  canonicalLimbs,
  type LaneInteger,
  limbsToWords,
  vectorIntegers,
  wordsToLimbs,
} from './lane-integers.ts';
import { type Range, within } from './range.ts';

/** Start of the doubles whose last bit counts 1: adding it to an integer of magnitude ≤ 2^51 puts that into the low bits. */
const UNIT_BASE = 3 * 2 ** 51;

/** The fma form's code: one v128 of two doubles per limb. */
export class FmaOps extends FieldOps {
  declare readonly form: FieldForm & FmaLayout;
  /** Where code made for size reduces what is in locals. */
  #scratch: Ptr | undefined;

  constructor(form: FieldForm & FmaLayout, f: FunctionBuilder) {
    super(form, f);
  }

  load(at: Address, range: Range = this.form.stored): Element {
    return this.#element(range, (i) => load.v128(at, 16 * i));
  }

  loadSingles(
    at0: Address,
    at1: Address,
    layout: SingleLayout = 'single',
    range: Range = this.form.stored,
  ): Element {
    const step = layout === 'single' ? 8 : 16;
    return this.#element(range, (i) => loadLane(64, at1, step * i, load.v128From64Zero(at0, step * i), 1));
  }

  /** In code made for size, what is out of range is stored as it is and reduced in memory. */
  override store(at: Address, element: Element, range: Range = this.form.stored): void {
    if (this.f.aim === 'speed' || within(element.range, range) || !within(this.form.reduced, range)) {
      super.store(at, element, range);
      return;
    }
    this.rawStore(at, element);
    this.f.run(this.#reduceInMemory(), toPtr(at).address);
  }

  constant(value: bigint, lane1: bigint = value): Element {
    const [a, b] = [this.form.montgomeryLimbs(value), this.form.montgomeryLimbs(lane1)];
    return this.#element(this.form.reduced, (i) =>
      this.f.constant(lanesToBytes(doubleBits(a[i] ?? 0), doubleBits(b[i] ?? 0))),
    );
  }

  zero(): Element {
    return this.#element({ value: 0, limb: 0 }, () => v128.const(0n));
  }

  variable(range: Range = this.form.stored): Element {
    return { locals: Array.from({ length: this.form.limbCount }, () => this.f.local('v128')), range };
  }

  neg(a: Element): Element {
    return this.#map(a.range, f64x2.neg, a);
  }

  canonical(a: Element): Element {
    const ints = vectorIntegers(this.f);
    const reduced = this.reduce(a);
    const base = this.#double(UNIT_BASE);
    const limbs: LaneInteger[] = limbsOf(reduced).map((limb) => [i64x2.sub(f64x2.add(limb, base), base)]);
    const canonical = canonicalLimbs(ints, limbs, this.form.limbBits, this.form.modulusLimbs.map(BigInt));
    return this.#fromUnsigned(canonical, { value: 1, limb: 2 });
  }

  swapLanes(a: Element): Element {
    return this.#map(a.range, (x) => v128.shuffle32(x, x, [2, 3, 0, 1]), a);
  }

  splatLane(a: Element, lane: 0 | 1): Element {
    return this.#map(a.range, (x) => v128.shuffle32(x, x, lane === 0 ? [0, 1, 0, 1] : [2, 3, 2, 3]), a);
  }

  blendLanes(a: Element, b: Element): Element {
    const range = {
      value: Math.max(a.range.value, b.range.value),
      limb: Math.max(a.range.limb, b.range.limb),
    };
    return this.#zip(range, (x, y) => v128.shuffle32(x, y, [0, 1, 6, 7]), a, b);
  }

  isZero(a: Element): Mask {
    // Of all |x| ≤ p/2 with balanced limbs only 0 itself is ≡ 0, and its limbs are all 0; the shift drops their signs.
    const bits = limbsOf(this.reduce(a)).reduce<V128>((all, limb) => v128.or(all, limb), v128.const(0n));
    return { locals: [this.f.let(i64x2.eq(i64x2.shl(bits, 1), v128.const(0n)))] };
  }

  maskBits(mask: Mask): I32 {
    return i64x2.bitmask(bitsOf(mask));
  }

  maskFromBits(bits: I32): Mask {
    const lanes = this.f.constant(lanesToBytes(1n, 2n));
    return { locals: [this.f.let(i64x2.eq(v128.and(i64x2.splat(i64.extendI32U(bits)), lanes), lanes))] };
  }

  maskAnd(a: Mask, b: Mask): Mask {
    return { locals: [this.f.let(v128.and(bitsOf(a), bitsOf(b)))] };
  }

  maskOr(a: Mask, b: Mask): Mask {
    return { locals: [this.f.let(v128.or(bitsOf(a), bitsOf(b)))] };
  }

  maskNot(a: Mask): Mask {
    return { locals: [this.f.let(v128.not(bitsOf(a)))] };
  }

  override prepare(at: Address, factor: Element): void {
    const { limbBits, limbCount, singleBytes } = this.form;
    for (let i = 0; i < limbCount; i++) {
      this.f.scope(() => {
        const row = this.mul(factor, this.rawConstant(1n << BigInt(limbBits * (i + 2))));
        this.storeSingle(toPtr(at, i * singleBytes), this.reduce(row), 0);
      });
    }
  }

  override loadPrepared(at: Address): Element {
    const { limbCount, singleBytes } = this.form;
    return this.#element(this.form.reduced, (i) =>
      load.v128From64Splat(at, (limbCount - 2) * singleBytes + 8 * i),
    );
  }

  override mulPrepared(products: readonly (readonly [Element, Address])[]): Element[] {
    const { form, f } = this;
    const temporaries: Local<'v128'>[] = [];
    const ranges: Range[] = [];
    const jobs = products.map(([given, at]): FmaSum => {
      const a = form.preparedRange(given.range) ? given : this.reduce(given);
      const range = form.preparedRange(a.range) as Range;
      ranges.push(range);
      // A limb of a row is loaded where it is used: there are more of them than registers.
      const places = Array.from({ length: 4 }, () => f.local('v128'));
      temporaries.push(...places);
      let loads = 0;
      const row = (i: number, j: number): Read => {
        let limb: Local<'v128'> | undefined;
        return () => {
          if (!limb) {
            limb = places[loads++ % places.length] as Local<'v128'>;
            f.set(limb, load.v128From64Splat(at, i * form.singleBytes + 8 * j));
          }
          return limb;
        };
      };
      const canPair = (i: number, j: number): boolean => form.canPairProducts(a.range, i, form.reduced, j, 1);
      return {
        schedule: (sink) => schedulePrepared(form, { a: limbsOf(a), row, canPair }, sink),
        topBound: form.topBound(range),
      };
    });
    const results = emitFmaProducts(f, form, jobs);
    f.release(...temporaries);
    return results.map((locals, i) => ({ locals, range: ranges[i] as Range }));
  }

  protected rawStore(at: Address, element: Element): void {
    limbsOf(element).forEach((limb, i) => {
      this.f.emit(store.v128(at, 16 * i, limb));
    });
  }

  protected rawStoreSingle(at: Address, element: Element, lane: 0 | 1, layout: SingleLayout): void {
    const step = layout === 'single' ? 8 : 16;
    limbsOf(element).forEach((limb, i) => {
      this.f.emit(storeLane(64, at, step * i, limb, lane));
    });
  }

  protected rawAdd(a: Element, b: Element, range: Range): Element {
    return this.#zip(range, f64x2.add, a, b);
  }

  protected rawSub(a: Element, b: Element, range: Range): Element {
    return this.#zip(range, f64x2.sub, a, b);
  }

  protected rawSums(sums: readonly FittedSum[]): Element[] {
    const { form } = this;
    const jobs = sums.map(({ terms, range }): FmaSum => {
      const factors = terms.map(([a, b]) => {
        const isSquare = a === b && form.canDouble(a.range);
        const canPair = (i: number, j: number): boolean =>
          form.canPairProducts(a.range, i, b.range, j, isSquare && i !== j ? 2 : 1);
        return { a: limbsOf(a), b: limbsOf(b), isSquare, canPair };
      });
      return {
        schedule: (sink) => scheduleProducts(form, factors, sink),
        topBound: form.topBound(range),
      };
    });
    const results = emitFmaProducts(this.f, form, jobs);
    return results.map((locals, i) => ({ locals, range: (sums[i] as FittedSum).range }));
  }

  protected rawReduce(a: Element): Element {
    if (this.f.aim === 'speed') return this.#reduceInPlace(a);
    this.#scratch ??= this.f.frame(this.form.pairBytes);
    this.rawStore(this.#scratch, a);
    this.f.run(this.#reduceInMemory(), this.#scratch.address);
    return this.load(this.#scratch, this.form.reduced);
  }

  /** (at): reduces a pair whose limbs may be out of range. */
  #reduceInMemory(): FunctionRef<readonly ['i32'], 'void'> {
    return this.f.library.once(functionName(this.form, 'reduce'), ['i32'], 'void', (f, at) => {
      const ops = new FmaOps(this.form, f);
      ops.rawStore(at, ops.#reduceInPlace(ops.load(at)));
    });
  }

  /**
   * x − k·p with k the integer nearest to x/p as far as the top limb shows it, then carries, lowest limb first. Every
   * intermediate value is an integer below 2^53 (FmaLayout.canHold), so all of this is exact.
   */
  #reduceInPlace(a: Element): Element {
    const { f } = this;
    const { limbBits: w, limbCount: n, modulusTop, modulusLimbs } = this.form;
    const limbs = limbsOf(a);
    const top = limbs[n - 1] as Local<'v128'>;
    const base = this.#double(UNIT_BASE);
    const splitter = this.#double(3 * 2 ** (w + 51));
    const quotient = f.let(f64x2.sub(f64x2.relaxedMadd(top, this.#double(1 / modulusTop), base), base));
    const high = f.local('v128');
    const reduced: Local<'v128'>[] = [];
    limbs.forEach((limb, i) => {
      const difference = f64x2.relaxedNmadd(quotient, this.#double(modulusLimbs[i] ?? 0), limb);
      const carried = i === 0 ? difference : f64x2.relaxedMadd(high, this.#double(2 ** -w), difference);
      const sum = f.let(carried);
      reduced.push(sum);
      if (i === n - 1) return;
      f.set(high, f64x2.sub(f64x2.add(sum, splitter), splitter));
      f.set(sum, f64x2.sub(sum, high));
    });
    f.release(quotient, high);
    return { locals: reduced, range: this.form.reduced };
  }

  protected rawSelect(mask: Mask, whenTrue: Element, whenFalse: Element, range: Range): Element {
    return this.#zip(range, (x, y) => v128.bitselect(x, y, bitsOf(mask)), whenTrue, whenFalse);
  }

  protected rawConstant(value: bigint): Element {
    const limbs = this.form.balancedLimbs(value);
    return this.#element(this.form.reduced, (i) => this.#double(limbs[i] ?? 0));
  }

  protected rawLoadBytes(at0: Address, at1: Address): Element {
    const { field, limbBits, limbCount } = this.form;
    const ints = vectorIntegers(this.f);
    const words = Array.from({ length: field.byteLength / 8 }, (_, i) =>
      ints.let(ints.load(at0, at1, 8 * i)),
    );
    const range = { value: this.form.bytesBound, limb: 2 };
    return this.#fromUnsigned(wordsToLimbs(ints, words, limbBits, limbCount), range);
  }

  protected rawStoreBytes(at0: Address, at1: Address, canonical: Element): void {
    const { field, limbBits } = this.form;
    const ints = vectorIntegers(this.f);
    const base = this.#double(2 ** 52);
    const limbs: LaneInteger[] = limbsOf(canonical).map((limb) => [
      this.f.let(v128.xor(f64x2.add(limb, base), base)),
    ]);
    limbsToWords(ints, limbs, limbBits, field.byteLength / 8).forEach((word, i) => {
      ints.store(at0, at1, 8 * i, word);
    });
  }

  /** Integers in [0, 2^52) as doubles: the bits of 2^52 + x, less 2^52. */
  #fromUnsigned(limbs: readonly LaneInteger[], range: Range): Element {
    const base = this.#double(2 ** 52);
    return this.#element(range, (i) => f64x2.sub(v128.or((limbs[i] as readonly [V128])[0], base), base));
  }

  #element(range: Range, limb: (i: number) => V128): Element {
    return { locals: Array.from({ length: this.form.limbCount }, (_, i) => this.f.let(limb(i))), range };
  }

  #map(range: Range, op: (x: V128) => V128, a: Element): Element {
    return { locals: limbsOf(a).map((x) => this.f.let(op(x))), range };
  }

  #zip(range: Range, op: (x: V128, y: V128) => V128, a: Element, b: Element): Element {
    const right = limbsOf(b);
    return { locals: limbsOf(a).map((x, i) => this.f.let(op(x, right[i] as V128))), range };
  }

  #double(value: number): V128 {
    return this.f.constant(lanesToBytes(doubleBits(value)));
  }
}

function limbsOf(element: Element): readonly Local<'v128'>[] {
  return element.locals as readonly Local<'v128'>[];
}

function bitsOf(mask: Mask): V128 {
  return mask.locals[0] as Local<'v128'>;
}
