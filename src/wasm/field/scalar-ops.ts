import {
  type Address,
  type FunctionBuilder,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  load,
  select,
  store,
  toPtr,
} from '../emit/index.ts';
import type { Element, Mask, SingleLayout } from './element.ts';
import type { FieldForm } from './field-form.ts';
import { FieldOps, type FittedSum } from './field-ops.ts';
import type { IntegerLayout } from './integer-layout.ts';
import {
  canonicalLimbs,
  type LaneInteger,
  limbsToWords,
  scalarIntegers,
  wordsToLimbs,
} from './lane-integers.ts';
import { type Range, unionRange } from './range.ts';
import { carryScalars, emitScalarProducts } from './scalar-product.ts';

/** Start of the doubles whose last bit counts 1: adding it rounds a double to an integer, in its low bits. */
const UNIT_BASE = 3 * 2 ** 51;
const LANES = [0, 1] as const;

/** The scalar form's code: i64 locals, the limbs of lane 0, then those of lane 1. */
export class ScalarOps extends FieldOps {
  declare readonly form: FieldForm & IntegerLayout;

  constructor(form: FieldForm & IntegerLayout, f: FunctionBuilder) {
    super(form, f);
  }

  load(at: Address, range: Range = this.form.stored): Element {
    return this.#element(range, (i, lane) => load.i64From32S(at, 8 * i + 4 * lane));
  }

  loadSingles(
    at0: Address,
    at1: Address,
    layout: SingleLayout = 'single',
    range: Range = this.form.stored,
  ): Element {
    const step = layout === 'single' ? 4 : 8;
    return this.#element(range, (i, lane) => load.i64From32S(lane === 0 ? at0 : at1, step * i));
  }

  constant(value: bigint, lane1: bigint = value): Element {
    return this.#constant(this.form.montgomeryLimbs(value), this.form.montgomeryLimbs(lane1));
  }

  zero(): Element {
    return this.#element({ value: 0, limb: 0 }, () => i64.const(0));
  }

  variable(range: Range = this.form.stored): Element {
    return { locals: Array.from({ length: 2 * this.form.limbCount }, () => this.f.local('i64')), range };
  }

  neg(a: Element): Element {
    return this.#map(a.range, (x) => i64.sub(i64.const(0), x), a);
  }

  canonical(a: Element): Element {
    const { limbBits, modulusLimbs } = this.form;
    const ints = scalarIntegers(this.f);
    const limbs = canonicalLimbs(ints, this.#integers(this.reduce(a)), limbBits, modulusLimbs.map(BigInt));
    return this.#fromIntegers(limbs, { value: 1, limb: 2 });
  }

  swapLanes(a: Element): Element {
    return this.#element(a.range, (i, lane) => laneOf(a, lane === 0 ? 1 : 0)[i] as I64);
  }

  splatLane(a: Element, lane: 0 | 1): Element {
    return this.#element(a.range, (i) => laneOf(a, lane)[i] as I64);
  }

  blendLanes(a: Element, b: Element): Element {
    return this.#element(
      unionRange(a.range, b.range),
      (i, lane) => laneOf(lane === 0 ? a : b, lane)[i] as I64,
    );
  }

  isZero(a: Element): Mask {
    // Of all |x| < p with limbs below 2^29 only 0 itself is ≡ 0, and its limbs are all 0.
    const reduced = this.reduce(a);
    return this.#mask((lane) =>
      i64.eqz(laneOf(reduced, lane).reduce<I64>((all, x) => i64.or(all, x), i64.const(0))),
    );
  }

  maskBits(mask: Mask): I32 {
    const [lane0, lane1] = mask.locals as readonly [Local<'i32'>, Local<'i32'>];
    return i32.or(lane0, i32.shl(lane1, i32.const(1)));
  }

  maskFromBits(bits: I32): Mask {
    const all = this.f.let(bits);
    const mask = this.#mask((lane) => i32.and(i32.shrU(all, i32.const(lane)), i32.const(1)));
    this.f.release(all);
    return mask;
  }

  maskAnd(a: Mask, b: Mask): Mask {
    return this.#mask((lane) => i32.and(a.locals[lane] as I32, b.locals[lane] as I32));
  }

  maskOr(a: Mask, b: Mask): Mask {
    return this.#mask((lane) => i32.or(a.locals[lane] as I32, b.locals[lane] as I32));
  }

  maskNot(a: Mask): Mask {
    return this.#mask((lane) => i32.eqz(a.locals[lane] as I32));
  }

  protected rawStore(at: Address, element: Element): void {
    for (const lane of LANES) this.rawStoreSingle(toPtr(at, 4 * lane), element, lane, 'lane');
    // The padding of an odd limb count stays 0, so that a memory image serves the simd form as well.
    if (this.form.limbCount % 2 === 1) this.f.emit(store.i64(at, 8 * this.form.limbCount, i64.const(0)));
  }

  protected rawStoreSingle(at: Address, element: Element, lane: 0 | 1, layout: SingleLayout): void {
    const step = layout === 'single' ? 4 : 8;
    laneOf(element, lane).forEach((limb, i) => {
      this.f.emit(store.i64To32(at, step * i, limb));
    });
    if (layout === 'single' && this.form.limbCount % 2 === 1) {
      this.f.emit(store.i32(at, step * this.form.limbCount, i32.const(0)));
    }
  }

  protected rawAdd(a: Element, b: Element, range: Range): Element {
    return this.#zip(range, i64.add, a, b);
  }

  protected rawSub(a: Element, b: Element, range: Range): Element {
    return this.#zip(range, i64.sub, a, b);
  }

  protected rawSums(sums: readonly FittedSum[]): Element[] {
    return sums.map(({ terms, range }) => {
      const locals = LANES.flatMap((lane) => {
        const laneTerms = terms.map(([a, b]) => ({
          a: laneOf(a, lane),
          b: laneOf(b, lane),
          isSquare: a === b && this.form.canDouble(a.range),
        }));
        return emitScalarProducts(this.f, this.form, laneTerms);
      });
      return { locals, range };
    });
  }

  /** x − k·p with k the integer nearest to x/p as far as the two highest limbs show it in doubles, then carries. */
  protected rawReduce(a: Element): Element {
    const { f } = this;
    const { limbBits, limbCount: n, modulusTop, modulusLimbs } = this.form;
    const locals = LANES.flatMap((lane) => {
      const limbs = laneOf(a, lane);
      const share = (i: number, weight: number) =>
        f64.mul(f64.convertI64S(limbs[i] as I64), f64.const(weight));
      const estimate = f64.add(share(n - 1, 1 / modulusTop), share(n - 2, 2 ** -limbBits / modulusTop));
      const rounded = i64.reinterpretF64(f64.add(estimate, f64.const(UNIT_BASE)));
      const quotient = f.let(i64.sub(rounded, i64.reinterpretF64(f64.const(UNIT_BASE))));
      const difference = limbs.map((limb, i) =>
        f.let(i64.sub(limb, i64.mul(quotient, i64.const(modulusLimbs[i] ?? 0)))),
      );
      f.release(quotient);
      carryScalars(f, difference);
      return difference;
    });
    return { locals, range: this.form.reduced };
  }

  protected rawSelect(mask: Mask, whenTrue: Element, whenFalse: Element, range: Range): Element {
    return this.#element(range, (i, lane) =>
      select(laneOf(whenTrue, lane)[i] as I64, laneOf(whenFalse, lane)[i] as I64, mask.locals[lane] as I32),
    );
  }

  protected rawConstant(value: bigint): Element {
    const limbs = this.form.balancedLimbs(value);
    return this.#constant(limbs, limbs);
  }

  protected rawLoadBytes(at0: Address, at1: Address): Element {
    const { field, limbBits, limbCount } = this.form;
    const ints = scalarIntegers(this.f);
    const words = Array.from({ length: field.byteLength / 8 }, (_, i) =>
      ints.let(ints.load(at0, at1, 8 * i)),
    );
    return this.#fromIntegers(wordsToLimbs(ints, words, limbBits, limbCount), {
      value: this.form.bytesBound,
      limb: 2,
    });
  }

  protected rawStoreBytes(at0: Address, at1: Address, canonical: Element): void {
    const { field, limbBits } = this.form;
    const ints = scalarIntegers(this.f);
    limbsToWords(ints, this.#integers(canonical), limbBits, field.byteLength / 8).forEach((word, i) => {
      ints.store(at0, at1, 8 * i, word);
    });
  }

  #integers(element: Element): LaneInteger[] {
    const [lane0, lane1] = [laneOf(element, 0), laneOf(element, 1)];
    return lane0.map((x, i) => [x, lane1[i] as I64]);
  }

  #fromIntegers(limbs: readonly LaneInteger[], range: Range): Element {
    return this.#element(range, (i, lane) => limbs[i]?.[lane] as I64);
  }

  #constant(lane0: readonly number[], lane1: readonly number[]): Element {
    return this.#element(this.form.reduced, (i, lane) => i64.const((lane === 0 ? lane0 : lane1)[i] ?? 0));
  }

  #mask(bit: (lane: 0 | 1) => I32): Mask {
    return { locals: LANES.map((lane) => this.f.let(bit(lane))) };
  }

  #element(range: Range, limb: (i: number, lane: 0 | 1) => I64): Element {
    const n = this.form.limbCount;
    return {
      locals: LANES.flatMap((lane) => Array.from({ length: n }, (_, i) => this.f.let(limb(i, lane)))),
      range,
    };
  }

  #map(range: Range, op: (x: I64) => I64, a: Element): Element {
    return { locals: (a.locals as readonly Local<'i64'>[]).map((x) => this.f.let(op(x))), range };
  }

  #zip(range: Range, op: (x: I64, y: I64) => I64, a: Element, b: Element): Element {
    const right = b.locals as readonly Local<'i64'>[];
    return {
      locals: (a.locals as readonly Local<'i64'>[]).map((x, i) => this.f.let(op(x, right[i] as I64))),
      range,
    };
  }
}

function laneOf(element: Element, lane: 0 | 1): readonly Local<'i64'>[] {
  const limbs = element.locals as readonly Local<'i64'>[];
  return lane === 0 ? limbs.slice(0, limbs.length / 2) : limbs.slice(limbs.length / 2);
}
