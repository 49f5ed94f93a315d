/** Lines at G1 points, and their products with accumulators of the Miller loop. */

import { type I32, i32, Ptr } from '../emit/index.ts';
import { eachFp2, fp2Dot, fp2MulFp, storeTurned, turnedBytes } from '../tower/fp2-functions.ts';
import { exchangeHalves } from '../tower/fp12-halves.ts';
import type { Kernel, Tower } from '../tower/tower.ts';
import { pairingParameters } from './parameters.ts';

/** Bytes of the coefficients a and b of lines 1 + a·w^i + b·w³, one line a lane. */
export function evaluatedLineBytes(tower: Tower): number {
  return 2 * tower.fp2Bytes;
}

/** (o, line, coordinates): a = α·x' and b = β·y', per lane; `line` holds α and β, `coordinates` x' and y' in Fp. */
export function evaluateLine(tower: Tower): Kernel<3> {
  return tower.define('evaluateLine', ['i32', 'i32', 'i32'], (f, o, line, coordinates) => {
    f.repeat(f.let(i32.const(2)), () => {
      f.run(fp2MulFp(tower), o, line, coordinates);
      f.set(o, i32.add(o, i32.const(tower.fp2Bytes)));
      f.set(line, i32.add(line, i32.const(tower.fp2Bytes)));
      f.set(coordinates, i32.add(coordinates, i32.const(tower.fpBytes)));
    });
  });
}

/** (a): the two evaluated lines at `a` change lanes. */
export function swapLines(tower: Tower): Kernel<1> {
  return tower.define('swapLines', ['i32'], (f, a) => {
    const ops = tower.ops(f);
    eachFp2(ops, 2, a, [a], (x) => ops.swapLanes(x));
  });
}

/**
 * (f, evaluated): f = f·(1 + a·w^i + b·w³) for a halved f (src/wasm/tower/fp12-halves.ts) and the line in lane 0 of `evaluated`. Each
 * coefficient of f gains two products in Fp2: with evaluateLine for two lines 26 products and 7 reductions a line. A line that
 * is not normalised takes 38 and 8, or 20 and 13 by Karatsuba; the product of two lines first, then times f, saves nothing:
 * 22 + 60 products against 48.
 */
export function mulByLine(tower: Tower): Kernel<2> {
  return tower.define('mulByLine', ['i32', 'i32'], (f, accumulator, evaluated) => {
    const turned = turnedBytes(tower);
    const coefficient = (i: number): Ptr => new Ptr(accumulator, i * tower.fp2Bytes);
    const factors = f.frame(2 * FACTORS * turned);
    f.run(lineFactors(tower), factors.address, evaluated);
    // Both halves of f·w^j, j odd, come from the other half of f: lane 0 from coefficient k, lane 1 from k + 1 (mod 3).
    const exchanged = [0, 1, 2].map((k) => {
      const at = f.frame(tower.fp2Bytes).address;
      f.run(exchangeHalves(tower), at, coefficient(k).address, coefficient((k + 1) % 3).address);
      return at;
    });
    const power = pairingParameters(tower.curve).linePower;
    const source = (k: number, j: number): I32 => exchanged[((2 * k - j + 6 - 1) / 2) % 3] as I32;
    // A coefficient of w^k has wrapped around, and gains a ξ, where k < j.
    const factor = (k: number, j: number): I32 => {
      const [wrapped0, wrapped1] = [2 * k < j, 2 * k + 1 < j];
      const kind = wrapped1 ? TIMES_XI : wrapped0 ? LANE_0_TIMES_XI : PLAIN;
      return factors.plus(((j === 3 ? FACTORS : 0) + kind) * turned).address;
    };
    for (let k = 0; k < 3; k++) {
      const at = coefficient(k).address;
      f.run(fp2Dot(tower, 2, true), at, at, source(k, power), factor(k, power), source(k, 3), factor(k, 3));
    }
  });
}

/** Forms of a coefficient of a line, as turned operands one after another. */
const PLAIN = 0;
const TIMES_XI = 1;
const LANE_0_TIMES_XI = 2;
const FACTORS = 3;

/** (o, evaluated): the three forms of a, then those of b, of the line in lane 0. */
function lineFactors(tower: Tower): Kernel<2> {
  return tower.define('lineFactors', ['i32', 'i32'], (f, o, evaluated) => {
    const ops = tower.ops(f);
    const bytes = turnedBytes(tower);
    f.repeat(f.let(i32.const(2)), () => {
      f.scope(() => {
        const value = ops.splatLane(ops.load(evaluated), 0);
        const timesXi = ops.reduce(ops.mulBySmallPlusU(value, tower.nonresidue));
        storeTurned(ops, new Ptr(o, PLAIN * bytes), value);
        storeTurned(ops, new Ptr(o, TIMES_XI * bytes), timesXi);
        storeTurned(ops, new Ptr(o, LANE_0_TIMES_XI * bytes), ops.blendLanes(timesXi, value));
      });
      f.set(o, i32.add(o, i32.const(FACTORS * bytes)));
      f.set(evaluated, i32.add(evaluated, i32.const(tower.fp2Bytes)));
    });
  });
}
