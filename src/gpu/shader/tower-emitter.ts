/**
 * The tower of a pairing as instructions of the field machine: Fq2 = Fq[u]/(u² + 1), Fq6 = Fq2[v]/(v³ − ξ), Fq12 = Fq6[w]/(w² − v)
 * with ξ = k + u, in the order of curve/curve.ts. Results may be operands everywhere.
 */

import type { Curve } from '../../curve/curve.ts';
import { type Assembler, type FieldEmitter, quadraticEmitter, type Registers } from './program.ts';

/** An element of Fq6 by its coefficients in Fq2. */
export type Registers6 = readonly [Registers, Registers, Registers];
/** An element of Fq12 by its coefficients in Fq6. */
export type Registers12 = readonly [Registers6, Registers6];

/** Takes registers for an element of Fq2. */
export function takeFq2(assembler: Assembler): Registers {
  return assembler.register(2);
}

/** Takes registers for an element of Fq6. */
export function takeFq6(assembler: Assembler): Registers6 {
  return [takeFq2(assembler), takeFq2(assembler), takeFq2(assembler)];
}

/** Takes registers for an element of Fq12, one behind the other. */
export function takeFq12(assembler: Assembler): Registers12 {
  return [takeFq6(assembler), takeFq6(assembler)];
}

/** Emits the arithmetic of a curve's tower. */
export class TowerEmitter {
  readonly fq2: FieldEmitter;
  readonly #assembler: Assembler;
  readonly #nonresidue: number;
  /** Products of coefficients, and two sums. */
  readonly #products: readonly Registers[];
  readonly #sums: readonly [Registers, Registers];

  constructor(assembler: Assembler, curve: Curve) {
    this.#assembler = assembler;
    this.fq2 = quadraticEmitter(assembler);
    this.#nonresidue = Number(curve.fields.Fp2.NONRESIDUE.c0);
    const take = (): Registers => takeFq2(assembler);
    this.#products = [take(), take(), take(), take(), take(), take()];
    this.#sums = [take(), take()];
  }

  /** result = ξ·value, ξ = k + u: (k·c0 − c1, k·c1 + c0). */
  timesXi([r0 = 0, r1 = 0]: Registers, [c0 = 0, c1 = 0]: Registers): void {
    const [first = 0, second = 0] = this.#sums[0];
    const emit = this.#assembler.emit.bind(this.#assembler);
    if (this.#nonresidue === 1) {
      emit('add', first, c1, c1);
      emit('add', r1, c0, c1);
      emit('subtract', r0, r1, first);
      return;
    }
    // The last instructions read only what they replace, should result and value be the same.
    this.#timesLess(first, c0);
    emit('add', first, first, c0);
    this.#timesLess(second, c1);
    emit('add', second, second, c0);
    emit('subtract', r0, first, c1);
    emit('add', r1, second, c1);
  }

  /** result = (k − 1)·value for k > 2. */
  #timesLess(result: number, value: number): void {
    const emit = this.#assembler.emit.bind(this.#assembler);
    let current = value;
    for (const bit of (this.#nonresidue - 1).toString(2).slice(1)) {
      emit('add', result, current, current);
      if (bit === '1') emit('add', result, result, value);
      current = result;
    }
  }

  add6(result: Registers6, left: Registers6, right: Registers6): void {
    for (const [i, register] of result.entries())
      this.fq2.add(register, left[i] as Registers, right[i] as Registers);
  }

  subtract6(result: Registers6, left: Registers6, right: Registers6): void {
    for (const [i, register] of result.entries()) {
      this.fq2.subtract(register, left[i] as Registers, right[i] as Registers);
    }
  }

  /** value += v·addend. */
  addTimesV(value: Registers6, addend: Registers6): void {
    const [, turned] = this.#sums;
    this.timesXi(turned, addend[2]);
    this.fq2.add(value[0], value[0], turned);
    this.fq2.add(value[1], value[1], addend[0]);
    this.fq2.add(value[2], value[2], addend[1]);
  }

  /** value −= v·subtrahend. */
  subtractTimesV(value: Registers6, subtrahend: Registers6): void {
    const [, turned] = this.#sums;
    this.timesXi(turned, subtrahend[2]);
    this.fq2.subtract(value[0], value[0], turned);
    this.fq2.subtract(value[1], value[1], subtrahend[0]);
    this.fq2.subtract(value[2], value[2], subtrahend[1]);
  }

  /** result = a·b in Fq6: six products in Fq2 (Devegili et al., "Multiplication and squaring on pairing-friendly fields", 2006). */
  multiply6(result: Registers6, a: Registers6, b: Registers6): void {
    const [t0, t1, t2, u01, u02, u12] = this.#products as [
      Registers,
      Registers,
      Registers,
      Registers,
      Registers,
      Registers,
    ];
    const { fq2 } = this;
    fq2.multiply(t0, a[0], b[0]);
    fq2.multiply(t1, a[1], b[1]);
    fq2.multiply(t2, a[2], b[2]);
    this.#cross(u01, a, b, 0, 1);
    this.#cross(u02, a, b, 0, 2);
    this.#cross(u12, a, b, 1, 2);
    // c0 = t0 + ξ(u12 − t1 − t2), c1 = u01 − t0 − t1 + ξ·t2, c2 = u02 − t0 − t2 + t1.
    fq2.subtract(u12, u12, t1);
    fq2.subtract(u12, u12, t2);
    this.timesXi(u12, u12);
    fq2.add(result[0], u12, t0);
    fq2.subtract(u02, u02, t0);
    fq2.subtract(u02, u02, t2);
    fq2.add(result[2], u02, t1);
    fq2.subtract(u01, u01, t0);
    fq2.subtract(u01, u01, t1);
    this.timesXi(t2, t2);
    fq2.add(result[1], u01, t2);
  }

  /** result = (a_i + a_j)(b_i + b_j). */
  #cross(result: Registers, a: Registers6, b: Registers6, i: 0 | 1, j: 1 | 2): void {
    const [left, right] = this.#sums;
    this.fq2.add(left, a[i], a[j]);
    this.fq2.add(right, b[i], b[j]);
    this.fq2.multiply(result, left, right);
  }

  /** result = a·(b0 + b1·v): five products in Fq2. */
  multiplyBy01(result: Registers6, a: Registers6, b0: Registers, b1: Registers): void {
    const [t0, t1, u01, u02, u12] = this.#products as [Registers, Registers, Registers, Registers, Registers];
    const [left, right] = this.#sums;
    const { fq2 } = this;
    fq2.multiply(t0, a[0], b0);
    fq2.multiply(t1, a[1], b1);
    fq2.add(left, a[0], a[1]);
    fq2.add(right, b0, b1);
    fq2.multiply(u01, left, right);
    fq2.add(left, a[0], a[2]);
    fq2.multiply(u02, left, b0);
    fq2.add(left, a[1], a[2]);
    fq2.multiply(u12, left, b1);
    fq2.subtract(u12, u12, t1);
    this.timesXi(u12, u12);
    fq2.add(result[0], u12, t0);
    fq2.subtract(u01, u01, t0);
    fq2.subtract(result[1], u01, t1);
    fq2.subtract(u02, u02, t0);
    fq2.add(result[2], u02, t1);
  }

  /** result = a·b0: three products in Fq2. */
  multiplyBy0(result: Registers6, a: Registers6, b0: Registers): void {
    for (const [i, register] of result.entries()) this.fq2.multiply(register, a[i] as Registers, b0);
  }

  /** result = a·b1·v: three products in Fq2. */
  multiplyBy1(result: Registers6, a: Registers6, b1: Registers): void {
    const [last] = this.#products as [Registers];
    this.fq2.multiply(last, a[2], b1);
    this.fq2.multiply(result[2], a[1], b1);
    this.fq2.multiply(result[1], a[0], b1);
    this.timesXi(result[0], last);
  }
}
