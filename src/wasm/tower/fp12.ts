/** Fp12 = Fp6[w]/(w² − v) on pairs in memory. */

import { type Address, type FunctionBuilder, type I32, i32, Ptr, toPtr } from '../emit/index.ts';
import type { BinaryFunction, UnaryFunction } from '../field/field-functions.ts';
import { eachFp2, eachPlace } from './fp2-functions.ts';
import type { Element2 } from './fp2-ops.ts';
import { addEach, copyEach, fp6Invert, fp6Mul, negate } from './fp6.ts';
import type { Kernel, ResultKernel, Tower } from './tower.ts';

/** (o, a, b): o = a·b. Karatsuba over Fp6: 108 products and 18 reductions in Fp. */
export function fp12Mul(tower: Tower): BinaryFunction {
  return tower.define('fp12Mul', ['i32', 'i32', 'i32'], (f, o, a, b) => {
    const mul = fp6Mul(tower);
    const high = (base: I32): I32 => new Ptr(base, tower.fp6Bytes).address;
    const [sumA, sumB, low, top, mixed] = [0, 1, 2, 3, 4].map(() => f.frame(tower.fp6Bytes)) as [
      Ptr,
      Ptr,
      Ptr,
      Ptr,
      Ptr,
    ];
    addEach(tower, f, sumA, a, new Ptr(a, tower.fp6Bytes), 3);
    addEach(tower, f, sumB, b, new Ptr(b, tower.fp6Bytes), 3);
    f.run(mul, low.address, a, b);
    f.run(mul, top.address, high(a), high(b));
    f.run(mul, mixed.address, sumA.address, sumB.address);
    // c0 = low + v·top with v·(t0, t1, t2) = (ξ·t2, t0, t1); c1 = mixed − low − top.
    const ops = tower.ops(f);
    eachTimesV(tower, f, o, [low], top, (l, rolled) => ops.add(l, rolled));
    eachFp2(ops, 3, new Ptr(o, tower.fp6Bytes), [mixed, low, top], (m, l, t) => ops.sub(ops.sub(m, l), t));
  });
}

/** Emits o_i = body(inputs_i, (v·x)_i) for the three coefficients: v·(x0, x1, x2) = (ξ·x2, x0, x1). */
export function eachTimesV(
  tower: Tower,
  f: FunctionBuilder,
  o: Address,
  inputs: readonly Address[],
  x: Address,
  body: (...operands: Element2[]) => Element2,
): void {
  const ops = tower.ops(f);
  const bytes = tower.fp2Bytes;
  eachFp2(ops, 1, o, [...inputs, toPtr(x, 2 * bytes)], (...operands) => {
    const top = operands.pop() as Element2;
    return body(...operands, ops.mulBySmallPlusU(top, tower.nonresidue));
  });
  const rest = inputs.map((input) => toPtr(input, bytes));
  eachFp2(ops, 2, toPtr(o, bytes), [...rest, x], body);
}

/** (o, a): o = 1/a, or 0 for 0: (c0 − c1·w)/(c0² − v·c1²), one inversion in Fp. */
export function fp12Invert(tower: Tower): UnaryFunction {
  return tower.define('fp12Invert', ['i32', 'i32'], (f, o, a) => {
    f.aim = 'size';
    const mul = fp6Mul(tower);
    const [norm, square, result] = [0, 1, 2].map(() => f.frame(tower.fp6Bytes)) as [Ptr, Ptr, Ptr];
    const [low, high] = [a, new Ptr(a, tower.fp6Bytes).address];
    const ops = tower.ops(f);
    f.run(mul, norm.address, low, low);
    f.run(mul, square.address, high, high);
    eachTimesV(tower, f, norm, [norm], square, (s, rolled) => ops.sub(s, rolled));
    f.run(fp6Invert(tower), square.address, norm.address);
    f.run(mul, result.address, low, square.address);
    f.run(mul, norm.address, high, square.address);
    copyEach(tower, f, o, result, 3);
    negate(tower, f, new Ptr(o, tower.fp6Bytes), norm, 3);
  });
}

/** (o, a): the conjugate c0 − c1·w = a^(p⁶), the inverse in the cyclotomic subgroup. */
export function fp12Conjugate(tower: Tower): UnaryFunction {
  return tower.define('fp12Conjugate', ['i32', 'i32'], (f, o, a) => {
    copyEach(tower, f, o, a, 3);
    negate(tower, f, new Ptr(o, tower.fp6Bytes), new Ptr(a, tower.fp6Bytes), 3);
  });
}

/** (o, a): a copy. */
export function fp12Copy(tower: Tower): UnaryFunction {
  return tower.define('fp12Copy', ['i32', 'i32'], (f, o, a) => copyEach(tower, f, o, a, 6));
}

/** (o): o = 1. */
export function fp12One(tower: Tower): Kernel<1> {
  return tower.define('fp12One', ['i32'], (f, o) => {
    const ops = tower.ops(f);
    eachFp2(ops, 1, o, [], () => ops.one());
    eachFp2(ops, 5, new Ptr(o, tower.fp2Bytes), [], () => ops.zero());
  });
}

/** (o, a): o with the lanes of a exchanged. */
export function fp12SwapLanes(tower: Tower): UnaryFunction {
  return tower.define('fp12SwapLanes', ['i32', 'i32'], (f, o, a) => {
    const ops = tower.ops(f);
    eachFp2(ops, 6, o, [a], (x) => ops.swapLanes(x));
  });
}

/** (a, b): lanes in which a = b, bit 0 for lane 0 and bit 1 for lane 1. */
export function fp12Equal(tower: Tower): ResultKernel<2> {
  return tower.module.once(`${tower.form.field.name}.fp12Equal`, ['i32', 'i32'], 'i32', (f, a, b) => {
    const ops = tower.ops(f);
    const bits = f.let(i32.const(3));
    eachPlace(ops, 6, [a, b], (x, y) => {
      const equal = ops.equal(ops.load(x as Address), ops.load(y as Address));
      f.set(bits, i32.and(bits, ops.fp.maskBits(equal)));
    });
    return bits;
  });
}
