/**
 * Fp12 with one half a lane: an element c0 + c1·w takes the place of one pair of Fp6, c0 in lane 0 and c1 in lane 1. Its coefficient
 * j holds those of w^(2j) and w^(2j + 1). One element keeps both lanes busy, where a pair of elements needs a second one.
 */

import { type I32, i32, Ptr, select } from '../emit/index.ts';
import { eachFp2, eachPlace } from './fp2-functions.ts';
import { fp6Mul } from './fp6.ts';
import { eachTimesV } from './fp12.ts';
import type { Kernel, Tower } from './tower.ts';

/** (o): o = 1. */
export function halvesOne(tower: Tower): Kernel<1> {
  return tower.define('halvesOne', ['i32'], (f, o) => {
    const ops = tower.ops(f);
    eachFp2(ops, 1, o, [], () => ops.blendLanes(ops.one(), ops.zero()));
    eachFp2(ops, 2, new Ptr(o, tower.fp2Bytes), [], () => ops.zero());
  });
}

/**
 * (a): a = a² = (c0 + c1)(c0 + v·c1) − (1 + v)·c0·c1 + 2·c0·c1·w. The two products are one of Fp6 in two lanes: 36 products and 6
 * reductions in Fp.
 */
export function halvesSqr(tower: Tower): Kernel<1> {
  return tower.define('halvesSqr', ['i32'], (f, a) => {
    const ops = tower.ops(f);
    const [left, right, product] = [0, 1, 2].map(() => f.frame(tower.fp6Bytes)) as [Ptr, Ptr, Ptr];
    // Lane 0: c0 and c1; lane 1: c0 + c1 and c0 + v·c1.
    eachFp2(ops, 3, left, [a], (x) => ops.blendLanes(x, ops.add(x, ops.swapLanes(x))));
    eachTimesV(tower, f, right, [a], a, (x, rolled) => {
      const y = ops.swapLanes(x);
      return ops.blendLanes(y, ops.add(y, rolled));
    });
    f.run(fp6Mul(tower), product.address, left.address, right.address);
    eachTimesV(tower, f, a, [product], product, (p, rolled) => {
      const q = ops.swapLanes(p);
      return ops.blendLanes(ops.sub(ops.sub(q, p), rolled), ops.double(q));
    });
  });
}

/**
 * (out, halves, count): `count` halved elements that follow one another as elements of Fp12, element k in lane k mod 2 of pair ⌊k/2⌋; a
 * last odd lane is 1. Elements are conjugated, c0 − c1·w, for `conjugate`.
 */
export function joinHalves(tower: Tower, conjugate: boolean): Kernel<3> {
  const name = conjugate ? 'joinHalvesConjugated' : 'joinHalves';
  return tower.define(name, ['i32', 'i32', 'i32'], (f, out, halves, count) => {
    const ops = tower.ops(f);
    const one = f.frame(tower.fp6Bytes).address;
    f.run(halvesOne(tower), one);
    f.while(
      () => i32.gtS(count, i32.const(0)),
      () => {
        const second = f.let(
          select(new Ptr(halves, tower.fp6Bytes).address, one, i32.gtS(count, i32.const(1))),
        );
        eachPlace(ops, 3, [out, new Ptr(out, tower.fp6Bytes), halves, second], (...places) => {
          const [to0, to1, from0, from1] = places as [I32, I32, I32, I32];
          const [x, y] = [ops.load(from0), ops.load(from1)];
          ops.store(to0, ops.blendLanes(x, ops.swapLanes(y)));
          const c1 = ops.blendLanes(ops.swapLanes(x), y);
          ops.store(to1, conjugate ? ops.neg(c1) : c1);
        });
        f.set(out, i32.add(out, i32.const(tower.fp12Bytes)));
        f.set(halves, i32.add(halves, i32.const(2 * tower.fp6Bytes)));
        f.set(count, i32.sub(count, i32.const(2)));
      },
    );
  });
}

/**
 * (o, first, second): what one coefficient of an element has of two of another when it is multiplied by an odd power of w: lane 1 of
 * `first` and lane 0 of `second`, exchanged. o must not overlap `second`.
 */
export function exchangeHalves(tower: Tower): Kernel<3> {
  return tower.define('exchangeHalves', ['i32', 'i32', 'i32'], (f, o, first, second) => {
    const ops = tower.ops(f);
    eachFp2(ops, 1, o, [first, second], (p, q) => ops.blendLanes(ops.swapLanes(p), ops.swapLanes(q)));
  });
}
