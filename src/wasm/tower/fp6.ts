/** Fp6 = Fp2[v]/(v³ − ξ) on pairs in memory. */

import { type Address, type FunctionBuilder, type I32, Ptr } from '../emit/index.ts';
import type { BinaryFunction, UnaryFunction } from '../field/field-functions.ts';
import {
  eachFp2,
  eachPlace,
  fp2Dot,
  fp2Mul,
  fp2MulFp,
  fp2MulXi,
  fp2Norm,
  fp2Turn,
  fp2TurnXi,
  turnedBytes,
} from './fp2-functions.ts';
import type { Kernel, Tower } from './tower.ts';

/**
 * (o, a, b): o = a·b; o must not overlap a or b. Each coefficient is one sum of three products in Fp2: 36 products and
 * 6 reductions in Fp. Karatsuba's method takes 24 and 12 and more additions; a reduction costs more than two products here.
 */
export function fp6Mul(tower: Tower): BinaryFunction {
  return tower.define('fp6Mul', ['i32', 'i32', 'i32'], (f, o, a, b) => {
    const dot = fp2Dot(tower, 3);
    const c = (base: I32, i: number): I32 => new Ptr(base, i * tower.fp2Bytes).address;
    const [b0, b1, b2, xb1, xb2] = [0, 1, 2, 3, 4].map(() => f.frame(turnedBytes(tower)).address) as [
      I32,
      I32,
      I32,
      I32,
      I32,
    ];
    f.run(fp2Turn(tower), b0, c(b, 0));
    f.run(fp2Turn(tower), b1, c(b, 1));
    f.run(fp2Turn(tower), b2, c(b, 2));
    f.run(fp2TurnXi(tower), xb1, c(b, 1));
    f.run(fp2TurnXi(tower), xb2, c(b, 2));
    f.run(dot, c(o, 0), c(a, 0), b0, c(a, 1), xb2, c(a, 2), xb1);
    f.run(dot, c(o, 1), c(a, 0), b1, c(a, 1), b0, c(a, 2), xb2);
    f.run(dot, c(o, 2), c(a, 0), b2, c(a, 1), b1, c(a, 2), b0);
  });
}

/** (o, a): o = 1/a, or 0 for 0; o must not overlap a. One inversion in Fp. */
export function fp6Invert(tower: Tower): UnaryFunction {
  return tower.define('fp6Invert', ['i32', 'i32'], (f, o, a) => {
    const [norm2, norm1] = [f.frame(tower.fp2Bytes).address, f.frame(tower.fpBytes).address];
    f.run(fp6InvertStart(tower), o, norm2, norm1, a);
    f.run(tower.fp.invert, norm1, norm1);
    f.run(fp6InvertFinish(tower), o, norm2, norm1);
  });
}

/**
 * (o, norm2, norm1, a): the part of an inversion before that in Fp: the adjugate of a in Fp6, its norm to Fp2, and the norm of that
 * to Fp. o must not overlap a.
 */
export function fp6InvertStart(tower: Tower): Kernel<4> {
  return tower.define('fp6InvertStart', ['i32', 'i32', 'i32', 'i32'], (f, o, norm2, norm1, a) => {
    f.aim = 'size';
    const [dot2, dot3] = [fp2Dot(tower, 2), fp2Dot(tower, 3)];
    const c = (base: I32, i: number): I32 => new Ptr(base, i * tower.fp2Bytes).address;
    const [minus1, x2] = [f.frame(tower.fp2Bytes).address, f.frame(tower.fp2Bytes).address];
    const [t0, t1, t2, xt1, xt2] = [0, 1, 2, 3, 4].map(() => f.frame(turnedBytes(tower)).address) as [
      I32,
      I32,
      I32,
      I32,
      I32,
    ];
    f.run(fp2Turn(tower), t0, c(a, 0));
    f.run(fp2Turn(tower), t1, c(a, 1));
    f.run(fp2Turn(tower), t2, c(a, 2));
    f.run(fp2MulXi(tower), x2, c(a, 2));
    negate(tower, f, minus1, c(a, 1), 1);
    // c0² − ξ·c1·c2, ξ·c2² − c0·c1, c1² − c0·c2; with these the norm is c0·o0 + ξ·(c2·o1 + c1·o2).
    f.run(fp2TurnXi(tower), xt2, c(a, 2));
    f.run(dot2, c(o, 0), c(a, 0), t0, minus1, xt2);
    f.run(dot2, c(o, 1), x2, t2, minus1, t0);
    negate(tower, f, x2, c(a, 2), 1);
    f.run(dot2, c(o, 2), c(a, 1), t1, x2, t0);
    f.run(fp2TurnXi(tower), xt1, c(a, 1));
    f.run(dot3, norm2, c(o, 0), t0, c(o, 1), xt2, c(o, 2), xt1);
    f.run(fp2Norm(tower), norm1, norm2);
  });
}

/** (o, norm2, inverse): the rest of an inversion, from what {@link fp6InvertStart} gave and the inverse of norm1. */
export function fp6InvertFinish(tower: Tower): BinaryFunction {
  return tower.define('fp6InvertFinish', ['i32', 'i32', 'i32'], (f, o, norm2, inverse) => {
    f.aim = 'size';
    const ops = tower.ops(f);
    const factor = f.frame(tower.fp2Bytes);
    eachFp2(ops, 1, factor, [norm2], (norm) => ops.conjugate(norm));
    f.run(fp2MulFp(tower), factor.address, factor.address, inverse);
    for (let i = 0; i < 3; i++) {
      const at = new Ptr(o, i * tower.fp2Bytes).address;
      f.run(fp2Mul(tower), at, at, factor.address);
    }
  });
}

/** Emits o = −a for `count` coefficients of Fp2. */
export function negate(tower: Tower, f: FunctionBuilder, o: Address, a: Address, count: number): void {
  const ops = tower.ops(f);
  eachFp2(ops, count, o, [a], (x) => ops.neg(x));
}

/** Emits o = a + b for `count` coefficients of Fp2. */
export function addEach(
  tower: Tower,
  f: FunctionBuilder,
  o: Address,
  a: Address,
  b: Address,
  count: number,
): void {
  const ops = tower.ops(f);
  eachFp2(ops, count, o, [a, b], (x, y) => ops.add(x, y));
}

/** Emits a copy of `count` coefficients of Fp2. */
export function copyEach(tower: Tower, f: FunctionBuilder, to: Address, from: Address, count: number): void {
  const ops = tower.ops(f);
  eachPlace(ops, count, [to, from], (o, a) => ops.copy(o as Address, a as Address));
}
