/** The target group on pairs of elements, internal form. */

import { type Address, type I32, i32, type Local, load, Ptr, store, toPtr } from '../emit/index.ts';
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
 * (a): lanes of a that hold an element of GT, as bits: x ≠ 0 with x^(p⁴)·x = x^(p²), which makes it cyclotomic, and x^p = x^e, which
 * together make its order r (Scott, ePrint 2021/1130, section 5); e = 6u² on BN and u on BLS.
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
        // x^(6u²) = ((x^u)^u)^(2 + 4).
        f.run(power, y, x);
        f.run(cyclotomicSqr(tower), y, y);
        f.run(cyclotomicSqr(tower), x, y);
        f.run(fp12Mul(tower), x, x, y);
      } else if (negative) f.run(fp12Conjugate(tower), x, x);
      f.run(fp12Frobenius(tower, 1), y, a);
      f.set(bits, i32.and(bits, f.call(fp12Equal(tower), x, y)));
    });
    return bits;
  });
}

/** Bits of a window of {@link gtMultiExp}. */
const WINDOW_BITS = 4;
/** Windows of a scalar of 32 bytes. Scalars are below 2²⁵⁵, so the top digit takes its carry in. */
const WINDOWS = GT_DIGITS;
const SCALAR_BYTES = 32;

/**
 * (out, bases, scalars, count, scratch): Π bases^scalars over `count` pairs of bases in GT, in both lanes of `out`. Scalars are 32 bytes
 * little-endian, below 2²⁵⁵, those of a pair's lanes one after another. Straus' method with signed windows of four bits: 64
 * products a base, seven for its table, and 256 cyclotomic squarings in all. Splitting scalars by the Frobenius map into four of
 * 64 bits would save 192 squarings, about 75 products, and cost 24 maps of table entries a base, about 8 products: no gain from
 * ten pairs of bases on, which is what verification brings.
 */
export function gtMultiExp(tower: Tower): Kernel<5> {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return tower.define('gtMultiExp', params, (f, out, bases, scalars, count, scratch) => {
    const tableBytes = GT_TABLE_SIZE * tower.fp12Bytes;
    const digits = f.let(i32.add(scratch, i32.mul(count, i32.const(tableBytes))));
    const table = f.let(scratch);
    each(f, bases, count, tower.fp12Bytes, (base) => {
      f.run(powersTable(tower), table, base);
      f.set(table, i32.add(table, i32.const(tableBytes)));
    });
    const digit = f.let(digits);
    each(f, scalars, f.let(i32.shl(count, i32.const(1))), SCALAR_BYTES, (scalar) => {
      f.run(signedDigits(tower), digit, scalar);
      f.set(digit, i32.add(digit, i32.const(WINDOWS)));
    });

    const [result, factor] = [f.frame(tower.fp12Bytes).address, f.frame(tower.fp12Bytes).address];
    f.run(fp12One(tower), result);
    const window = f.let(i32.const(WINDOWS));
    f.repeat(window, () => {
      f.if(i32.ne(window, i32.const(WINDOWS)), () => {
        for (let i = 0; i < WINDOW_BITS; i++) f.run(cyclotomicSqr(tower), result, result);
      });
      f.set(table, scratch);
      // Digits of window − 1, lane 0, then lane 1 a scalar further on.
      each(f, i32.add(digits, window), count, 2 * WINDOWS, (at) => {
        const [d0, d1] = [f.let(load.i32From8U(at, -1)), f.let(load.i32From8U(at, WINDOWS - 1))];
        f.if(i32.or(d0, d1), () => {
          f.run(gatherPowers(tower), factor, table, d0, d1);
          f.run(fp12Mul(tower), result, result, factor);
        });
        f.set(table, i32.add(table, i32.const(tableBytes)));
      });
    });
    f.run(mulLanes(tower), out, result);
  });
}

/** (table, base): powers 0 to 8 of `base`. */
function powersTable(tower: Tower) {
  return tower.define('gtPowersTable', ['i32', 'i32'], (f, table, base) => {
    const power = (k: number): I32 => new Ptr(table, k * tower.fp12Bytes).address;
    f.run(fp12One(tower), power(0));
    f.run(fp12Copy(tower), power(1), base);
    for (let k = 2; k < GT_TABLE_SIZE; k++) {
      if (k % 2 === 0) f.run(cyclotomicSqr(tower), power(k), power(k / 2));
      else f.run(fp12Mul(tower), power(k), power(k - 1), base);
    }
  });
}

/** A digit d is kept as |d| with this bit set if d < 0. */
const SIGN = 128;

/** (digits, scalar): the signed windows of a scalar, lowest first, one a byte: [−7, 8], |d| and {@link SIGN}. */
function signedDigits(tower: Tower) {
  return tower.define('gtSignedDigits', ['i32', 'i32'], (f, digits, scalar) => {
    const [carry, digit] = [f.let(i32.const(0)), f.local('i32')];
    const index = f.let(i32.const(0));
    f.while(
      () => i32.ltU(index, i32.const(WINDOWS)),
      () => {
        const byte = load.i32From8U(i32.add(scalar, i32.shrU(index, i32.const(1))));
        const nibble = i32.and(
          i32.shrU(byte, i32.shl(i32.and(index, i32.const(1)), i32.const(2))),
          i32.const(15),
        );
        f.set(digit, i32.add(nibble, carry));
        f.set(carry, i32.gtU(digit, i32.const(8)));
        f.if(carry, () => f.set(digit, i32.or(i32.sub(i32.const(16), digit), i32.const(SIGN))));
        f.emit(store.i32To8(i32.add(digits, index), 0, digit));
        f.set(index, i32.add(index, i32.const(1)));
      },
    );
  });
}

/** (o, table, d0, d1): the table's power d0 in lane 0 and d1 in lane 1; negative powers are conjugates. */
function gatherPowers(tower: Tower) {
  return tower.define('gtGatherPowers', ['i32', 'i32', 'i32', 'i32'], (f, o, table, d0, d1) => {
    const ops = tower.ops(f);
    const entry = (digit: Local<'i32'>): Local<'i32'> =>
      f.let(i32.add(table, i32.mul(i32.and(digit, i32.const(SIGN - 1)), i32.const(tower.fp12Bytes))));
    const [at0, at1] = [entry(d0), entry(d1)];
    const negated = f.let(
      i32.or(i32.shrU(d0, i32.const(7)), i32.shl(i32.shrU(d1, i32.const(7)), i32.const(1))),
    );
    const places = [o, at0, new Ptr(at1, tower.form.laneBytes)];
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
