/** Tests of points: canonical coordinates, curve, subgroup. */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  i64,
  load,
  type Ptr,
  select,
  store,
  toPtr,
} from '../emit/index.ts';
import type { Mask } from '../field/field-form.ts';
import { readCoordinates } from './coordinate-bytes.ts';
import type { Group, Kit } from './kit.ts';
import { multiplyByDigitsFunction } from './multiples.ts';
import { forPairs, projectiveEqualFunction } from './point-vectors.ts';
import {
  type Affine,
  addFunction,
  copyProjective,
  doubleFunction,
  endomorphism,
  loadProjective,
  storeProjective,
} from './projective.ts';

/** What a check found, as the status byte of a point. */
export const POINT_STATUS = { good: 0, coordinateRange: 1, offCurve: 2, outsideSubgroup: 3 } as const;

/** Where y² = x³ + b. */
function isOnCurve<E>(kit: Kit<E>, { x, y }: Affine<E>): Mask {
  return kit.ops.equal(kit.sqr(y), curveRight(kit, x));
}

/** x³ + b. */
export function curveRight<E>(kit: Kit<E>, x: E): E {
  return kit.ops.reduce(kit.ops.add(kit.mul(kit.sqr(x), x), kit.constant(kit.group.spec.b)));
}

/** Little-endian bytes of an integer. */
function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** (a, b): whether the little-endian integer of a base-field element's length at a is below that at b. */
export function isBelowFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
  const { field } = group.spec;
  return group.module.once(`${field.name}.isBelow`, ['i32', 'i32'], 'i32', (f, a, b) => {
    for (let i = field.byteLength - 8; i >= 0; i -= 8) {
      f.scope(() => {
        const [left, right] = [f.let(load.i64(a, i)), f.let(load.i64(b, i))];
        f.if(i64.ne(left, right), () => f.return(i64.ltU(left, right)));
      });
    }
    return i32.const(0);
  });
}

/** Address of a base-field integer in the constant region. */
export function integerConstant<E>(f: FunctionBuilder, group: Group<E>, value: bigint): I32 {
  const { byteLength } = group.spec.field;
  return f.constantAddress(littleEndian(value, byteLength)).address;
}

/** Emits: whether `count` coefficients one after another at `at` are all below the modulus. */
export function areCanonical<E>(f: FunctionBuilder, group: Group<E>, at: Ptr, count: number): I32 {
  const { modulus, byteLength } = group.spec.field;
  const isBelow = isBelowFunction(group);
  const bound = integerConstant(f, group, modulus);
  let all: I32 | undefined;
  for (let i = 0; i < count; i++) {
    const one = f.call(isBelow, at.plus(i * byteLength).address, bound);
    all = all ? i32.and(all, one) : one;
  }
  return all ?? i32.const(1);
}

/** Signed binary digits (non-adjacent form) of a constant, highest first, without the leading 1. */
function signedBits(value: bigint): Uint8Array {
  const digits: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 1n) {
    const digit = rest & 1n ? 2n - (rest & 3n) : 0n;
    digits.unshift(digit === -1n ? 2 : Number(digit));
    rest -= digit;
  }
  return Uint8Array.from(digits.slice(1));
}

/** (a): lanes in which pairs of projective points, on the curve, are in the subgroup of order r, as bits. */
export function isInSubgroupFunction<E>(group: Group<E>): FunctionRef<readonly ['i32'], 'i32'> {
  const test = group.spec.subgroup;
  return group.define('isInSubgroup', ['i32'], 'i32', (f, a) => {
    if (test.kind === 'curve') return i32.const(3);
    const kit = group.kit(f);
    const [add, double] = [addFunction(group), doubleFunction(group)];
    const u = test.parameter < 0n ? -test.parameter : test.parameter;
    const digits = signedBits(u);
    const timesU = (to: I32, from: I32): void =>
      f.run(
        multiplyByDigitsFunction(group),
        to,
        from,
        f.constantAddress(digits).address,
        i32.const(digits.length),
      );
    const [s, t] = [f.frame(group.projectiveBytes).address, f.frame(group.projectiveBytes).address];
    const image = (to: I32, from: I32, index: number): void =>
      f.scope(() => storeProjective(kit, to, endomorphism(kit, index, loadProjective(kit, from))));
    if (test.kind === 'psiBn') {
      const uP = f.frame(group.projectiveBytes).address;
      timesU(uP, a);
      f.run(add, s, uP, a);
      for (const index of [1, 2]) {
        image(t, uP, index);
        f.run(add, s, s, t);
      }
      f.run(double, uP, uP);
      image(t, uP, 3);
      return f.call(projectiveEqualFunction(group), s, t);
    }
    // φ(P) + [u²]P on G1, ψ(P) + [−u]P on G2: both must be infinity. u is negative.
    timesU(s, a);
    if (test.kind === 'phi') {
      copyProjective(kit, t, s);
      timesU(s, t);
    }
    image(t, a, 1);
    f.run(add, s, s, t);
    return kit.fp.maskBits(kit.ops.isZero(loadProjective(kit, s).z));
  });
}

/** (status, points, count): checks points in memory form and writes a {@link POINT_STATUS} byte for each. */
export function checkFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { coords, encodedBytes } = group;
  const isInSubgroup = isInSubgroupFunction(group);
  return group.define('check', ['i32', 'i32', 'i32'], 'void', (f, status, points, count) => {
    const kit = group.kit(f);
    const { ops, fp } = kit;
    const projective = f.frame(group.projectiveBytes);
    const walks = [
      { at: status, stride: 1 },
      { at: points, stride: encodedBytes },
    ];
    forPairs(f, count, walks, ([status1, points1]) => {
      const seconds = points1 as I32;
      const ranges = [points, seconds].map((at) =>
        f.let(areCanonical(f, group, toPtr(at), 2 * coords.degree)),
      );
      readCoordinates(group, f, projective, toPtr(points), toPtr(seconds), 2);
      const [x, y] = [ops.load(projective), ops.load(projective.plus(coords.pairBytes))];
      const infinite = fp.maskAnd(ops.isZero(x), ops.isZero(y));
      const onCurve = f.let(fp.maskBits(fp.maskOr(infinite, isOnCurve(kit, { x, y }))));
      storeProjective(kit, projective, {
        x,
        y: ops.select(infinite, ops.one(), y),
        z: ops.select(infinite, ops.zero(), ops.one()),
      });
      const inSubgroup = f.let(f.call(isInSubgroup, projective.address));
      [status, status1 as I32].forEach((at, lane) => {
        const bad = { range: i32.eqz(ranges[lane] as I32), ...badBits(lane, onCurve, inSubgroup) };
        f.emit(store.i32To8(at, 0, statusOf(bad, POINT_STATUS)));
      });
    });
  });
}

/** The bits of a lane, inverted. */
export function badBits(lane: number, onCurve: I32, inSubgroup: I32): { curve: I32; subgroup: I32 } {
  const isClear = (bits: I32): I32 => i32.eqz(i32.and(bits, i32.const(1 << lane)));
  return { curve: isClear(onCurve), subgroup: isClear(inSubgroup) };
}

/** The first thing that is bad. */
export function statusOf(
  bad: { readonly range: I32; readonly curve: I32; readonly subgroup: I32 },
  codes: { readonly coordinateRange: number; readonly offCurve: number; readonly outsideSubgroup: number },
): I32 {
  const subgroup = select(i32.const(codes.outsideSubgroup), i32.const(0), bad.subgroup);
  const curve = select(i32.const(codes.offCurve), subgroup, bad.curve);
  return select(i32.const(codes.coordinateRange), curve, bad.range);
}
