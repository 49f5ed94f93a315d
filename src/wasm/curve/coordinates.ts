import type { Address, FunctionBuilder, FunctionRef, I32, ModuleBuilder } from '../emit/index.ts';
import {
  type Element,
  type FieldForm,
  functionName,
  type Mask,
  type SingleLayout,
} from '../field/field-form.ts';
import {
  type BinaryFunction,
  FieldFunctions,
  type TwoProductsFunction,
  type UnaryFunction,
} from '../field/field-functions.ts';
import type { FieldOps } from '../field/field-ops.ts';
import {
  fp2Dot,
  fp2Invert,
  fp2Mul,
  fp2MulFp,
  fp2Sqr,
  hasShortProducts,
  storeTurned,
  turnedBytes,
} from '../tower/fp2-functions.ts';
import { type Element2, Fp2Ops } from '../tower/fp2-ops.ts';
import { QuadraticExtension } from '../tower/quadratic.ts';

/** What curve formulas need of a coordinate field; {@link FieldOps} and {@link Fp2Ops} both have it. */
export interface CoordinateOps<E> {
  load(at: Address): E;
  store(at: Address, a: E): void;
  loadSingles(at0: Address, at1: Address, layout?: SingleLayout): E;
  storeSingles(at0: Address, at1: Address, a: E, layout?: SingleLayout): void;
  storeSingle(at: Address, a: E, lane: 0 | 1, layout?: SingleLayout): void;
  copy(to: Address, from: Address): void;
  loadBytes(at0: Address, at1: Address): E;
  storeBytes(at0: Address, at1: Address, a: E): void;
  zero(): E;
  one(): E;
  variable(): E;
  assign(variable: E, value: E): void;
  keep(a: E): E;
  add(a: E, b: E): E;
  sub(a: E, b: E): E;
  neg(a: E): E;
  double(a: E): E;
  triple(a: E): E;
  mul(a: E, b: E): E;
  sqr(a: E): E;
  products(pairs: readonly (readonly [E, E])[]): E[];
  sumOfProducts(terms: readonly (readonly [E, E])[]): E;
  reduce(a: E): E;
  swapLanes(a: E): E;
  select(mask: Mask, whenTrue: E, whenFalse: E): E;
  isZero(a: E): Mask;
  equal(a: E, b: E): Mask;
}

/** Functions of a coordinate field on pairs in memory; an output may be an input, but of a sum of products. */
export interface CoordinateFunctions<E> {
  readonly mul: BinaryFunction;
  readonly sqr: UnaryFunction;
  /** Two of {@link mul} interleaved, where that is faster than one by one and not much more code. */
  mulTwo(): TwoProductsFunction | undefined;
  /** (o, a, s): a·s for s in Fp. */
  readonly timesFp: BinaryFunction;
  /** (o, a): 1/a, or 0 for 0. */
  readonly invert: UnaryFunction;
  /** Emits a factor of a product. */
  storeFactor(ops: CoordinateOps<E>, at: Address, a: E): void;
  /** (o, a0, b0, a1, b1, …): Σ aᵢ·bᵢ, o apart from the rest, with bᵢ as {@link storeSecond} stores them. */
  sum(count: number): FunctionRef<readonly 'i32'[], 'void'>;
  /** Emits the second factor of a product in a sum. */
  storeSecond(ops: CoordinateOps<E>, at: Address, b: E): void;
  /** Bytes of such a factor. */
  readonly secondBytes: number;
}

/** A coordinate field, Fp or Fp2, in one form: sizes, and what differs between the two degrees. */
export interface Coordinates<E> {
  readonly form: FieldForm;
  readonly degree: 1 | 2;
  /** Bytes of a pair of coordinates, of a packed single one, and of one in memory form. */
  readonly pairBytes: number;
  readonly singleBytes: number;
  readonly byteLength: number;
  /** Starts emitting into `f`. */
  ops(f: FunctionBuilder): { readonly ops: CoordinateOps<E>; readonly fp: FieldOps };
  /** The field's library functions in a module. */
  functions(module: ModuleBuilder): CoordinateFunctions<E>;
  /** The coefficients over Fp, lowest first. */
  coefficients(a: E): readonly Element[];
  /** The reverse of {@link coefficients}. */
  fromCoefficients(coefficients: readonly Element[]): E;
}

class PrimeCoordinates implements Coordinates<Element> {
  readonly form: FieldForm;
  readonly degree = 1;
  readonly pairBytes: number;
  readonly singleBytes: number;
  readonly byteLength: number;

  constructor(form: FieldForm) {
    this.form = form;
    this.pairBytes = form.pairBytes;
    this.singleBytes = form.singleBytes;
    this.byteLength = form.field.byteLength;
  }

  ops(f: FunctionBuilder): { ops: FieldOps; fp: FieldOps } {
    const fp = this.form.ops(f);
    return { ops: fp, fp };
  }

  functions(module: ModuleBuilder): CoordinateFunctions<Element> {
    const fp = new FieldFunctions(module, this.form);
    return {
      mul: fp.mul,
      sqr: fp.sqr,
      mulTwo: () => (hasShortProducts(this) ? fp.mulTwo : undefined),
      timesFp: fp.mul,
      invert: fp.invert,
      storeFactor: (ops, at, a) => (ops as FieldOps).store(at, a, fp.factorRange),
      sum: (count) => {
        const name = functionName(this.form, `sum${count}`);
        const params = new Array<'i32'>(2 * count + 1).fill('i32');
        return module.once(name, params, 'void', (f, ...locals) => {
          const ops = this.form.ops(f);
          const elements = locals.slice(1).map((at) => ops.load(at));
          const term = (i: number): readonly [Element, Element] => [
            elements[2 * i] as Element,
            elements[2 * i + 1] as Element,
          ];
          ops.store(locals[0] as I32, ops.sumOfProducts(Array.from({ length: count }, (_, i) => term(i))));
        });
      },
      storeSecond: (ops, at, b) => ops.store(at, b),
      secondBytes: this.pairBytes,
    };
  }

  coefficients(a: Element): readonly Element[] {
    return [a];
  }

  fromCoefficients(coefficients: readonly Element[]): Element {
    return coefficients[0] as Element;
  }
}

class QuadraticCoordinates implements Coordinates<Element2> {
  readonly form: FieldForm;
  readonly degree = 2;
  readonly pairBytes: number;
  readonly singleBytes: number;
  readonly byteLength: number;

  constructor(form: FieldForm) {
    this.form = form;
    this.pairBytes = 2 * form.pairBytes;
    this.singleBytes = 2 * form.singleBytes;
    this.byteLength = 2 * form.field.byteLength;
  }

  ops(f: FunctionBuilder): { ops: Fp2Ops; fp: FieldOps } {
    const fp = this.form.ops(f);
    return { ops: new Fp2Ops(fp), fp };
  }

  functions(module: ModuleBuilder): CoordinateFunctions<Element2> {
    const fp2 = new QuadraticExtension(module, this.form);
    return {
      mul: fp2Mul(fp2),
      sqr: fp2Sqr(fp2),
      mulTwo: () => undefined,
      timesFp: fp2MulFp(fp2),
      invert: fp2Invert(fp2),
      storeFactor: (ops, at, a) => ops.store(at, a),
      sum: (count) => fp2Dot(fp2, count),
      storeSecond: (ops, at, b) => storeTurned(ops as Fp2Ops, at, b),
      secondBytes: turnedBytes(fp2),
    };
  }

  coefficients(a: Element2): readonly Element[] {
    return [a.c0, a.c1];
  }

  fromCoefficients(coefficients: readonly Element[]): Element2 {
    return { c0: coefficients[0] as Element, c1: coefficients[1] as Element };
  }
}

/** Coordinates in Fp, for G1. */
export function primeCoordinates(form: FieldForm): Coordinates<Element> {
  return new PrimeCoordinates(form);
}

/** Coordinates in Fp2 = Fp[u]/(u² + 1), for G2. */
export function quadraticCoordinates(form: FieldForm): Coordinates<Element2> {
  return new QuadraticCoordinates(form);
}
