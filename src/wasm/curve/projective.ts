/**
 * Points (X : Y : Z) with x = X/Z and y = Y/Z, infinity (0 : 1 : 0), under the complete formulas of Renes, Costello and Batina
 * (ePrint 2015/1060, algorithms 7 to 9 for a = 0). They hold for all inputs, equal, opposite or infinite, since no curve here
 * has a point with y = 0; so no code branches on what points meet. With sums of products for the last three coordinates an
 * addition costs 10.5 products, a mixed one 9.5, a doubling 7.5.
 */

import { mod } from '../../field/modular.ts';
import { type Address, type FunctionRef, type I32, Ptr, toPtr } from '../emit/index.ts';
import type { Mask } from '../field/field-form.ts';
import { type Group, type Kit, nameOfRun, type ProductStyle, type RunLength } from './kit.ts';

/** A pair of projective points in locals. */
export interface Projective<E> {
  readonly x: E;
  readonly y: E;
  readonly z: E;
}

/** A pair of affine points in locals; infinity is (0, 0). */
export interface Affine<E> {
  readonly x: E;
  readonly y: E;
}

/** Largest coefficient of 3b that is multiplied by additions. */
const SMALL_MULTIPLE = 64n;

/** 3b·a. */
function timesTripleB<E>(kit: Kit<E>, a: E): E {
  const { spec, coords } = kit.group;
  const p = spec.field.modulus;
  const [b0 = 0n, b1 = 0n] = spec.b.map((c) => mod(3n * c, p));
  if (b1 === 0n && b0 <= SMALL_MULTIPLE) return kit.times(a, Number(b0));
  if (b1 === 0n && p - b0 <= SMALL_MULTIPLE) return kit.ops.neg(kit.times(a, Number(p - b0)));
  if (b0 === b1 && b0 <= SMALL_MULTIPLE) {
    const [c0, c1] = coords.coefficients(kit.times(a, Number(b0)));
    if (c0 && c1) return coords.fromCoefficients([kit.fp.sub(c0, c1), kit.fp.add(c0, c1)]);
  }
  return kit.mulConstant(a, [b0, b1].slice(0, coords.degree));
}

/** Two products that do not depend on each other. */
function twoProducts<E>(kit: Kit<E>, first: readonly [E, E], second: readonly [E, E]): [E, E] {
  return kit.products([first, second]) as [E, E];
}

/** P + Q. */
function addProjective<E>(kit: Kit<E>, p: Projective<E>, q: Projective<E>): Projective<E> {
  const { ops } = kit;
  const [xx, yy] = twoProducts(kit, [p.x, q.x], [p.y, q.y]);
  const [zz, xySum] = twoProducts(kit, [p.z, q.z], [ops.add(p.x, p.y), ops.add(q.x, q.y)]);
  const [yzSum, xzSum] = twoProducts(
    kit,
    [ops.add(p.y, p.z), ops.add(q.y, q.z)],
    [ops.add(p.x, p.z), ops.add(q.x, q.z)],
  );
  const xy = ops.sub(xySum, ops.add(xx, yy));
  const yz = ops.sub(yzSum, ops.add(yy, zz));
  const xz = ops.sub(xzSum, ops.add(xx, zz));
  return finishAddition(kit, xx, yy, xy, yz, timesTripleB(kit, xz), timesTripleB(kit, zz));
}

/** P + Q for an affine Q that is not infinity. */
function addMixed<E>(kit: Kit<E>, p: Projective<E>, q: Affine<E>): Projective<E> {
  const { ops } = kit;
  const [xx, yy] = twoProducts(kit, [p.x, q.x], [p.y, q.y]);
  const xy = ops.sub(kit.mul(ops.add(q.x, q.y), ops.add(p.x, p.y)), ops.add(xx, yy));
  const [yz0, xz0] = twoProducts(kit, [q.y, p.z], [q.x, p.z]);
  const [yz, xz] = [ops.add(yz0, p.y), ops.add(xz0, p.x)];
  return finishAddition(kit, xx, yy, xy, yz, timesTripleB(kit, xz), timesTripleB(kit, p.z));
}

/** Both additions from their cross products on; `xz3` and `zz3` are multiplied by 3b already. */
function finishAddition<E>(kit: Kit<E>, xx: E, yy: E, xy: E, yz: E, xz3: E, zz3: E): Projective<E> {
  const { ops } = kit;
  const [x3, sum, difference] = [
    ops.reduce(ops.triple(xx)),
    ops.reduce(ops.add(yy, zz3)),
    ops.reduce(ops.sub(yy, zz3)),
  ];
  const narrow = ops.reduce(xz3);
  return {
    x: kit.sum([
      [xy, difference],
      [ops.neg(yz), narrow],
    ]),
    y: kit.sum([
      [narrow, x3],
      [difference, sum],
    ]),
    z: kit.sum([
      [sum, yz],
      [x3, xy],
    ]),
  };
}

/** 2P. */
function doubleProjective<E>(kit: Kit<E>, { x, y, z }: Projective<E>): Projective<E> {
  const { ops } = kit;
  const [yy, zz] = twoProducts(kit, [y, y], [z, z]);
  const yy8 = ops.reduce(kit.times(yy, 8));
  const zz3 = ops.reduce(timesTripleB(kit, zz));
  const difference = ops.reduce(ops.sub(yy, ops.triple(zz3)));
  const [xy, yz] = twoProducts(kit, [x, y], [y, z]);
  const [half, last] = twoProducts(kit, [difference, xy], [yz, yy8]);
  return {
    x: ops.double(half),
    y: kit.sum([
      [zz3, yy8],
      [difference, ops.add(yy, zz3)],
    ]),
    z: last,
  };
}

/** The endomorphism φ or a power of ψ on X, Y and Z. */
export function endomorphism<E>(kit: Kit<E>, index: number, p: Projective<E>): Projective<E> {
  const { spec } = kit.group;
  if (index === 0) return p;
  if (!spec.frobenius) return { x: kit.timesFp(p.x, spec.beta), y: p.y, z: p.z };
  const { x, y } = frobeniusFactors(kit, index);
  const maybe = (a: E): E => (index % 2 === 1 ? kit.conjugate(a) : a);
  return { x: x(maybe(p.x)), y: y(maybe(p.y)), z: maybe(p.z) };
}

/** Multiplications by the factors of ψ^index. */
function frobeniusFactors<E>(kit: Kit<E>, index: number): { x: (a: E) => E; y: (a: E) => E } {
  const { spec } = kit.group;
  const p = spec.field.modulus;
  const start = spec.frobenius;
  const times = ([a0 = 0n, a1 = 0n]: readonly bigint[], [b0 = 0n, b1 = 0n]: readonly bigint[]): bigint[] => [
    mod(a0 * b0 - a1 * b1, p),
    mod(a0 * b1 + a1 * b0, p),
  ];
  const conjugate = ([a0 = 0n, a1 = 0n]: readonly bigint[]): bigint[] => [a0, mod(-a1, p)];
  const iterated = (factor: readonly bigint[] = []): bigint[] => {
    let product = [...factor];
    for (let i = 1; i < index; i++) product = times(factor, conjugate(product));
    return product;
  };
  const multiplication =
    (factor: readonly bigint[]) =>
    (a: E): E => {
      const [c0 = 0n, c1 = 0n] = factor;
      if (c1 !== 0n) return kit.mulConstant(a, factor);
      if (c0 === 1n) return a;
      return c0 === p - 1n ? kit.ops.neg(a) : kit.timesFp(a, c0);
    };
  return { x: multiplication(iterated(start?.xFactor)), y: multiplication(iterated(start?.yFactor)) };
}

/** Infinity in both lanes. */
export function projectiveInfinity<E>({ ops }: Kit<E>): Projective<E> {
  return { x: ops.zero(), y: ops.one(), z: ops.zero() };
}

/** Where an affine point is infinity. */
export function isAffineInfinity<E>({ ops }: Kit<E>, p: Affine<E>): Mask {
  return ops.isZero(p.y);
}

/** The projective form of affine points, infinity among them. */
export function toProjective<E>(kit: Kit<E>, p: Affine<E>): Projective<E> {
  const { ops } = kit;
  const infinite = isAffineInfinity(kit, p);
  return { x: p.x, y: ops.select(infinite, ops.one(), p.y), z: ops.select(infinite, ops.zero(), ops.one()) };
}

export function selectProjective<E>(
  { ops }: Kit<E>,
  mask: Mask,
  whenTrue: Projective<E>,
  whenFalse: Projective<E>,
): Projective<E> {
  return {
    x: ops.select(mask, whenTrue.x, whenFalse.x),
    y: ops.select(mask, whenTrue.y, whenFalse.y),
    z: ops.select(mask, whenTrue.z, whenFalse.z),
  };
}

// ---- memory ----

export function loadProjective<E>(kit: Kit<E>, at: Address): Projective<E> {
  const { pairBytes } = kit.group.coords;
  const ptr = toPtr(at);
  return { x: kit.load(ptr), y: kit.load(ptr.plus(pairBytes)), z: kit.load(ptr.plus(2 * pairBytes)) };
}

export function storeProjective<E>({ ops, group }: Kit<E>, at: Address, p: Projective<E>): void {
  const { pairBytes } = group.coords;
  const ptr = toPtr(at);
  ops.store(ptr, p.x);
  ops.store(ptr.plus(pairBytes), p.y);
  ops.store(ptr.plus(2 * pairBytes), p.z);
}

/** Two packed affine points, one a lane. */
export function loadAffine<E>({ ops, group }: Kit<E>, at0: Address, at1: Address): Affine<E> {
  const { singleBytes } = group.coords;
  return {
    x: ops.loadSingles(at0, at1),
    y: ops.loadSingles(toPtr(at0).plus(singleBytes), toPtr(at1).plus(singleBytes)),
  };
}

export function storeAffine<E>({ ops, group }: Kit<E>, at0: Address, at1: Address, p: Affine<E>): void {
  const { singleBytes } = group.coords;
  ops.storeSingles(at0, at1, p.x);
  ops.storeSingles(toPtr(at0).plus(singleBytes), toPtr(at1).plus(singleBytes), p.y);
}

export type ProjectiveBinary = FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'>;

/** How the projective functions that scalar multiplication lives on multiply. */
function styleOf<E>({ coords }: Group<E>, run: RunLength): ProductStyle {
  return run === 'long' && coords.byteLength <= 32 ? 'inline' : 'called';
}

/** (o, a, b): o = a + b on pairs of projective points. */
export function addFunction<E>(group: Group<E>, run: RunLength = 'short'): ProjectiveBinary {
  return group.define(nameOfRun(group, 'add', run), ['i32', 'i32', 'i32'], 'void', (f, o, a, b) => {
    const kit = group.kit(f, styleOf(group, run));
    storeProjective(kit, o, addProjective(kit, loadProjective(kit, a), loadProjective(kit, b)));
  });
}

/** (o, a, at0, at1): o = a + b, where b is packed affine points, one a lane, that may be infinity. */
export function addMixedFunction<E>(
  group: Group<E>,
  run: RunLength = 'short',
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  return group.define(
    nameOfRun(group, 'addMixed', run),
    ['i32', 'i32', 'i32', 'i32'],
    'void',
    (f, o, a, at0, at1) => {
      const kit = group.kit(f, styleOf(group, run));
      const p = loadProjective(kit, a);
      const q = loadAffine(kit, at0, at1);
      storeProjective(kit, o, selectProjective(kit, isAffineInfinity(kit, q), p, addMixed(kit, p, q)));
    },
  );
}

/** (o, a): o = 2a. */
export function doubleFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  return group.define('double', ['i32', 'i32'], 'void', (f, o, a) => {
    const kit = group.kit(f, 'called');
    storeProjective(kit, o, doubleProjective(kit, loadProjective(kit, a)));
  });
}

/** (o, a, times): o = 2^times·a. */
export function doubleTimesFunction<E>(group: Group<E>): ProjectiveBinary {
  const double = doubleFunction(group);
  return group.define('doubleTimes', ['i32', 'i32', 'i32'], 'void', (f, o, a, times) => {
    copyProjective(group.kit(f), o, a);
    f.repeat(times, () => f.run(double, o, o));
  });
}

/** Copies a pair of projective points. */
export function copyProjective<E>({ ops, group }: Kit<E>, to: I32, from: I32): void {
  for (let i = 0; i < 3; i++) {
    ops.copy(new Ptr(to, i * group.coords.pairBytes), new Ptr(from, i * group.coords.pairBytes));
  }
}
