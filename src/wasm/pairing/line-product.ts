/** Lines at G1 points, and their products with accumulators of the Miller loop. */

import { type I32, i32, Ptr } from '../emit/index.ts';
import { fp2Dot, fp2MulFp, storeTurned, turnedBytes } from '../tower/fp2-functions.ts';
import { copyEach } from '../tower/fp6.ts';
import type { Kernel, Tower } from '../tower/tower.ts';
import { pairingParameters } from './parameters.ts';

/** Bytes of an evaluated line 1 + a·w^i + b·w³: a, ξ·a, b and ξ·b as turned operands. */
function evaluatedBytes(tower: Tower): number {
  return 4 * turnedBytes(tower);
}

/**
 * (f, line, coordinates): f = f·(1 + a·w^i + b·w³) with a = α·x' and b = β·y'; `line` holds α and β, `coordinates` x' and y' in Fp.
 * Each coefficient of f gains two products in Fp2: 52 products and 16 reductions in all. A line that is not normalised takes 76
 * and 16, or 39 and 26 by Karatsuba; the product of two lines first, then times f, saves nothing: 22 + 120 products and
 * 6 + 12 reductions against 96 and 24.
 */
export function mulByLine(tower: Tower): Kernel<3> {
  return tower.define('mulByLine', ['i32', 'i32', 'i32'], (f, accumulator, line, coordinates) => {
    const bytes = turnedBytes(tower);
    const evaluated = f.frame(evaluatedBytes(tower));
    const copy = f.frame(tower.fp12Bytes);
    f.run(evaluateLine(tower), evaluated.address, line, coordinates);
    copyEach(tower, f, copy, accumulator, 6);
    const power = pairingParameters(tower.curve).linePower;
    // Coefficient k of f·w^j is that of w^(k − j), with a ξ if that wraps around.
    const source = (k: number, j: number): I32 => copy.plus(tower.offset((k - j + 6) % 6)).address;
    const factor = (k: number, j: number, at: number): I32 =>
      evaluated.plus(at + (k < j ? bytes : 0)).address;
    for (let k = 0; k < 6; k++) {
      f.run(
        fp2Dot(tower, 2, true),
        new Ptr(accumulator, tower.offset(k)).address,
        copy.plus(tower.offset(k)).address,
        source(k, power),
        factor(k, power, 0),
        source(k, 3),
        factor(k, 3, 2 * bytes),
      );
    }
  });
}

/** (o, line, coordinates): the evaluated line. */
function evaluateLine(tower: Tower) {
  return tower.define('evaluateLine', ['i32', 'i32', 'i32'], (f, o, line, coordinates) => {
    const ops = tower.ops(f);
    const product = f.frame(tower.fp2Bytes);
    f.repeat(f.let(i32.const(2)), () => {
      f.run(fp2MulFp(tower), product.address, line, coordinates);
      f.scope(() => {
        const value = ops.load(product);
        storeTurned(ops, o, value);
        const timesXi = ops.reduce(ops.mulBySmallPlusU(value, tower.nonresidue));
        storeTurned(ops, new Ptr(o, turnedBytes(tower)), timesXi);
      });
      f.set(o, i32.add(o, i32.const(2 * turnedBytes(tower))));
      f.set(line, i32.add(line, i32.const(tower.fp2Bytes)));
      f.set(coordinates, i32.add(coordinates, i32.const(tower.fpBytes)));
    });
  });
}
