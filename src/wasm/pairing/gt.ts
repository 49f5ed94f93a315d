/** The target group on pairs of elements, internal form. */

import { type Address, type I32, i32, load, memoryFill, Ptr, select, store, toPtr } from '../emit/index.ts';
import { functionName } from '../field/field-form.ts';
import { cyclotomicPower, cyclotomicSqr } from '../tower/cyclotomic.ts';
import { eachFp2, eachPlace, zeroLanes } from '../tower/fp2-functions.ts';
import { fp12Conjugate, fp12Copy, fp12Equal, fp12Mul, fp12One, fp12SwapLanes } from '../tower/fp12.ts';
import { fp12Frobenius } from '../tower/frobenius.ts';
import type { Kernel, ResultKernel, Tower } from '../tower/tower.ts';
import { each } from './each.ts';
import { GT_DIGITS, GT_TABLE_SIZE } from './pairing-layout.ts';
import { pairingParameters } from './parameters.ts';

/** (out, left, right, count): out_i = left_i·right_i for `count` pairs. */
export function gtMul(tower: Tower): Kernel<4> {
  return tower.define('gtMul', ['i32', 'i32', 'i32', 'i32'], (f, out, left, right, count) => {
    f.repeat(count, () => {
      f.run(fp12Mul(tower), out, left, right);
      for (const at of [out, left, right]) f.set(at, i32.add(at, i32.const(tower.fp12Bytes)));
    });
  });
}

/** (o, a): in both lanes of o the product of the two lanes of a; o apart from a. */
function mulLanes(tower: Tower): Kernel<2> {
  return tower.define('fp12MulLanes', ['i32', 'i32'], (f, o, a) => {
    f.run(fp12SwapLanes(tower), o, a);
    f.run(fp12Mul(tower), o, o, a);
  });
}

/** (out, values, count): in both lanes of one pair the product of all lanes of `count` pairs; 1 for none. */
export function gtProduct(tower: Tower): Kernel<3> {
  return tower.define('gtProduct', ['i32', 'i32', 'i32'], (f, out, values, count) => {
    const product = f.frame(tower.fp12Bytes).address;
    f.run(fp12One(tower), product);
    each(f, values, count, tower.fp12Bytes, (at) => f.run(fp12Mul(tower), product, product, at));
    f.run(mulLanes(tower), out, product);
  });
}

/**
 * (a): lanes of a that hold an element of GT, as bits: x ≠ 0 with x^(p⁴)·x = x^(p²), which makes it cyclotomic, of an order that divides
 * p⁴ − p² + 1, and x^h = 1 for a multiple h of r with gcd(h, p⁴ − p² + 1) = r, which makes its order r or 1. On BLS h = p − u (Scott,
 * ePrint 2021/1130, section 5), on BN h = 6u + 2 + p − p² + p³: the relation of the optimal ate loop, with half the exponent of
 * p − 6u². test/wasm/pairing/gt.test.ts computes both greatest common divisors.
 */
export function gtMembers(tower: Tower): ResultKernel<1> {
  return tower.module.once(functionName(tower.form, 'gtMembers'), ['i32'], 'i32', (f, a) => {
    const [x, y] = [f.frame(tower.fp12Bytes).address, f.frame(tower.fp12Bytes).address];
    const { parameter, negative } = pairingParameters(tower.curve);
    const power = cyclotomicPower(tower, parameter);
    f.run(fp12Frobenius(tower, 2), y, a);
    f.run(fp12Frobenius(tower, 2), x, y);
    f.run(fp12Mul(tower), x, x, a);
    const bits = f.let(f.call(fp12Equal(tower), x, y));
    f.set(bits, i32.and(bits, i32.xor(zeroLanes(tower.ops(f), new Ptr(a), 6), i32.const(3))));
    f.if(bits, () => {
      f.run(power, x, a);
      if (tower.curve.name === 'bn254') {
        // x = a^(6u + 2 + p + p³) = ((a^u)³·a)²·a^p·a^(p³), which must be y = a^(p²).
        const t = f.frame(tower.fp12Bytes).address;
        f.run(cyclotomicSqr(tower), t, x);
        f.run(fp12Mul(tower), x, x, t);
        f.run(fp12Mul(tower), x, x, a);
        f.run(cyclotomicSqr(tower), x, x);
        for (const k of [1, 3] as const) {
          f.run(fp12Frobenius(tower, k), t, a);
          f.run(fp12Mul(tower), x, x, t);
        }
      } else {
        if (negative) f.run(fp12Conjugate(tower), x, x);
        f.run(fp12Frobenius(tower, 1), y, a);
      }
      f.set(bits, i32.and(bits, f.call(fp12Equal(tower), x, y)));
    });
    return bits;
  });
}

/** Bits of a window of {@link gtMultiExp}: digits are odd, below 2⁴ in size, and at least this far apart. */
const WINDOW_BITS = 5;
const SCALAR_BYTES = 32;

/**
 * (out, bases, scalars, count, scratch): Π bases^scalars over `count` pairs of bases in GT, in both lanes of `out`. Scalars are 32 bytes
 * little-endian, below 2²⁵⁵, those of a pair's lanes one after another. Straus' method with non-adjacent forms of width five: eight
 * powers and about 43 digits a base, two digits a product. What a lane gathers does not matter, since the lanes are multiplied in
 * the end, so the digits of one position fill both lanes whichever bases they come from. Splitting scalars by the Frobenius map
 * into four of 64 bits would save 192 of 256 cyclotomic squarings, about 75 products, and cost 24 maps of table entries a pair,
 * about 4 products: no gain from twenty pairs on, which is what verification brings.
 */
export function gtMultiExp(tower: Tower): Kernel<5> {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return tower.define('gtMultiExp', params, (f, out, bases, scalars, count, scratch) => {
    const tableBytes = GT_TABLE_SIZE * tower.fp12Bytes;
    const digits = f.let(i32.add(scratch, i32.mul(count, i32.const(tableBytes))));
    const table = f.let(scratch);
    each(f, bases, count, tower.fp12Bytes, (base) => {
      f.run(oddPowers(tower), table, base);
      f.set(table, i32.add(table, i32.const(tableBytes)));
    });
    const lanes = f.let(i32.shl(count, i32.const(1)));
    f.emit(memoryFill(digits, i32.const(0), i32.mul(lanes, i32.const(GT_DIGITS))));
    const column = f.let(digits);
    each(f, scalars, lanes, SCALAR_BYTES, (scalar) => {
      f.run(nonAdjacentForm(tower), column, lanes, scalar);
      f.set(column, i32.add(column, i32.const(1)));
    });

    const [result, factor, one] = [0, 1, 2].map(() => f.frame(tower.fp12Bytes).address) as [I32, I32, I32];
    f.run(fp12One(tower), result);
    f.run(fp12One(tower), one);
    /** The power that waits for a second one, or 0. Addresses of powers are even; the last bit is set for an inverse. */
    const waiting = f.let(i32.const(0));
    const multiply = (second: I32): void => {
      f.run(gatherPowers(tower), factor, waiting, second);
      f.run(fp12Mul(tower), result, result, factor);
      f.set(waiting, i32.const(0));
    };
    const position = f.let(i32.const(GT_DIGITS));
    const row = f.let(i32.add(digits, i32.mul(lanes, i32.const(GT_DIGITS))));
    f.repeat(position, () => {
      f.if(i32.ne(position, i32.const(GT_DIGITS)), () => f.run(cyclotomicSqr(tower), result, result));
      f.set(row, i32.sub(row, lanes));
      f.set(table, scratch);
      const lane = f.let(i32.const(0));
      each(f, row, lanes, 1, (at) => {
        const digit = f.let(load.i32From8U(at));
        f.if(digit, () => {
          const power = i32.mul(i32.shrU(digit, i32.const(2)), i32.const(tower.fp12Bytes));
          const laneAt = i32.mul(lane, i32.const(tower.form.laneBytes));
          const found = f.let(
            i32.or(i32.add(table, i32.add(power, laneAt)), i32.and(digit, i32.const(INVERSE))),
          );
          f.if(
            waiting,
            () => multiply(found),
            () => f.set(waiting, found),
          );
        });
        f.set(table, i32.add(table, i32.mul(lane, i32.const(tableBytes))));
        f.set(lane, i32.xor(lane, i32.const(1)));
      });
      f.if(waiting, () => multiply(one));
    });
    f.run(mulLanes(tower), out, result);
  });
}

/** (table, base): the powers 1, 3, 5 … 15 of `base`. */
function oddPowers(tower: Tower) {
  return tower.define('gtOddPowers', ['i32', 'i32'], (f, table, base) => {
    const power = (k: number): I32 => new Ptr(table, k * tower.fp12Bytes).address;
    const square = f.frame(tower.fp12Bytes).address;
    f.run(fp12Copy(tower), power(0), base);
    f.run(cyclotomicSqr(tower), square, base);
    for (let k = 1; k < GT_TABLE_SIZE; k++) f.run(fp12Mul(tower), power(k), power(k - 1), square);
  });
}

/** Set in a digit d < 0. A digit is kept as 2|d| and this bit, so that ⌊|d|/2⌋ is two bits up: 0 stays for none. */
const INVERSE = 1;

/**
 * (digits, stride, scalar): the non-adjacent form of a scalar, one byte a position, lowest first and `stride` bytes apart. Digits that
 * are 0 are not written.
 */
function nonAdjacentForm(tower: Tower) {
  return tower.define('gtNonAdjacentForm', ['i32', 'i32', 'i32'], (f, digits, stride, scalar) => {
    const [carry, position, word] = [f.let(i32.const(0)), f.let(i32.const(0)), f.local('i32')];
    const size = 1 << WINDOW_BITS;
    f.while(
      () => i32.ltU(position, i32.const(GT_DIGITS)),
      () => {
        const byte = i32.shrU(position, i32.const(3));
        // Bits from the position on; those past the scalar's last byte belong to another and are dropped.
        const above = select(
          i32.shl(load.i32From8U(i32.add(scalar, byte), 1), i32.const(8)),
          i32.const(0),
          i32.ltU(byte, i32.const(SCALAR_BYTES - 1)),
        );
        f.set(word, i32.or(load.i32From8U(i32.add(scalar, byte)), above));
        f.set(word, i32.shrU(word, i32.and(position, i32.const(7))));
        f.if(
          i32.eq(i32.and(word, i32.const(1)), carry),
          () => {
            f.set(position, i32.add(position, i32.const(1)));
            f.set(digits, i32.add(digits, stride));
          },
          () => {
            f.set(word, i32.add(i32.and(word, i32.const(size - 1)), carry));
            f.set(carry, i32.gtU(word, i32.const(size / 2)));
            const digit = select(
              i32.or(i32.shl(i32.sub(i32.const(size), word), i32.const(1)), i32.const(INVERSE)),
              i32.shl(word, i32.const(1)),
              carry,
            );
            f.emit(store.i32To8(digits, 0, digit));
            f.set(position, i32.add(position, i32.const(WINDOW_BITS)));
            f.set(digits, i32.add(digits, i32.mul(stride, i32.const(WINDOW_BITS))));
          },
        );
      },
    );
  });
}

/** (o, first, second): one power in each lane of o, the inverse, that is the conjugate, where the last bit of the address is set. */
function gatherPowers(tower: Tower) {
  return tower.define('gtGatherPowers', ['i32', 'i32', 'i32'], (f, o, first, second) => {
    const ops = tower.ops(f);
    const inverse = (at: I32): I32 => i32.and(at, i32.const(INVERSE));
    const negated = f.let(i32.or(inverse(first), i32.shl(inverse(second), i32.const(1))));
    const places = [o, ...[first, second].map((at) => f.let(i32.and(at, i32.const(~INVERSE))))];
    eachPlace(ops, 3, places, (to, lane0, lane1) => {
      ops.store(to as Address, ops.loadSingles(lane0 as Address, lane1 as Address, 'lane'));
    });
    const high = places.map((place) => toPtr(place, tower.fp6Bytes));
    eachPlace(ops, 3, high, (to, lane0, lane1) => {
      const value = ops.loadSingles(lane0 as Address, lane1 as Address, 'lane');
      ops.store(to as Address, ops.select(ops.fp.maskFromBits(negated), ops.neg(value), value));
    });
  });
}

/** (o, lanes): 1 in o in the lanes whose bits are set; the others stay. */
export function oneWhere(tower: Tower): Kernel<2> {
  return tower.define('fp12OneWhere', ['i32', 'i32'], (f, o, lanes) => {
    const ops = tower.ops(f);
    const one = f.frame(tower.fp12Bytes);
    f.run(fp12One(tower), one.address);
    eachFp2(ops, 6, o, [one, o], (unit, value) => ops.select(ops.fp.maskFromBits(lanes), unit, value));
  });
}
