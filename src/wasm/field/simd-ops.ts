import {
  type Address,
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  i32x4,
  i64x2,
  type Local,
  lanesToBytes,
  load,
  loadLane,
  store,
  storeLane,
  type V128,
  v128,
} from '../emit/index.ts';
import type { Element, Mask, SingleLayout } from './element.ts';
import type { FieldForm } from './field-form.ts';
import { FieldOps, type FittedSum } from './field-ops.ts';
import type { IntegerLayout } from './integer-layout.ts';
import {
  canonicalLimbs,
  type LaneInteger,
  limbsToWords,
  vectorIntegers,
  wordsToLimbs,
} from './lane-integers.ts';
import { type Range, unionRange } from './range.ts';
import { emitSimdProducts } from './simd-product.ts';

/** Start of the floats whose last bit counts 1: adding it rounds a small float to an integer, in its low bits. */
const UNIT_BASE = 3 * 2 ** 22;

/** The simd form's code: v128 locals of two packed limbs each. */
export class SimdOps extends FieldOps {
  declare readonly form: FieldForm & IntegerLayout;

  constructor(form: FieldForm & IntegerLayout, f: FunctionBuilder) {
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
    if (layout === 'single') {
      return this.#element(range, (i) => {
        const both = this.f.let(loadLane(64, at1, 8 * i, load.v128From64Zero(at0, 8 * i), 1));
        const packed = v128.shuffle32(both, both, [0, 2, 1, 3]);
        this.f.release(both);
        return packed;
      });
    }
    // Limbs are 8 bytes apart, with the other lane's between them: whole vectors of both pairs, then lane 0 of each.
    return this.#element(range, (i) => {
      const low = loadLane(32, at1, 16 * i, load.v128From64Zero(at0, 16 * i), 1);
      const withHigh = loadLane(32, at0, 16 * i + 8, low, 2);
      return loadLane(32, at1, 16 * i + 8, withHigh, 3);
    });
  }

  constant(value: bigint, lane1: bigint = value): Element {
    return this.#constant(this.form.montgomeryLimbs(value), this.form.montgomeryLimbs(lane1));
  }

  zero(): Element {
    return this.#element({ value: 0, limb: 0 }, () => v128.const(0n));
  }

  variable(range: Range = this.form.stored): Element {
    return { locals: Array.from({ length: this.#vectors }, () => this.f.local('v128')), range };
  }

  neg(a: Element): Element {
    return this.#map(a.range, i32x4.neg, a);
  }

  canonical(a: Element): Element {
    const { limbBits, modulusLimbs, limbCount } = this.form;
    const ints = vectorIntegers(this.f);
    const limbs = this.#integers(this.reduce(a)).slice(0, limbCount);
    return this.#fromIntegers(canonicalLimbs(ints, limbs, limbBits, modulusLimbs.map(BigInt)), {
      value: 1,
      limb: 2,
    });
  }

  swapLanes(a: Element): Element {
    return this.#map(a.range, (x) => v128.shuffle32(x, x, [1, 0, 3, 2]), a);
  }

  splatLane(a: Element, lane: 0 | 1): Element {
    return this.#map(a.range, (x) => v128.shuffle32(x, x, lane === 0 ? [0, 0, 2, 2] : [1, 1, 3, 3]), a);
  }

  blendLanes(a: Element, b: Element): Element {
    return this.#zip(unionRange(a.range, b.range), (x, y) => v128.shuffle32(x, y, [0, 5, 2, 7]), a, b);
  }

  isZero(a: Element): Mask {
    // Of all |x| < p with limbs below 2^29 only 0 itself is ≡ 0, and its limbs are all 0.
    const bits = vectorsOf(this.reduce(a)).reduce<V128>((all, limbs) => v128.or(all, limbs), v128.const(0n));
    const any = this.f.let(bits);
    const mask = this.f.let(i32x4.eq(v128.or(any, v128.shuffle32(any, any, [2, 3, 0, 1])), v128.const(0n)));
    this.f.release(any);
    return { locals: [mask] };
  }

  maskBits(mask: Mask): I32 {
    return i32.and(i32x4.bitmask(bitsOf(mask)), i32.const(3));
  }

  maskFromBits(bits: I32): Mask {
    const lanes = this.f.constant(lanesToBytes(0x2_0000_0001n));
    return { locals: [this.f.let(i32x4.eq(v128.and(i32x4.splat(bits), lanes), lanes))] };
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

  protected rawStore(at: Address, element: Element): void {
    vectorsOf(element).forEach((limbs, i) => {
      this.f.emit(store.v128(at, 16 * i, limbs));
    });
  }

  protected rawStoreSingle(at: Address, element: Element, lane: 0 | 1, layout: SingleLayout): void {
    vectorsOf(element).forEach((limbs, i) => {
      if (layout === 'lane') {
        this.f.emit(storeLane(32, at, 16 * i, limbs, lane));
        this.f.emit(storeLane(32, at, 16 * i + 8, limbs, lane + 2));
      } else {
        this.f.emit(
          storeLane(64, at, 8 * i, v128.shuffle32(limbs, limbs, [lane, lane + 2, lane, lane + 2]), 0),
        );
      }
    });
  }

  protected rawAdd(a: Element, b: Element, range: Range): Element {
    return this.#zip(range, i32x4.add, a, b);
  }

  protected rawSub(a: Element, b: Element, range: Range): Element {
    return this.#zip(range, i32x4.sub, a, b);
  }

  protected rawSums(sums: readonly FittedSum[]): Element[] {
    return sums.map(({ terms, range }) => {
      const simdTerms = terms.map(([a, b]) => ({
        a: vectorsOf(a),
        b: vectorsOf(b),
        isSquare: a === b && this.form.canDouble(a.range),
      }));
      return { locals: emitSimdProducts(this.f, this.form, simdTerms), range };
    });
  }

  /** x − k·p with k the integer nearest to x/p as far as the highest limbs show it in floats, then one parallel carry. */
  protected rawReduce(a: Element): Element {
    const { f } = this;
    const { limbBits, limbCount, modulusTop } = this.form;
    const input = this.form.canSubtract(a.range) ? vectorsOf(a) : this.#carry(vectorsOf(a));
    const top = input[this.#vectors - 1] as Local<'v128'>;
    // Weights of the two limbs in the highest vector, in units of p; both halves then get the sum.
    const weights = limbCount % 2 === 0 ? [2 ** -limbBits / modulusTop, 1 / modulusTop] : [1 / modulusTop, 0];
    const shares = f.let(f32x4.mul(f32x4.convertI32x4S(top), this.#floats(weights[0] ?? 0, weights[1] ?? 0)));
    const base = this.#floats(UNIT_BASE, UNIT_BASE);
    const estimate = f32x4.add(shares, v128.shuffle32(shares, shares, [2, 3, 0, 1]));
    const quotient = f.let(i32x4.sub(f32x4.add(estimate, base), base));
    const difference = input.map((limbs, i) =>
      f.let(
        i32x4.sub(
          limbs,
          i32x4.mul(quotient, this.#packed(this.form.modulusLimbs, this.form.modulusLimbs, i)),
        ),
      ),
    );
    f.release(shares, quotient);
    return { locals: this.#carry(difference), range: this.form.reduced };
  }

  protected rawSelect(mask: Mask, whenTrue: Element, whenFalse: Element, range: Range): Element {
    return this.#zip(range, (x, y) => v128.bitselect(x, y, bitsOf(mask)), whenTrue, whenFalse);
  }

  protected rawConstant(value: bigint): Element {
    const limbs = this.form.balancedLimbs(value);
    return this.#constant(limbs, limbs);
  }

  protected rawLoadBytes(at0: Address, at1: Address): Element {
    const { field, limbBits, limbCount } = this.form;
    const ints = vectorIntegers(this.f);
    const words = Array.from({ length: field.byteLength / 8 }, (_, i) =>
      ints.let(ints.load(at0, at1, 8 * i)),
    );
    return this.#fromIntegers(wordsToLimbs(ints, words, limbBits, limbCount), {
      value: this.form.bytesBound,
      limb: 2,
    });
  }

  protected rawStoreBytes(at0: Address, at1: Address, canonical: Element): void {
    const { field, limbBits, limbCount } = this.form;
    const ints = vectorIntegers(this.f);
    const limbs = this.#integers(canonical)
      .slice(0, limbCount)
      .map((limb) => ints.let(limb));
    limbsToWords(ints, limbs, limbBits, field.byteLength / 8).forEach((word, i) => {
      ints.store(at0, at1, 8 * i, word);
    });
  }

  /**
   * One carry out of every limb but the top one, all at once: c_i = round(x_i / 2^29), x_i − 2^29·c_i + c_(i−1). Limbs end within
   * 2^28 and a carry.
   */
  #carry(input: readonly Local<'v128'>[]): Local<'v128'>[] {
    const { f } = this;
    const { limbBits, limbCount } = this.form;
    const half = BigInt(2 ** (limbBits - 1)) * 0x100000001n;
    const last = this.#vectors - 1;
    let below: V128 = v128.const(0n);
    return input.map((limbs, i) => {
      if (i === last && limbCount % 2 === 1) {
        return f.let(i32x4.add(limbs, v128.shuffle32(below, v128.const(0n), [2, 3, 4, 4])));
      }
      let carries: V128 = i32x4.shrS(i32x4.add(limbs, f.constant(lanesToBytes(half))), limbBits);
      if (i === last) carries = v128.and(carries, f.constant(lanesToBytes(-1n, 0n)));
      const carry = f.let(carries);
      const incoming = v128.shuffle32(below, carry, [2, 3, 4, 5]);
      const carried = f.let(i32x4.add(i32x4.sub(limbs, i32x4.shl(carry, limbBits)), incoming));
      below = carry;
      return carried;
    });
  }

  get #vectors(): number {
    return Math.ceil(this.form.limbCount / 2);
  }

  /** The limbs as signed 64-bit integers, padding included. */
  #integers(element: Element): LaneInteger[] {
    return vectorsOf(element).flatMap((x) => [[i64x2.extendLowI32x4S(x)], [i64x2.extendHighI32x4S(x)]]);
  }

  #fromIntegers(limbs: readonly LaneInteger[], range: Range): Element {
    return this.#element(range, (i) => {
      const [low, high] = [limbs[2 * i], limbs[2 * i + 1]];
      return v128.shuffle32((low as readonly [V128])[0], (high?.[0] as V128) ?? v128.const(0n), [0, 2, 4, 6]);
    });
  }

  #constant(lane0: readonly number[], lane1: readonly number[]): Element {
    return this.#element(this.form.reduced, (i) => this.#packed(lane0, lane1, i));
  }

  /** Limbs 2i and 2i + 1 of two constants, packed. */
  #packed(lane0: readonly number[], lane1: readonly number[], i: number): V128 {
    const both = (k: number): bigint =>
      BigInt.asUintN(32, BigInt(lane0[k] ?? 0)) | (BigInt.asUintN(32, BigInt(lane1[k] ?? 0)) << 32n);
    return this.f.constant(lanesToBytes(both(2 * i), both(2 * i + 1)));
  }

  /** Floats for the two limbs of a vector, the same in both lanes. */
  #floats(low: number, high: number): V128 {
    const bytes = new Uint8Array(16);
    new Float32Array(bytes.buffer).set([low, low, high, high]);
    return this.f.constant(bytes);
  }

  #element(range: Range, limbs: (i: number) => V128): Element {
    return { locals: Array.from({ length: this.#vectors }, (_, i) => this.f.let(limbs(i))), range };
  }

  #map(range: Range, op: (x: V128) => V128, a: Element): Element {
    return { locals: vectorsOf(a).map((x) => this.f.let(op(x))), range };
  }

  #zip(range: Range, op: (x: V128, y: V128) => V128, a: Element, b: Element): Element {
    const right = vectorsOf(b);
    return { locals: vectorsOf(a).map((x, i) => this.f.let(op(x, right[i] as V128))), range };
  }
}

function vectorsOf(element: Element): readonly Local<'v128'>[] {
  return element.locals as readonly Local<'v128'>[];
}

function bitsOf(mask: Mask): V128 {
  return mask.locals[0] as Local<'v128'>;
}
