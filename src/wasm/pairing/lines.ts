/**
 * Lines of the Miller loop of pairs of G2 points, one point a lane. A line, divided by its coefficient at w⁰ and by y_P, is
 * 1 + α·x'·w^i + β·y'·w³ with (x', y') = (x_P/y_P, 1/y_P) up to a constant; i is `linePower` of {@link pairingParameters}. The
 * factors divided off lie in Fp4 and vanish in the final exponentiation. A normalised line costs about 15 products more to make
 * and saves 12 at each of its uses: worth it for prepared points and for points that stand in several products, and no loss
 * otherwise, so there is one form of lines.
 */

import type { Fp2 } from '../../curve/curve.ts';
import { type FunctionBuilder, type I32, i32, type Local, Ptr } from '../emit/index.ts';
import type { UnaryFunction } from '../field/field-functions.ts';
import { forDigits } from '../tower/cyclotomic.ts';
import {
  eachFp2,
  fp2BatchInvert,
  fp2Dot,
  fp2Mul,
  fp2MulFp,
  fp2Sqr,
  fp2Turn,
  turnedBytes,
  zeroLanes,
} from '../tower/fp2-functions.ts';
import type { Element2 } from '../tower/fp2-ops.ts';
import { frobeniusCoefficients } from '../tower/frobenius.ts';
import type { Kernel, Tower } from '../tower/tower.ts';
import { PairingLayout } from './pairing-layout.ts';
import { millerSteps, type PointStep, pairingParameters } from './parameters.ts';

/** Points that T is added to, in the order in which they lie in the frame. */
export const ADDENDS: readonly PointStep[] = ['addQ', 'subtractQ', 'addPsi', 'subtractPsi2'];
const DOUBLE = 255;

/**
 * (lines, q0, q1, scratch): the lines of the affine G2 points at q0 and q1 (singles x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1). The address 0
 * and the point (0, 0) stand for infinity, whose lines are 1 (α = β = 0). Points must be of order r; for others the lines of
 * that lane may be 1. T is kept in homogeneous projective coordinates (Costello–Lange–Naehrig, PKC 2010), and one inversion
 * normalises all lines.
 */
export function prepareLines(tower: Tower): Kernel<4> {
  return tower.define('prepareLines', ['i32', 'i32', 'i32', 'i32'], (f, lines, q0, q1, scratch) => {
    f.aim = 'size';
    const ops = tower.ops(f);
    const steps = millerSteps(tower.curve);
    const { lineBytes } = new PairingLayout(tower.form, tower.curve);
    const addends = f.frame(2 * ADDENDS.length * tower.fp2Bytes);
    loadG2(tower, f, addends, q0, q1);
    const infinite = replaceInfinity(tower, f, addends);
    otherAddends(tower, f, addends);
    const point = f.frame(3 * tower.fp2Bytes);
    f.scope(() => {
      ops.copy(point, addends);
      ops.copy(point.plus(tower.fp2Bytes), addends.plus(tower.fp2Bytes));
      ops.store(point.plus(2 * tower.fp2Bytes), ops.one());
    });

    const line = f.let(lines);
    const leading = f.let(scratch);
    const codes = steps.map(({ point }) => (point === 'double' ? DOUBLE : ADDENDS.indexOf(point)));
    forDigits(f, codes, (code) => {
      f.if(
        i32.eq(code, i32.const(DOUBLE)),
        () => f.run(doublingLine(tower), line, leading, point.address),
        () => {
          const addend = i32.add(addends.address, i32.mul(code, i32.const(2 * tower.fp2Bytes)));
          f.run(additionLine(tower), line, leading, point.address, addend);
        },
      );
      f.set(line, i32.add(line, i32.const(lineBytes)));
      f.set(leading, i32.add(leading, i32.const(tower.fp2Bytes)));
    });

    const prefixes = leading;
    const count = i32.const(steps.length);
    f.run(fp2BatchInvert(tower), scratch, count, prefixes, infinite);
    f.set(line, lines);
    f.repeat(f.let(count), () => {
      f.run(normaliseLine(tower), line, scratch);
      f.set(line, i32.add(line, i32.const(lineBytes)));
      f.set(scratch, i32.add(scratch, i32.const(tower.fp2Bytes)));
    });
  });
}

/** Emits loads of two affine points to `to` as pairs, x and y. The address 0 is read as (0, 0). */
export function loadG2(tower: Tower, f: FunctionBuilder, to: Ptr, q0: Local<'i32'>, q1: Local<'i32'>): void {
  const ops = tower.ops(f);
  const [at0, at1] = [orZeros(tower, f, q0), orZeros(tower, f, q1)];
  for (const i of [0, 1]) {
    f.scope(() => {
      const [c0, c1] = [new Ptr(at0, i * ops.singleBytes), new Ptr(at1, i * ops.singleBytes)];
      ops.store(to.plus(i * tower.fp2Bytes), ops.loadSingles(c0, c1));
    });
  }
}

/**
 * Emits the generator in place of infinity, which keeps every denominator from 0. Returns the lanes of infinity, as bits.
 */
function replaceInfinity(tower: Tower, f: FunctionBuilder, q: Ptr): I32 {
  const ops = tower.ops(f);
  const bits = f.local('i32');
  const { x, y } = tower.curve.g2.BASE.toAffine();
  f.set(bits, zeroLanes(ops, q, 2));
  f.scope(() => {
    const infinite = ops.fp.maskFromBits(bits);
    const generator = tower.constants(f, [x.c0, x.c1, y.c0, y.c1]);
    eachFp2(ops, 2, q, [generator, q], (g, c) => ops.select(infinite, g, c));
  });
  return bits;
}

/** `at`, or the address of a point at infinity where it is 0. */
export function orZeros(tower: Tower, f: FunctionBuilder, at: Local<'i32'>): Local<'i32'> {
  const zeros = f.constantAddress(new Uint8Array(4 * tower.form.singleBytes));
  const result = f.let(at);
  f.if(i32.eqz(at), () => f.set(result, zeros.address));
  return result;
}

/** Emits −Q and, where the loop needs them, ψ(Q) and −ψ²(Q), after Q. ψ is the Frobenius map on the twist. */
export function otherAddends(tower: Tower, f: FunctionBuilder, q: Ptr): void {
  const ops = tower.ops(f);
  const bytes = tower.fp2Bytes;
  const at = (i: number): Ptr => q.plus(i * bytes);
  f.scope(() => {
    ops.copy(at(2), at(0));
    ops.store(at(3), ops.neg(ops.load(at(1))));
  });
  if (!pairingParameters(tower.curve).frobeniusLines) return;
  // On a D-twist ψ(x, y) = (γ₂·x̄, γ₃·ȳ) with γ_k = ξ^(k(p − 1)/6); twice applied, x is multiplied by a γ in Fp and y by −1.
  const [once, twice] = [frobeniusCoefficients(tower, 1), frobeniusCoefficients(tower, 2)];
  f.scope(() => {
    ops.store(at(4), ops.conjugate(ops.load(at(0))));
    ops.store(at(5), ops.conjugate(ops.load(at(1))));
    // −ψ²(Q): the two signs of y cancel.
    ops.copy(at(7), at(1));
  });
  f.run(fp2MulFp(tower), at(6).address, at(0).address, tower.constant(f, twice[2] as Fp2).address);
  f.run(fp2Mul(tower), at(4).address, at(4).address, tower.constant(f, once[2] as Fp2).address);
  f.run(fp2Mul(tower), at(5).address, at(5).address, tower.constant(f, once[3] as Fp2).address);
}

/** Coordinates of T and the temporaries of a step. */
class Step {
  readonly #tower: Tower;
  readonly #f: FunctionBuilder;

  constructor(tower: Tower, f: FunctionBuilder) {
    this.#tower = tower;
    this.#f = f;
  }

  temporary(): Ptr {
    return this.#f.frame(this.#tower.fp2Bytes);
  }

  coordinates(point: I32): [Ptr, Ptr, Ptr] {
    const bytes = this.#tower.fp2Bytes;
    return [new Ptr(point), new Ptr(point, bytes), new Ptr(point, 2 * bytes)];
  }

  mul(o: Ptr, a: Ptr, b: Ptr): void {
    this.#f.run(fp2Mul(this.#tower), o.address, a.address, b.address);
  }

  sqr(o: Ptr, a: Ptr): void {
    this.#f.run(fp2Sqr(this.#tower), o.address, a.address);
  }

  /** o = a·b + c·d; o may be a factor. */
  dot(o: Ptr, a: Ptr, b: Ptr, c: Ptr, d: Ptr): void {
    const [tower, f] = [this.#tower, this.#f];
    const [tb, td] = [f.frame(turnedBytes(tower)).address, f.frame(turnedBytes(tower)).address];
    const result = this.temporary();
    f.run(fp2Turn(tower), tb, b.address);
    f.run(fp2Turn(tower), td, d.address);
    f.run(fp2Dot(tower, 2), result.address, a.address, tb, c.address, td);
    tower.ops(f).copy(o, result);
  }

  linear(o: Ptr, inputs: readonly Ptr[], body: (...inputs: Element2[]) => Element2): void {
    eachFp2(this.#tower.ops(this.#f), 1, o, inputs, body);
  }
}

/**
 * (line, leading, T): T = 2T; the tangent's coefficients, 3X² and 3b'Z² − Y² to `line` and −2YZ to `leading`. Three squarings
 * and seven products in Fp2 (six where multiplying by b' is cheap).
 */
function doublingLine(tower: Tower) {
  return tower.define('doublingLine', ['i32', 'i32', 'i32'], (f, line, leading, point) => {
    const ops = tower.ops(f);
    const s = new Step(tower, f);
    const [x, y, z] = s.coordinates(point);
    const [a, e, h, xy, square] = [0, 1, 2, 3, 4].map(() => s.temporary()) as [Ptr, Ptr, Ptr, Ptr, Ptr];
    const [alpha, beta] = [new Ptr(line), new Ptr(line, tower.fp2Bytes)];
    s.sqr(a, y);
    s.sqr(e, z);
    s.mul(h, y, z);
    s.mul(xy, x, y);
    timesThreeB(tower, f, s, e);
    s.sqr(square, x);
    s.linear(alpha, [square], (q) => ops.triple(q));
    s.linear(beta, [e, a], (p, q) => ops.sub(p, q));
    s.linear(h, [h], (p) => ops.double(p));
    s.linear(new Ptr(leading), [h], (p) => ops.neg(p));
    // With A = Y², E = 3b'Z², H = 2YZ: X' = 2(A − 3E)·XY, Y' = (A + 3E)² − 12E², Z' = 4A·H.
    s.linear(z, [a], (p) => ops.double(ops.double(p)));
    s.mul(z, z, h);
    s.linear(x, [a, e], (p, q) => ops.double(ops.sub(p, ops.triple(q))));
    s.mul(x, x, xy);
    s.linear(y, [a, e], (p, q) => ops.add(p, ops.triple(q)));
    s.linear(square, [e], (p) => ops.triple(p));
    s.linear(h, [e], (p) => ops.neg(ops.double(ops.double(p))));
    s.dot(y, y, y, square, h);
  });
}

/** Emits e = 3b'·e for the coefficient b' of the twist. */
function timesThreeB(tower: Tower, f: FunctionBuilder, s: Step, e: Ptr): void {
  const { Fp2 } = tower.curve.fields;
  const b = tower.curve.g2.CURVE().b;
  if (b.c0 === b.c1 && b.c0 < 8n) {
    // b' = k(1 + u).
    const ops = tower.ops(f);
    const times = Number(b.c0);
    s.linear(e, [e], (z) => {
      const turned = ops.triple(ops.mulBySmallPlusU(z, 1));
      let sum = turned;
      for (let i = 1; i < times; i++) sum = ops.add(sum, turned);
      return sum;
    });
    return;
  }
  s.mul(e, e, tower.constant(f, Fp2.mul(b, 3n)));
}

/**
 * (line, leading, T, Q): T = T + Q for affine Q; the line's coefficients as in {@link doublingLine}: −θ and θ·x_Q − λ·y_Q to `line`, λ
 * to `leading`, with θ = Y − y_Q·Z and λ = X − x_Q·Z. Two squarings and eleven products in Fp2.
 */
function additionLine(tower: Tower) {
  return tower.define('additionLine', ['i32', 'i32', 'i32', 'i32'], (f, line, leading, point, q) => {
    f.aim = 'size';
    const ops = tower.ops(f);
    const s = new Step(tower, f);
    const [x, y, z] = s.coordinates(point);
    const [qx, qy] = [new Ptr(q), new Ptr(q, tower.fp2Bytes)];
    const [alpha, beta, lambda] = [new Ptr(line), new Ptr(line, tower.fp2Bytes), new Ptr(leading)];
    const [theta, square, cube, xs, t] = [0, 1, 2, 3, 4].map(() => s.temporary()) as [
      Ptr,
      Ptr,
      Ptr,
      Ptr,
      Ptr,
    ];
    s.mul(t, qy, z);
    s.linear(theta, [y, t], (a, b) => ops.sub(a, b));
    s.mul(t, qx, z);
    s.linear(lambda, [x, t], (a, b) => ops.sub(a, b));
    s.linear(alpha, [theta], (a) => ops.neg(a));
    s.linear(t, [qy], (a) => ops.neg(a));
    s.dot(beta, theta, qx, lambda, t);
    s.sqr(square, lambda);
    s.mul(cube, square, lambda);
    s.mul(xs, square, x);
    s.sqr(t, theta);
    s.mul(t, t, z);
    // t = λ³ − 2λ²X + θ²Z; X' = λ·t, Y' = (λ²X − t)·θ − λ³·Y, Z' = λ³·Z.
    s.linear(t, [t, cube, xs], (a, b, c) => ops.sub(ops.add(a, b), ops.double(c)));
    s.mul(x, lambda, t);
    s.linear(xs, [xs, t], (a, b) => ops.sub(a, b));
    s.mul(z, cube, z);
    s.linear(cube, [cube], (a) => ops.neg(a));
    s.dot(y, xs, theta, cube, y);
  });
}

/** (line, inverse): both coefficients times `inverse`, and on the M-twist times 1 − u = 2/ξ besides. */
function normaliseLine(tower: Tower): UnaryFunction {
  return tower.define('normaliseLine', ['i32', 'i32'], (f, line, inverse) => {
    f.aim = 'size';
    const ops = tower.ops(f);
    const s = new Step(tower, f);
    const factor = s.temporary();
    const mTwist = pairingParameters(tower.curve).linePower === 5;
    s.linear(factor, [new Ptr(inverse)], (z) =>
      mTwist ? { c0: ops.fp.add(z.c0, z.c1), c1: ops.fp.sub(z.c1, z.c0) } : z,
    );
    const [alpha, beta] = [new Ptr(line), new Ptr(line, tower.fp2Bytes)];
    s.mul(alpha, alpha, factor);
    s.mul(beta, beta, factor);
  });
}
