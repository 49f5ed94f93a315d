import type { Address, FunctionBuilder } from '../emit/index.ts';
import type { Element, FieldForm, Mask, SingleLayout } from '../field/field-form.ts';
import type { FieldOps } from '../field/field-ops.ts';
import { type Element2, Fp2Ops } from '../tower/fp2-ops.ts';

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
  sumOfProducts(terms: readonly (readonly [E, E])[]): E;
  reduce(a: E): E;
  swapLanes(a: E): E;
  select(mask: Mask, whenTrue: E, whenFalse: E): E;
  isZero(a: E): Mask;
  equal(a: E, b: E): Mask;
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
