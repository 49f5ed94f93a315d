/** Products of Miller loops that share lines and squarings. */

import { type FunctionRef, i32, type Local, load, Ptr, select, store } from '../emit/index.ts';
import { functionName } from '../field/field-form.ts';
import { forDigits } from '../tower/cyclotomic.ts';
import { halvesOne, halvesSqr, joinHalves } from '../tower/fp12-halves.ts';
import type { Kernel, Tower } from '../tower/tower.ts';
import { each } from './each.ts';
import { evaluatedLineBytes, evaluateLine, mulByLine, swapLines } from './line-product.ts';
import { openStream, stepStream } from './line-stream.ts';
import { ADDENDS, orZeros, prepareLines } from './lines.ts';
import {
  JOB_HEADER,
  PairingLayout,
  SOURCE_BYTES,
  STREAM_FROM,
  streamStateBytes,
  USE,
  USE_BYTES,
} from './pairing-layout.ts';
import { type MillerStep, millerSteps, pairingParameters } from './parameters.ts';

/**
 * (job): several products of Miller loops. {@link MillerJob} says what a job is. Lines are made for two points at a time, one a lane,
 * and once, however many uses they have; an accumulator has one half a lane, and all loops of a product share its squarings.
 * For a negative loop the results are inverted, up to a factor that the final exponentiation takes away: conjugated.
 */
export function millerProducts(tower: Tower): Kernel<1> {
  return tower.define('millerProducts', ['i32'], (f, job) => {
    const layout = new PairingLayout(tower.form, tower.curve);
    const word = (offset: number): Local<'i32'> => f.let(load.i32(job, offset));
    const products = word(JOB_HEADER.products);
    const [sources, sourceCount] = [word(JOB_HEADER.sources), word(JOB_HEADER.sourceCount)];
    const [uses, useCount] = [word(JOB_HEADER.uses), word(JOB_HEADER.useCount)];
    const accumulators = word(JOB_HEADER.scratch);
    const coordinates = f.let(i32.add(accumulators, i32.mul(products, i32.const(tower.fp6Bytes))));
    const coordinatesBytes = f.let(i32.mul(useCount, i32.const(2 * tower.fpBytes)));
    const shared = f.let(i32.add(coordinates, coordinatesBytes));
    const least = i32.const(layout.prepareScratchBytes);
    const sharedBytes = select(coordinatesBytes, least, i32.gtU(coordinatesBytes, least));
    const lines = f.let(i32.add(shared, sharedBytes));

    f.run(prepareCoordinates(tower), coordinates, uses, useCount, shared);
    const evaluated = f.frame(evaluatedLineBytes(tower)).address;
    each(f, accumulators, products, tower.fp6Bytes, (at) => f.run(halvesOne(tower), at));
    const streamed = f.let(f.call(openLines(tower), sources, sourceCount, lines, shared));
    const denominators = f.let(i32.add(lines, i32.mul(streamed, i32.const(streamStateBytes(tower.form)))));

    forDigits(f, millerSteps(tower.curve).map(stepCode), (code) => {
      const addend = i32.sub(i32.and(code, i32.const(SQUARES - 1)), i32.const(1));
      f.if(streamed, () => f.run(stepStream(tower), lines, streamed, addend, denominators));
      f.if(i32.and(code, i32.const(SQUARES)), () => {
        each(f, accumulators, products, tower.fp6Bytes, (at) => f.run(halvesSqr(tower), at));
      });
      const coordinate = f.let(coordinates);
      each(f, uses, useCount, USE_BYTES, (use) => {
        const source = i32.add(sources, i32.mul(load.i32(use), i32.const(SOURCE_BYTES)));
        f.run(evaluateLine(tower), evaluated, load.i32(source, 12), coordinate);
        for (const lane of [0, 1]) {
          // A lane without a point would multiply by 1.
          f.if(load.i32(use, USE.points + 4 * lane), () => {
            const product = load.i32(use, USE.products + 4 * lane);
            if (lane === 1) f.run(swapLines(tower), evaluated);
            f.run(
              mulByLine(tower),
              i32.add(accumulators, i32.mul(product, i32.const(tower.fp6Bytes))),
              evaluated,
            );
          });
        }
        f.set(coordinate, i32.add(coordinate, i32.const(2 * tower.fpBytes)));
      });
      each(f, sources, sourceCount, SOURCE_BYTES, (source) => {
        // Prepared lines lie one after another; a streamed line is overwritten.
        const moves = i32.or(load.i32(source), i32.eqz(streamed));
        const next = i32.add(load.i32(source, 12), i32.const(layout.lineBytes));
        f.if(moves, () => f.emit(store.i32(source, 12, next)));
      });
    });
    const conjugate = pairingParameters(tower.curve).negative;
    f.run(joinHalves(tower, conjugate), load.i32(job, JOB_HEADER.out), accumulators, products);
  });
}

/** Set in the code of a step before which accumulators are squared. */
const SQUARES = 128;

/** A step as one byte: {@link SQUARES}, and 0 for a doubling or the number of the addend plus 1. */
function stepCode({ point, squares }: MillerStep): number {
  return (squares ? SQUARES : 0) + (point === 'double' ? 0 : ADDENDS.indexOf(point) + 1);
}

/**
 * (sources, count, lines, scratch): sets the last word of each source to the address of its first line. Lines that are not prepared are
 * made now, or opened as a stream if there are many of them: then the result is their number, otherwise 0.
 */
function openLines(tower: Tower): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'i32'> {
  const name = functionName(tower.form, 'openLines');
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return tower.module.once(name, params, 'i32', (f, sources, count, lines, scratch) => {
    const { linesBytes } = new PairingLayout(tower.form, tower.curve);
    const unprepared = f.let(i32.const(0));
    each(f, sources, count, SOURCE_BYTES, (source) => {
      f.emit(store.i32(source, 12, load.i32(source)));
      f.set(unprepared, i32.add(unprepared, i32.eqz(load.i32(source))));
    });
    f.if(i32.geU(unprepared, i32.const(STREAM_FROM)), () => {
      f.run(openStream(tower), sources, count, lines);
      f.return(unprepared);
    });
    each(f, sources, count, SOURCE_BYTES, (source) => {
      f.if(i32.eqz(load.i32(source)), () => {
        f.run(prepareLines(tower), lines, load.i32(source, 4), load.i32(source, 8), scratch);
        f.emit(store.i32(source, 12, lines));
        f.set(lines, i32.add(lines, i32.const(linesBytes)));
      });
    });
    return i32.const(0);
  });
}

/**
 * (coordinates, uses, count, scratch): x' = x_P/y_P and y' = 1/y_P for each use, halved on the M-twist (see normaliseLine), all
 * with one inversion. For infinity, (0, 0) or the address 0, both are 0, and so its lines are 1.
 */
function prepareCoordinates(tower: Tower) {
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return tower.define('prepareCoordinates', params, (f, coordinates, uses, count, scratch) => {
    f.aim = 'size';
    const { fpBytes, form } = tower;
    const { mul } = tower.fp;
    const ops = tower.form.ops(f);
    const pointsOf = (use: Local<'i32'>): [Local<'i32'>, Local<'i32'>] => [
      orZeros(tower, f, f.let(load.i32(use, USE.points))),
      orZeros(tower, f, f.let(load.i32(use, USE.points + 4))),
    ];
    const y = f.let(scratch);
    each(f, uses, count, USE_BYTES, (use) => {
      f.scope(() => {
        const [p0, p1] = pointsOf(use);
        ops.store(y, ops.loadSingles(new Ptr(p0, form.singleBytes), new Ptr(p1, form.singleBytes)));
      });
      f.set(y, i32.add(y, i32.const(fpBytes)));
    });
    f.run(tower.fp.batchInvert, scratch, count, y);
    const mTwist = pairingParameters(tower.curve).linePower === 5;
    const half = (tower.curve.modulus + 1n) / 2n;
    const inverse = f.let(scratch);
    const to = f.let(coordinates);
    each(f, uses, count, USE_BYTES, (use) => {
      f.scope(() => {
        const [p0, p1] = pointsOf(use);
        const y = new Ptr(to, fpBytes).address;
        ops.store(to, ops.loadSingles(p0, p1));
        if (mTwist) f.run(mul, y, inverse, tower.constants(f, [half]).address);
        else ops.copy(y, inverse);
        f.run(mul, to, to, y);
      });
      f.set(inverse, i32.add(inverse, i32.const(fpBytes)));
      f.set(to, i32.add(to, i32.const(2 * fpBytes)));
    });
  });
}
