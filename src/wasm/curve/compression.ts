/** Compressed points, with exactly the bytes and refusals of curve/compressed.ts. */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  Ptr,
  select,
  store,
  toPtr,
} from '../emit/index.ts';
import { readCoordinates, writeCoordinates } from './coordinate-bytes.ts';
import type { Group } from './kit.ts';
import {
  areCanonical,
  badBits,
  curveRight,
  integerConstant,
  isBelowFunction,
  isInSubgroupFunction,
  POINT_STATUS,
  statusOf,
} from './membership.ts';
import { forPairs } from './point-vectors.ts';
import { loadAffine, storeAffine, storeProjective } from './projective.ts';
import { squareRootFunction } from './square-root.ts';

/** Status of an encoding whose flags or infinity are malformed; beside those of {@link POINT_STATUS}. */
export const BAD_FLAGS = 4;

/** Bits of what {@link parseFunction} returns, above the status. */
const LARGER = 0x100;
const INFINITE = 0x200;

/** Emits: `length` bytes from `from` to `to`, last first. */
function reverseBytes(f: FunctionBuilder, to: I32, from: I32, length: number): void {
  f.scope(() => {
    const [source, target, left] = [
      f.let(from),
      f.let(i32.add(to, i32.const(length))),
      f.let(i32.const(length)),
    ];
    f.repeat(left, () => {
      f.set(target, i32.sub(target, i32.const(1)));
      f.emit(store.i32To8(target, 0, load.i32From8U(source)));
      f.set(source, i32.add(source, i32.const(1)));
    });
  });
}

/**
 * (to, from): an encoding's x as little-endian coefficients, c0 first; returns status bits, and whether the larger y or infinity is
 * meant. Of infinity, and where the status is bad, x is 0.
 */
function parseFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
  const { flags } = group.spec;
  const { byteLength, degree } = group.coords;
  return group.define('parseCompressed', ['i32', 'i32'], 'i32', (f, to, from) => {
    reverseBytes(f, to, from, byteLength);
    const top = f.let(load.i32From8U(to, byteLength - 1));
    const flag = f.let(i32.and(top, i32.const(flags.mask)));
    f.emit(store.i32To8(to, byteLength - 1, i32.and(top, i32.const(0xff & ~flags.mask))));
    const isFlag = (value: number): I32 => i32.eq(flag, i32.const(value));
    const result = f.let(i32.const(0));
    f.if(
      isFlag(flags.infinity),
      () => {
        const left = f.let(i32.const(byteLength));
        const at = f.let(to);
        f.set(result, i32.const(INFINITE));
        f.repeat(left, () => {
          f.if(load.i32From8U(at), () => f.set(result, i32.const(BAD_FLAGS)));
          f.emit(store.i32To8(at, 0, i32.const(0)));
          f.set(at, i32.add(at, i32.const(1)));
        });
      },
      () => {
        f.if(
          i32.or(isFlag(flags.smaller), isFlag(flags.larger)),
          () => {
            f.set(result, select(i32.const(LARGER), i32.const(0), isFlag(flags.larger)));
            f.if(i32.eqz(areCanonical(f, group, new Ptr(to), degree)), () =>
              f.set(result, i32.const(POINT_STATUS.coordinateRange)),
            );
          },
          () => f.set(result, i32.const(BAD_FLAGS)),
        );
      },
    );
    return result;
  });
}

/** (y): whether canonical little-endian coefficients are the larger of y and −y: compared by the highest that is not 0. */
function isLargerFunction<E>(group: Group<E>): FunctionRef<readonly ['i32'], 'i32'> {
  const { modulus, byteLength } = group.spec.field;
  const isBelow = isBelowFunction(group);
  return group.define('isLarger', ['i32'], 'i32', (f, y) => {
    const half = integerConstant(f, group, (modulus - 1n) / 2n);
    const zero = integerConstant(f, group, 0n);
    for (let i = group.coords.degree - 1; i > 0; i--) {
      const coefficient = toPtr(y, i * byteLength).address;
      f.if(f.call(isBelow, zero, coefficient), () => f.return(f.call(isBelow, half, coefficient)));
    }
    return f.call(isBelow, half, y);
  });
}

/**
 * (status, to, encoded, count): packed points out of compressed ones, and a status byte for each: one of {@link POINT_STATUS} or
 * {@link BAD_FLAGS}. Points of bad status are unspecified.
 */
export function decompressFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const { coords, pointBytes } = group;
  const [parse, isLarger] = [parseFunction(group), isLargerFunction(group)];
  const [root, isInSubgroup] = [squareRootFunction(group), isInSubgroupFunction(group)];
  return group.define('decompress', ['i32', 'i32', 'i32', 'i32'], 'void', (f, status, to, encoded, count) => {
    const kit = group.kit(f);
    const { ops, fp } = kit;
    const buffers = [f.frame(coords.byteLength), f.frame(coords.byteLength)] as const;
    const [square, y] = [f.frame(coords.pairBytes), f.frame(coords.pairBytes)];
    const projective = f.frame(group.projectiveBytes);
    const walks = [
      { at: status, stride: 1 },
      { at: to, stride: pointBytes },
      { at: encoded, stride: coords.byteLength },
    ];
    forPairs(f, count, walks, ([status1, to1, encoded1]) => {
      const parsed = [encoded, encoded1 as I32].map((at, lane) =>
        f.let(f.call(parse, (buffers[lane] as Ptr).address, at)),
      );
      readCoordinates(group, f, projective, ...buffers, 1);
      const x = ops.load(projective);
      ops.store(square, curveRight(kit, x));
      f.run(root, y.address, square.address);
      const infinite = fp.maskFromBits(bothBits(parsed, INFINITE));
      const isRoot = ops.equal(kit.sqr(ops.load(y)), ops.load(square));
      const onCurve = f.let(fp.maskBits(fp.maskOr(infinite, isRoot)));
      writeCoordinates(group, f, ...buffers, y, 1);
      const flips = buffers.map((buffer, lane) => {
        const wanted = i32.ne(i32.and(parsed[lane] as I32, i32.const(LARGER)), i32.const(0));
        return f.let(i32.xor(f.call(isLarger, buffer.address), wanted));
      }) as [Local<'i32'>, Local<'i32'>];
      const flip = fp.maskFromBits(i32.or(flips[0], i32.shl(flips[1], i32.const(1))));
      const chosen = kit.negateWhere(flip, ops.load(y));
      storeAffine(kit, to, to1 as I32, {
        x: ops.select(infinite, ops.zero(), x),
        y: ops.select(infinite, ops.zero(), chosen),
      });
      storeProjective(kit, projective, {
        x,
        y: ops.select(infinite, ops.one(), chosen),
        z: ops.select(infinite, ops.zero(), ops.one()),
      });
      const inSubgroup = f.let(f.call(isInSubgroup, projective.address));
      [status, status1 as I32].forEach((at, lane) => {
        const early = f.let(i32.and(parsed[lane] as I32, i32.const(0xff)));
        const late = statusOf({ range: i32.const(0), ...badBits(lane, onCurve, inSubgroup) }, POINT_STATUS);
        f.emit(store.i32To8(at, 0, select(early, late, early)));
      });
    });
  });
}

/** Bit 0 and 1: whether `flag` is set in the two words. */
function bothBits(words: readonly I32[], flag: number): I32 {
  const [bit0, bit1] = words.map((word) => i32.ne(i32.and(word, i32.const(flag)), i32.const(0)));
  return i32.or(bit0 as I32, i32.shl(bit1 as I32, i32.const(1)));
}

/** (to, points, count): compressed points out of packed ones. */
export function compressFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { coords, pointBytes, spec } = group;
  const isLarger = isLargerFunction(group);
  return group.define('compress', ['i32', 'i32', 'i32'], 'void', (f, to, points, count) => {
    const kit = group.kit(f);
    const { ops, fp } = kit;
    const buffers = [f.frame(coords.byteLength), f.frame(coords.byteLength)] as const;
    const coordinate = f.frame(coords.pairBytes);
    const walks = [
      { at: to, stride: coords.byteLength },
      { at: points, stride: pointBytes },
    ];
    forPairs(f, count, walks, ([to1, points1]) => {
      const { x, y } = loadAffine(kit, points, points1 as I32);
      const infinite = f.let(fp.maskBits(ops.isZero(y)));
      const targets = [to, to1 as I32] as const;
      ops.store(coordinate, x);
      writeCoordinates(group, f, ...buffers, coordinate, 1);
      for (const lane of [0, 1] as const)
        reverseBytes(f, targets[lane], buffers[lane].address, coords.byteLength);
      ops.store(coordinate, y);
      writeCoordinates(group, f, ...buffers, coordinate, 1);
      for (const lane of [0, 1] as const) {
        f.scope(() => {
          const larger = f.call(isLarger, buffers[lane].address);
          const flag = select(i32.const(spec.flags.larger), i32.const(spec.flags.smaller), larger);
          const isInfinite = i32.and(infinite, i32.const(1 << lane));
          const chosen = f.let(select(i32.const(spec.flags.infinity), flag, isInfinite));
          const top = load.i32From8U(targets[lane]);
          f.emit(store.i32To8(targets[lane], 0, i32.or(top, chosen)));
        });
      }
    });
  });
}
