/**
 * Torus compression of GT, byte for byte that of src/curve/torus.ts: a + b·w is told by (1 + a)/b, six big-endian coefficients. Two
 * elements a pair, and one inversion in Fp for all elements of a call.
 */

import {
  type FunctionBuilder,
  type I32,
  i32,
  i64,
  type Local,
  load,
  memoryFill,
  Ptr,
  store,
} from '../emit/index.ts';
import { functionName } from '../field/field-form.ts';
import { zeroLanes } from '../tower/fp2-functions.ts';
import { addEach, copyEach, fp6InvertFinish, fp6InvertStart, fp6Mul } from '../tower/fp6.ts';
import type { Kernel, ResultKernel, Tower } from '../tower/tower.ts';
import { each } from './each.ts';
import { gtMembers, oneWhere } from './gt.ts';
import { fpNotCanonical, reverseCoefficients } from './gt-bytes.ts';

/** The only byte of the encoding of 1 that is not 0, the first. */
const ONE_FLAG = 0x40;

/** What {@link gtDecompress} says of an element. 1 to 6: the coefficient of that number, less 1, is not below p. */
export const DECOMPRESS_STATUS = {
  ok: 0,
  /** All zero: the encoding of −1, which is not of order r. */
  minusOne: 7,
  notInGroup: 8,
} as const;
/** Between the passes: the encoding of 1. */
const IS_ONE = -1;

/**
 * (to, from, count, scratch): the encodings of `count` pairs of GT elements, lane 0 of pair i to element 2i. Returns the index of the
 * first element that is not 1 and yet has no part in w, so that it was not in GT, or −1.
 */
export function gtCompress(tower: Tower): ResultKernel<4> {
  const name = functionName(tower.form, 'gtCompress');
  return tower.module.once(name, ['i32', 'i32', 'i32', 'i32'], 'i32', (f, to, from, count, scratch) => {
    const { fp6Bytes, fp12Bytes, curve } = tower;
    const ops = tower.ops(f);
    const inverses = new BatchInversion(tower, f, scratch, count);
    each(f, from, count, fp12Bytes, (value) => inverses.start(new Ptr(value, fp6Bytes).address));
    inverses.invert();

    const bad = f.let(i32.const(-1));
    const index = f.let(i32.const(0));
    const [numerator, ratio] = [f.frame(fp6Bytes), f.frame(fp6Bytes)];
    each(f, from, count, fp12Bytes, (value) => {
      f.scope(() => {
        copyEach(tower, f, numerator, value, 3);
        const isOne = f.let(i32.const(0));
        f.scope(() => {
          const a0 = ops.load(numerator);
          const rest = zeroLanes(ops, numerator.plus(tower.fp2Bytes), 2);
          f.set(isOne, i32.and(rest, ops.fp.maskBits(ops.equal(a0, ops.one()))));
          ops.store(numerator, ops.add(a0, ops.one()));
        });
        const noW = zeroLanes(ops, new Ptr(value, fp6Bytes), 3);
        // Where b = 0 the inverse came out as 0, and so does the encoding.
        f.run(fp6Mul(tower), ratio.address, numerator.address, inverses.finish());
        writeCoefficients(tower, f, to, ratio);
        for (const lane of [0, 1]) {
          f.if(i32.and(noW, i32.const(1 << lane)), () => {
            f.if(
              i32.and(isOne, i32.const(1 << lane)),
              () => f.emit(store.i32To8(to, lane * curve.gtCompressedBytes, i32.const(ONE_FLAG))),
              () => setIfNegative(f, bad, i32.add(index, i32.const(lane))),
            );
          });
        }
      });
      f.set(index, i32.add(index, i32.const(2)));
      f.set(to, i32.add(to, i32.const(2 * curve.gtCompressedBytes)));
    });
    return bad;
  });
}

/**
 * (to, from, count, scratch, statuses): reads 2·count encodings into `count` pairs, element 2i to lane 0 of pair i, and checks that they
 * are canonical and in GT. One 32-bit word an element of `statuses` says what was found ({@link DECOMPRESS_STATUS}); refused
 * elements are read as 1. Returns the index of the first refused one, or −1.
 */
export function gtDecompress(tower: Tower): ResultKernel<5> {
  const name = functionName(tower.form, 'gtDecompress');
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return tower.module.once(name, params, 'i32', (f, to, from, count, scratch, statuses) => {
    const { fp6Bytes, fp12Bytes, curve } = tower;
    const inverses = new BatchInversion(tower, f, scratch, count);
    const [sum, difference] = [f.frame(fp6Bytes), f.frame(fp6Bytes)];
    const v = tower.constants(f, [0n, 0n, 1n, 0n, 0n, 0n]);
    const minusV = tower.constants(f, [0n, 0n, -1n, 0n, 0n, 0n]);
    const high = (pair: I32): Ptr => new Ptr(pair, fp6Bytes);

    // c = (c0, c1, c2) to the upper half of the result, c² to the lower one; c² − v is inverted.
    const status = f.let(statuses);
    each(f, to, count, fp12Bytes, (pair) => {
      f.run(readCoefficients(tower), high(pair).address, from, status);
      f.run(fp6Mul(tower), pair, high(pair).address, high(pair).address);
      addEach(tower, f, difference, pair, minusV, 3);
      inverses.start(difference.address);
      f.set(from, i32.add(from, i32.const(2 * curve.gtCompressedBytes)));
      f.set(status, i32.add(status, i32.const(8)));
    });
    inverses.invert();

    // (c + w)/(c − w) = (c² + v + 2c·w)/(c² − v): norm 1 by construction.
    const bad = f.let(i32.const(-1));
    const index = f.let(i32.const(0));
    f.set(status, statuses);
    each(f, to, count, fp12Bytes, (pair) => {
      const inverse = f.let(inverses.finish());
      addEach(tower, f, sum, pair, v, 3);
      f.run(fp6Mul(tower), pair, sum.address, inverse);
      addEach(tower, f, sum, high(pair), high(pair), 3);
      f.run(fp6Mul(tower), high(pair).address, sum.address, inverse);
      const refused = i32.or(
        i32.ne(load.i32(status), i32.const(0)),
        i32.shl(i32.ne(load.i32(status, 4), i32.const(0)), i32.const(1)),
      );
      f.run(oneWhere(tower), pair, refused);
      const members = f.let(f.call(gtMembers(tower), pair));
      for (const lane of [0, 1]) {
        f.if(i32.eq(load.i32(status, 4 * lane), i32.const(IS_ONE)), () =>
          f.emit(store.i32(status, 4 * lane, i32.const(DECOMPRESS_STATUS.ok))),
        );
        f.if(i32.eqz(i32.and(members, i32.const(1 << lane))), () =>
          f.emit(store.i32(status, 4 * lane, i32.const(DECOMPRESS_STATUS.notInGroup))),
        );
        f.if(load.i32(status, 4 * lane), () => setIfNegative(f, bad, i32.add(index, i32.const(lane))));
      }
      f.set(index, i32.add(index, i32.const(2)));
      f.set(status, i32.add(status, i32.const(8)));
    });
    return bad;
  });
}

function setIfNegative(f: FunctionBuilder, local: Local<'i32'>, value: I32): void {
  f.if(i32.ltS(local, i32.const(0)), () => f.set(local, value));
}

/** Emits 2·6 big-endian coefficients at `to`, one element after the other. */
function writeCoefficients(tower: Tower, f: FunctionBuilder, to: I32, from: Ptr): void {
  const { fpBytes, gtCompressedBytes } = tower.curve;
  const lanes = f.frame(2 * gtCompressedBytes);
  for (let k = 0; k < 6; k++) {
    const at = lanes.plus(k * fpBytes);
    f.run(
      tower.fp.toBytes(),
      at.address,
      at.plus(gtCompressedBytes).address,
      from.plus(k * tower.fpBytes).address,
    );
  }
  f.run(reverseCoefficients(tower), to, lanes.address, i32.const(12));
}

/** (to, from, statuses): two encodings into a pair of Fp6, 0 in lanes whose status is set, for 1 or for a refusal. */
function readCoefficients(tower: Tower): Kernel<3> {
  return tower.define('gtReadCoefficients', ['i32', 'i32', 'i32'], (f, to, from, statuses) => {
    const { fpBytes, gtCompressedBytes } = tower.curve;
    const lanes = f.frame(2 * gtCompressedBytes);
    f.run(reverseCoefficients(tower), lanes.address, from, i32.const(12));
    for (const lane of [0, 1]) {
      const at = lanes.plus(lane * gtCompressedBytes);
      const status = f.let(f.call(encodingStatus(tower), at.address));
      f.emit(store.i32(statuses, 4 * lane, status));
      f.if(status, () => f.emit(memoryFill(at.address, i32.const(0), i32.const(gtCompressedBytes))));
    }
    for (let k = 0; k < 6; k++) {
      const at = lanes.plus(k * fpBytes);
      f.run(
        tower.fp.fromBytes(),
        new Ptr(to, k * tower.fpBytes).address,
        at.address,
        at.plus(gtCompressedBytes).address,
      );
    }
  });
}

/** (from): what six little-endian coefficients are: {@link IS_ONE}, or a status. */
function encodingStatus(tower: Tower): ResultKernel<1> {
  const name = functionName(tower.form, 'gtEncodingStatus');
  return tower.module.once(name, ['i32'], 'i32', (f, from) => {
    const { fpBytes, gtCompressedBytes } = tower.curve;
    const flagWord = fpBytes / 8 - 1;
    const first = f.let(load.i64(from, 8 * flagWord));
    const others = f.let(i64.const(0));
    for (let i = 0; i < gtCompressedBytes / 8; i++) {
      if (i !== flagWord) f.set(others, i64.or(others, load.i64(from, 8 * i)));
    }
    const status = f.let(i32.add(f.call(fpNotCanonical(tower), from, i32.const(6)), i32.const(1)));
    f.if(i64.eqz(others), () => {
      f.if(i64.eqz(first), () => f.set(status, i32.const(DECOMPRESS_STATUS.minusOne)));
      f.if(i64.eq(first, i64.const(BigInt(ONE_FLAG) << 56n)), () => f.set(status, i32.const(IS_ONE)));
    });
    return status;
  });
}

/** Emits inversions of one element of Fp6 per pair, in three passes that share one inversion in Fp. */
class BatchInversion {
  readonly #tower: Tower;
  readonly #f: FunctionBuilder;
  readonly #slots: Local<'i32'>;
  readonly #norms: Local<'i32'>;
  readonly #count: Local<'i32'>;
  /** Slot of the current element: adjugate, then its norm to Fp2. */
  readonly #slot: Local<'i32'>;
  readonly #norm: Local<'i32'>;

  constructor(tower: Tower, f: FunctionBuilder, scratch: Local<'i32'>, count: Local<'i32'>) {
    const slotBytes = tower.fp6Bytes + tower.fp2Bytes;
    this.#tower = tower;
    this.#f = f;
    this.#count = count;
    this.#slots = scratch;
    this.#norms = f.let(i32.add(scratch, i32.mul(count, i32.const(slotBytes))));
    this.#slot = f.let(scratch);
    this.#norm = f.let(this.#norms);
  }

  /** First pass: takes in the next element. */
  start(element: I32): void {
    const norm2 = new Ptr(this.#slot, this.#tower.fp6Bytes).address;
    this.#f.run(fp6InvertStart(this.#tower), this.#slot, norm2, this.#norm, element);
    this.#advance();
  }

  /** Between the passes. */
  invert(): void {
    // After the first pass #norm is just behind the norms, where there is room for the products.
    this.#f.run(this.#tower.fp.batchInvert, this.#norms, this.#count, this.#norm);
    this.#f.set(this.#slot, this.#slots);
    this.#f.set(this.#norm, this.#norms);
  }

  /** Second pass: finishes the next element, and yields the address of its inverse. */
  finish(): I32 {
    const inverse = this.#f.let(this.#slot);
    const norm2 = new Ptr(this.#slot, this.#tower.fp6Bytes).address;
    this.#f.run(fp6InvertFinish(this.#tower), this.#slot, norm2, this.#norm);
    this.#advance();
    return inverse;
  }

  #advance(): void {
    const { fp6Bytes, fp2Bytes, fpBytes } = this.#tower;
    this.#f.set(this.#slot, i32.add(this.#slot, i32.const(fp6Bytes + fp2Bytes)));
    this.#f.set(this.#norm, i32.add(this.#norm, i32.const(fpBytes)));
  }
}
