/**
 * Lines of several pairs of G2 points, all a step at a time. With T in affine coordinates a step takes one inversion for all points
 * together: two squarings and six products in Fp2 a line, three of them for the inversion, against three and about twelve in
 * lines.ts, and only the current line is kept. An inversion in Fp is worth some 50 products, so this pays from
 * three pairs of points on (STREAM_FROM in pairing-layout.ts).
 */

import { type FunctionBuilder, type I32, i32, load, Ptr, store } from '../emit/index.ts';
import { eachFp2, fp2BatchInvert, fp2Mul, fp2Sqr } from '../tower/fp2-functions.ts';
import type { Element2 } from '../tower/fp2-ops.ts';
import type { Kernel, Tower } from '../tower/tower.ts';
import { each } from './each.ts';
import { loadG2, otherAddends } from './lines.ts';
import { SOURCE_BYTES, STREAM_LINE, STREAM_POINT, streamStateBytes } from './pairing-layout.ts';
import { pairingParameters } from './parameters.ts';

/**
 * (sources, count, states): a state with T = Q for each source without prepared lines, one after another; the addresses of their
 * current lines go to the last words of the sources.
 */
export function openStream(tower: Tower): Kernel<3> {
  return tower.define('openLineStream', ['i32', 'i32', 'i32'], (f, sources, count, states) => {
    f.aim = 'size';
    const ops = tower.ops(f);
    each(f, sources, count, SOURCE_BYTES, (source) => {
      f.if(i32.eqz(load.i32(source)), () => {
        const [q0, q1] = [f.let(load.i32(source, 4)), f.let(load.i32(source, 8))];
        const at = new Ptr(states);
        loadG2(tower, f, at, q0, q1);
        otherAddends(tower, f, at);
        const point = at.plus(STREAM_POINT * tower.fp2Bytes);
        f.scope(() => {
          ops.copy(point, at);
          ops.copy(point.plus(tower.fp2Bytes), at.plus(tower.fp2Bytes));
        });
        f.emit(store.i32(source, 12, at.plus(STREAM_LINE * tower.fp2Bytes).address));
        f.set(states, i32.add(states, i32.const(streamStateBytes(tower.form))));
      });
    });
  });
}

/**
 * (states, count, addend, scratch): the next line of each state, and T after it: the tangent if `addend` is negative, otherwise the line
 * through the state's addend of that number. `scratch` takes 2·count elements of Fp2.
 */
export function stepStream(tower: Tower): Kernel<4> {
  return tower.define('stepLineStream', ['i32', 'i32', 'i32', 'i32'], (f, states, count, addend, scratch) => {
    const ops = tower.ops(f);
    const bytes = tower.fp2Bytes;
    const addendAt = (state: I32): I32 => i32.add(state, i32.mul(addend, i32.const(2 * bytes)));
    const x = STREAM_POINT * bytes;
    const denominator = f.let(scratch);
    // 2·y_T, or x_T − x of the addend.
    each(f, states, count, streamStateBytes(tower.form), (state) => {
      f.if(
        i32.ltS(addend, i32.const(0)),
        () => eachFp2(ops, 1, denominator, [new Ptr(state, x + bytes)], (y) => ops.double(y)),
        () => {
          const other = f.let(addendAt(state));
          eachFp2(ops, 1, denominator, [new Ptr(state, x), other], (a, b) => ops.sub(a, b));
        },
      );
      f.set(denominator, i32.add(denominator, i32.const(bytes)));
    });
    f.run(fp2BatchInvert(tower), scratch, count, denominator, i32.const(0));
    each(f, states, count, streamStateBytes(tower.form), (state) => {
      f.if(
        i32.ltS(addend, i32.const(0)),
        () => f.run(tangent(tower), state, scratch),
        () => f.run(chord(tower), state, scratch, addendAt(state)),
      );
      f.set(scratch, i32.add(scratch, i32.const(bytes)));
    });
  });
}

/** (state, inverse): line and T of a doubling, with the inverse of 2·y_T. */
function tangent(tower: Tower) {
  return tower.define('tangentLine', ['i32', 'i32'], (f, state, inverse) => {
    const slope = f.frame(tower.fp2Bytes);
    const x = new Ptr(state, STREAM_POINT * tower.fp2Bytes);
    f.run(fp2Sqr(tower), slope.address, x.address);
    linear(tower, f, slope, [slope], (ops, square) => ops.triple(square));
    f.run(fp2Mul(tower), slope.address, slope.address, inverse);
    f.run(advance(tower), state, slope.address, x.address);
  });
}

/** (state, inverse, other): line and T of an addition of `other`, with the inverse of x_T − x. */
function chord(tower: Tower) {
  return tower.define('chordLine', ['i32', 'i32', 'i32'], (f, state, inverse, other) => {
    const slope = f.frame(tower.fp2Bytes);
    const y = new Ptr(state, (STREAM_POINT + 1) * tower.fp2Bytes);
    linear(tower, f, slope, [y, new Ptr(other, tower.fp2Bytes)], (ops, a, b) => ops.sub(a, b));
    f.run(fp2Mul(tower), slope.address, slope.address, inverse);
    f.run(advance(tower), state, slope.address, other);
  });
}

/**
 * (state, λ, other): α = −λ, β = λ·x − y of the other point, on the M-twist times 1 − u as in normaliseLine; then
 * x_T' = λ² − x_T − x and y_T' = λ(x_T − x_T') − y_T. The other point may be T.
 */
function advance(tower: Tower) {
  return tower.define('advanceLine', ['i32', 'i32', 'i32'], (f, state, slope, other) => {
    const bytes = tower.fp2Bytes;
    const [x, y] = [new Ptr(state, STREAM_POINT * bytes), new Ptr(state, (STREAM_POINT + 1) * bytes)];
    const [alpha, beta] = [new Ptr(state, STREAM_LINE * bytes), new Ptr(state, (STREAM_LINE + 1) * bytes)];
    const [product, square] = [f.frame(bytes), f.frame(bytes)];
    const mTwist = pairingParameters(tower.curve).linePower === 5;
    const { fp } = tower.ops(f);
    const twisted = (z: Element2): Element2 =>
      mTwist ? { c0: fp.add(z.c0, z.c1), c1: fp.sub(z.c1, z.c0) } : z;
    f.run(fp2Mul(tower), product.address, slope, other);
    linear(tower, f, beta, [product, new Ptr(other, bytes)], (ops, a, b) => twisted(ops.sub(a, b)));
    linear(tower, f, alpha, [new Ptr(slope)], (ops, a) => twisted(ops.neg(a)));
    f.run(fp2Sqr(tower), square.address, slope);
    linear(tower, f, square, [square, x, new Ptr(other)], (ops, s, a, b) => ops.sub(ops.sub(s, a), b));
    linear(tower, f, product, [x, square], (ops, a, b) => ops.sub(a, b));
    f.run(fp2Mul(tower), product.address, product.address, slope);
    linear(tower, f, y, [product, y], (ops, a, b) => ops.sub(a, b));
    linear(tower, f, x, [square], (_ops, a) => a);
  });
}

function linear(
  tower: Tower,
  f: FunctionBuilder,
  o: Ptr,
  inputs: readonly Ptr[],
  body: (ops: ReturnType<Tower['ops']>, ...inputs: Element2[]) => Element2,
): void {
  const ops = tower.ops(f);
  eachFp2(ops, 1, o, inputs, (...elements) => body(ops, ...elements));
}
