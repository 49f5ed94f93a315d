/** Functions on pairs of Fp2 in memory: the units that the tower is composed of by calls, which keeps its code small. */

import { type Address, type FunctionRef, type I32, i32, type Local, Ptr, toPtr } from '../emit/index.ts';
import type { FieldForm } from '../field/field-form.ts';
import type { BinaryFunction, UnaryFunction } from '../field/field-functions.ts';
import type { Term } from '../field/field-ops.ts';
import type { Element2, Fp2Ops } from './fp2-ops.ts';
import type { QuadraticExtension } from './quadratic.ts';
import type { Kernel, Tower } from './tower.ts';

/** Whether products are short enough code to have several in one function, which reads factors once: five limbs of doubles. */
export function hasShortProducts({ form }: { readonly form: FieldForm }): boolean {
  return form.name === 'fma' && form.limbCount === 5;
}

/** A function of several addresses. */
export type AddressFunction = FunctionRef<readonly 'i32'[], 'void'>;

/** (o, a, b): o = a·b. */
export function fp2Mul(tower: QuadraticExtension): BinaryFunction {
  return tower.define('fp2Mul', ['i32', 'i32', 'i32'], (f, o, a, b) => {
    const ops = tower.ops(f);
    ops.store(o, ops.mul(ops.load(a), ops.load(b)));
  });
}

/** (o, a): o = a². */
export function fp2Sqr(tower: QuadraticExtension): UnaryFunction {
  const { fp, fpBytes } = tower;
  if (hasShortProducts(tower)) return unary(tower, 'fp2Sqr', (ops, a) => ops.sqr(a));
  return tower.define('fp2Sqr', ['i32', 'i32'], (f, o, a) => {
    const ops = tower.form.ops(f);
    const [sum, difference, twice] = [f.frame(fpBytes), f.frame(fpBytes), f.frame(fpBytes)];
    const second = (at: I32): I32 => new Ptr(at, fpBytes).address;
    f.scope(() => {
      const [c0, c1] = [ops.load(a), ops.load(second(a))];
      ops.store(sum, ops.add(c0, c1), fp.factorRange);
      ops.store(difference, ops.sub(c0, c1), fp.factorRange);
      ops.store(twice, ops.double(c0), fp.factorRange);
    });
    f.run(fp.mul, second(o), twice.address, second(a));
    f.run(fp.mul, o, sum.address, difference.address);
  });
}

/** (o, a): o = ξ·a. */
export function fp2MulXi(tower: Tower): UnaryFunction {
  return unary(tower, 'fp2MulXi', (ops, a) => ops.mulBySmallPlusU(a, tower.nonresidue));
}

/** (o, a, s): o = a·s for s in Fp. */
export function fp2MulFp(tower: QuadraticExtension): BinaryFunction {
  return tower.define('fp2MulFp', ['i32', 'i32', 'i32'], (f, o, a, s) => {
    if (hasShortProducts(tower)) {
      const ops = tower.ops(f);
      ops.store(o, ops.mulByFp(ops.load(a), ops.fp.load(s)));
      return;
    }
    const second = (at: I32): I32 => new Ptr(at, tower.fpBytes).address;
    f.run(tower.fp.mul, o, a, s);
    f.run(tower.fp.mul, second(o), second(a), s);
  });
}

/** (o, a): the norm c0² + c1² in Fp. */
export function fp2Norm(tower: QuadraticExtension): UnaryFunction {
  return tower.define('fp2Norm', ['i32', 'i32'], (f, o, a) => {
    const ops = tower.ops(f);
    const { c0, c1 } = ops.load(a);
    ops.fp.store(
      o,
      ops.fp.sumOfProducts([
        [c0, c0],
        [c1, c1],
      ]),
    );
  });
}

/** (o, a): o = 1/a, or 0 for 0, by one inversion in Fp: 1/(c0 + c1·u) = (c0 − c1·u)/(c0² + c1²). */
export function fp2Invert(tower: QuadraticExtension): UnaryFunction {
  return tower.define('fp2Invert', ['i32', 'i32'], (f, o, a) => {
    f.aim = 'size';
    const ops = tower.ops(f);
    const norm = f.frame(tower.fpBytes);
    f.run(fp2Norm(tower), norm.address, a);
    f.run(tower.fp.invert, norm.address, norm.address);
    ops.store(o, ops.conjugate(ops.load(a)));
    f.run(fp2MulFp(tower), o, o, norm.address);
  });
}

/*
 * Turned operands. A sum of products in Fp2 takes two sums in Fp, of a.c0·b.c0 − a.c1·b.c1 and of a.c0·b.c1 + a.c1·b.c0. With b laid
 * out as c1 ‖ c0 ‖ −c1, both are sums of a.c0·t0 + a.c1·t1 for two coefficients t0 ‖ t1 in a row, so that one function computes
 * either: half the code, which has to fit the instruction cache.
 */

/** Bytes of an element of Fp2 as a turned operand. */
export function turnedBytes(tower: QuadraticExtension): number {
  return 3 * tower.fpBytes;
}

/** Emits the turned form of `a` at `o`. */
export function storeTurned(ops: Fp2Ops, o: Address, a: Element2): void {
  const { fp } = ops;
  const at = toPtr(o);
  const fpBytes = ops.pairBytes / 2;
  const c1 = fp.fit(a.c1, fp.form.stored);
  fp.store(at, c1);
  fp.store(at.plus(fpBytes), a.c0);
  fp.store(at.plus(2 * fpBytes), fp.neg(c1));
}

/** (o, a): o = a as a turned operand, o apart from a. */
export function fp2Turn(tower: QuadraticExtension): UnaryFunction {
  return tower.define('fp2Turn', ['i32', 'i32'], (f, o, a) => {
    const ops = tower.ops(f);
    storeTurned(ops, o, ops.load(a));
  });
}

/** (o, a): o = ξ·a as a turned operand, o apart from a. */
export function fp2TurnXi(tower: Tower): UnaryFunction {
  return tower.define('fp2TurnXi', ['i32', 'i32'], (f, o, a) => {
    const ops = tower.ops(f);
    storeTurned(ops, o, ops.reduce(ops.mulBySmallPlusU(ops.load(a), tower.nonresidue)));
  });
}

/**
 * (o, a0, t0, a1, t1, …): o = Σ aᵢ·bᵢ for `count` products with turned bᵢ: 4·count products and two reductions in Fp. With `plus`,
 * o = c + Σ aᵢ·bᵢ for a further address c after o. No factor may overlap o; c may be o.
 */
export function fp2Dot(tower: QuadraticExtension, count: number, plus = false): AddressFunction {
  const first = plus ? 2 : 1;
  const params = new Array<'i32'>(first + 2 * count).fill('i32');
  const halves = ([0, 1] as const).map(
    (part) =>
      (locals: readonly Local<'i32'>[]): I32[] =>
        locals.map((at, i) => {
          // The imaginary part reads c1 ‖ c0 at the start of a turned factor, the real one c0 ‖ −c1 behind it.
          if (i < first) return new Ptr(at, part * tower.fpBytes).address;
          return (i - first) % 2 === 0 ? at : new Ptr(at, (1 - part) * tower.fpBytes).address;
        }),
  );
  const half = hasShortProducts(tower) ? undefined : fpDot(tower, count, plus);
  return tower.define(`fp2Dot${count}${plus ? 'Plus' : ''}`, params, (f, ...locals) => {
    if (half) {
      for (const addresses of halves) f.run(half, ...addresses(locals));
      return;
    }
    const ops = tower.ops(f);
    const at = (i: number): Address => locals[i] as I32;
    const sum = ops.sumOfProducts(
      Array.from({ length: count }, (_, i) => [
        ops.load(at(first + 2 * i)),
        loadTurned(ops, at(first + 2 * i + 1)),
      ]),
    );
    ops.store(at(0), plus ? ops.add(ops.load(at(1)), sum) : sum);
  });
}

function loadTurned(ops: Fp2Ops, at: Address): Element2 {
  return { c1: ops.fp.load(at), c0: ops.fp.load(toPtr(at, ops.pairBytes / 2)) };
}

/** (o, [c,] a0, t0, …): one coefficient of {@link fp2Dot}. */
function fpDot(tower: QuadraticExtension, count: number, plus: boolean): AddressFunction {
  const first = plus ? 2 : 1;
  const params = new Array<'i32'>(first + 2 * count).fill('i32');
  return tower.define(`fpDot${count}${plus ? 'Plus' : ''}`, params, (f, ...locals) => {
    const fp = tower.form.ops(f);
    const terms = Array.from({ length: 2 * count }, (_, i): Term => {
      const at = (factor: number): Ptr =>
        new Ptr(locals[first + 2 * (i >> 1) + factor] as I32, (i % 2) * tower.fpBytes);
      return [fp.load(at(0)), fp.load(at(1))];
    });
    const sum = fp.sumOfProducts(terms);
    fp.store(locals[0] as I32, plus ? fp.add(fp.load(locals[1] as I32), sum) : sum);
  });
}

/** Emits `body` on each of `count` coefficients of Fp2 that follow one another: a loop, for code size, unless there is but one. */
export function eachFp2(
  ops: Fp2Ops,
  count: number,
  o: Address,
  inputs: readonly Address[],
  body: (...inputs: Element2[]) => Element2,
): void {
  eachPlace(ops, count, [o, ...inputs], (to, ...from) => {
    ops.store(to as Address, body(...from.map((at) => ops.load(at))));
  });
}

/** Emits `body` at each of `count` places that are an element of Fp2 apart, counted from each of `starts` in step. */
export function eachPlace(
  ops: Fp2Ops,
  count: number,
  starts: readonly Address[],
  body: (...places: Address[]) => void,
): void {
  const { f } = ops;
  f.scope(() => {
    if (count === 1) return body(...starts);
    const places = starts.map((start) => f.let(toPtr(start).address));
    f.repeat(f.let(i32.const(count)), () => {
      f.scope(() => body(...places));
      for (const at of places) f.set(at, i32.add(at, i32.const(ops.pairBytes)));
    });
  });
}

function unary(
  tower: QuadraticExtension,
  name: string,
  body: (ops: Fp2Ops, a: Element2) => Element2,
): UnaryFunction {
  return tower.define(name, ['i32', 'i32'], (f, o, a) => {
    const ops = tower.ops(f);
    ops.store(o, body(ops, ops.load(a)));
  });
}

/**
 * (data, count, prefixes, zeroLanes): inverts `count` elements that follow one another with one inversion; 0 becomes 1, and all in
 * the lanes whose bits are set in `zeroLanes` become 0. `prefixes` has room for as many elements.
 */
export function fp2BatchInvert(tower: QuadraticExtension): Kernel<4> {
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return tower.define('fp2BatchInvert', params, (f, data, count, prefixes, zeroLanes) => {
    const mul = fp2Mul(tower);
    const ops = tower.ops(f);
    const running = f.frame(tower.fp2Bytes);
    const step = (local: Local<'i32'>, by: number): void => f.set(local, i32.add(local, i32.const(by)));
    f.scope(() => ops.store(running, ops.one()));
    f.repeat(f.let(count), () => {
      f.scope(() => {
        ops.copy(prefixes, running);
        const x = ops.load(data);
        ops.store(data, ops.select(ops.isZero(x), ops.one(), x));
      });
      f.run(mul, running.address, running.address, data);
      step(data, tower.fp2Bytes);
      step(prefixes, tower.fp2Bytes);
    });
    f.run(fp2Invert(tower), running.address, running.address);
    f.scope(() => {
      const mask = ops.fp.maskFromBits(zeroLanes);
      ops.store(running, ops.select(mask, ops.zero(), ops.load(running)));
    });
    const inverse = f.frame(tower.fp2Bytes);
    f.repeat(count, () => {
      step(data, -tower.fp2Bytes);
      step(prefixes, -tower.fp2Bytes);
      f.run(mul, inverse.address, running.address, prefixes);
      f.run(mul, running.address, running.address, data);
      f.scope(() => ops.copy(data, inverse));
    });
  });
}

/** Emits the lanes in which all of `count` elements from `at` on are 0, as bits in a local. */
export function zeroLanes(ops: Fp2Ops, at: Ptr, count: number): Local<'i32'> {
  const { f } = ops;
  const bits = f.let(i32.const(3));
  eachPlace(ops, count, [at], (place) => {
    f.set(bits, i32.and(bits, ops.fp.maskBits(ops.isZero(ops.load(place as Address)))));
  });
  return bits;
}
