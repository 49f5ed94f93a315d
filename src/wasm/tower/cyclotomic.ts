/** Arithmetic in the cyclotomic subgroup of Fp12, the elements with x^(p⁴ − p² + 1) = 1, on pairs in memory. */

import { type FunctionBuilder, type I32, i32, load, Ptr, toPtr } from '../emit/index.ts';
import type { UnaryFunction } from '../field/field-functions.ts';
import {
  type AddressFunction,
  fp2Mul,
  fp2MulXi,
  hasShortProducts,
  storeTurned,
  turnedBytes,
} from './fp2-functions.ts';
import type { Element2 } from './fp2-ops.ts';
import { copyEach } from './fp6.ts';
import { fp12Conjugate, fp12Copy, fp12Mul } from './fp12.ts';
import type { Tower } from './tower.ts';

/**
 * (o, a): o = a² for a in the cyclotomic subgroup (Granger–Scott, PKC 2010, section 3.2): three squarings in Fp4, here as sums
 * of products: 30 products and 12 reductions in Fp. Karabina's compressed squarings would save a third of that, which an
 * inversion and a decompression for each digit of the exponent that is not 0 take back on BN254 and mostly on BLS12-381.
 */
export function cyclotomicSqr(tower: Tower): UnaryFunction {
  return tower.define('cyclotomicSqr', ['i32', 'i32'], (f, o, a) => {
    const c = (base: I32, k: number): I32 => new Ptr(base, tower.offset(k)).address;
    // Part 2 writes what part 3 reads when o is a.
    const [c2, c5, xi, product] = [0, 1, 2, 3].map(() => f.frame(tower.fp2Bytes)) as [Ptr, Ptr, Ptr, Ptr];
    copyEach(tower, f, c2, c(a, 2), 1);
    copyEach(tower, f, c5, c(a, 5), 1);
    const part = (first: number, second: number, s: I32, t: I32, timesXi: boolean): void => {
      f.run(fp2MulXi(tower), xi.address, t);
      f.run(fp2Mul(tower), product.address, s, timesXi ? xi.address : t);
      f.run(fp4SqrFirst(tower), c(o, first), s, t, xi.address, c(a, first));
      f.run(sixfoldPlusTwice(tower), c(o, second), product.address, c(a, second));
    };
    part(0, 3, c(a, 0), c(a, 3), false);
    part(2, 5, c(a, 1), c(a, 4), false);
    part(4, 1, c2.address, c5.address, true);
  });
}

/** (o, a, b, ξb, x): o = 3(a² + b·ξb) − 2x. */
function fp4SqrFirst(tower: Tower) {
  return tower.define('fp4SqrFirst', ['i32', 'i32', 'i32', 'i32', 'i32'], (f, o, a, b, xiB, x) => {
    const ops = tower.ops(f);
    const { fp } = ops;
    if (hasShortProducts(tower)) {
      const p = ops.load(a);
      const { real, imaginary } = ops.splitTerms([[ops.load(b), ops.load(xiB)]]);
      const sum: Element2 = {
        c0: fp.sumOfProducts([[fp.add(p.c0, p.c1), fp.sub(p.c0, p.c1)], ...real]),
        c1: fp.sumOfProducts([[fp.double(p.c0), p.c1], ...imaginary]),
      };
      ops.store(o, ops.sub(ops.triple(sum), ops.double(ops.load(x))));
      return;
    }
    const [factors, turned] = [f.frame(3 * tower.fpBytes), f.frame(turnedBytes(tower))];
    const [sum, difference, twice] = [0, 1, 2].map((i) => factors.plus(i * tower.fpBytes)) as [Ptr, Ptr, Ptr];
    const half = fp4SqrHalf(tower);
    const second = (at: I32 | Ptr): I32 => toPtr(at, tower.fpBytes).address;
    f.scope(() => {
      const p = ops.load(a);
      fp.store(sum, fp.add(p.c0, p.c1));
      fp.store(difference, fp.sub(p.c0, p.c1));
      fp.store(twice, fp.double(p.c0));
      storeTurned(ops, turned, ops.load(xiB));
    });
    f.run(half, o, sum.address, difference.address, b, second(turned), x);
    f.run(half, second(o), twice.address, second(a), b, turned.address, second(x));
  });
}

/** (o, s, t, b, c, x): o = 3(s·t + b0·c0 + b1·c1) − 2x in Fp for b0 ‖ b1 and c0 ‖ c1. */
function fp4SqrHalf(tower: Tower): AddressFunction {
  return tower.define('fp4SqrHalf', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (f, o, s, t, b, c, x) => {
    const fp = tower.form.ops(f);
    const second = (at: I32): Ptr => new Ptr(at, tower.fpBytes);
    const sum = fp.sumOfProducts([
      [fp.load(s), fp.load(t)],
      [fp.load(b), fp.load(c)],
      [fp.load(second(b)), fp.load(second(c))],
    ]);
    fp.store(o, fp.sub(fp.triple(sum), fp.double(fp.load(x))));
  });
}

/** (o, a, x): o = 6a + 2x. */
function sixfoldPlusTwice(tower: Tower) {
  return tower.define('sixfoldPlusTwice', ['i32', 'i32', 'i32'], (f, o, a, x) => {
    const ops = tower.ops(f);
    ops.store(o, ops.double(ops.add(ops.triple(ops.load(a)), ops.load(x))));
  });
}

/** Digits of an exponent in signed windows, and the cost in multiplications. */
interface SignedWindows {
  /** Odd or zero, most significant first. */
  readonly digits: readonly number[];
  /** Powers a, a³, … that the digits need. */
  readonly tableSize: number;
  readonly cost: number;
}

function signedWindows(exponent: bigint, width: number): SignedWindows {
  const digits: number[] = [];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    const digit = rest & 1n ? Number(BigInt.asIntN(width, rest)) : 0;
    digits.unshift(digit);
    rest -= BigInt(digit);
  }
  const used = digits.filter((digit) => digit !== 0);
  const tableSize = (Math.max(...used.map(Math.abs)) + 1) / 2;
  return { digits, tableSize, cost: used.length - 1 + (tableSize > 1 ? tableSize : 0) };
}

/**
 * (o, a): o = a^exponent for a in the cyclotomic subgroup and a fixed exponent ≥ 1, o apart from a: signed windows of the width
 * that takes the fewest multiplications.
 */
export function cyclotomicPower(tower: Tower, exponent: bigint): UnaryFunction {
  return tower.define(`cyclotomicPower${exponent.toString(16)}`, ['i32', 'i32'], (f, o, a) => {
    const { digits, tableSize } = [2, 3, 4, 5, 6]
      .map((width) => signedWindows(exponent, width))
      .reduce((best, candidate) => (candidate.cost < best.cost ? candidate : best));
    // a, a⁻¹, a³, a⁻³, …
    const table = f.frame(2 * tableSize * tower.fp12Bytes);
    const entry = (k: number): Ptr => table.plus(k * tower.fp12Bytes);
    f.run(fp12Copy(tower), entry(0).address, a);
    if (tableSize > 1) f.run(cyclotomicSqr(tower), o, a);
    for (let k = 0; k < tableSize; k++) {
      if (k > 0) f.run(fp12Mul(tower), entry(2 * k).address, entry(2 * k - 2).address, o);
      f.run(fp12Conjugate(tower), entry(2 * k + 1).address, entry(2 * k).address);
    }
    const index = (digit: number): number => Math.abs(digit) - (digit > 0 ? 1 : 0);
    f.run(fp12Copy(tower), o, entry(index(digits[0] as number)).address);
    forDigits(
      f,
      digits.slice(1).map((digit) => (digit === 0 ? 255 : index(digit))),
      (code) => {
        f.run(cyclotomicSqr(tower), o, o);
        f.if(i32.ne(code, i32.const(255)), () => {
          f.run(fp12Mul(tower), o, o, i32.add(table.address, i32.mul(code, i32.const(tower.fp12Bytes))));
        });
      },
    );
  });
}

/** Emits a loop over bytes kept in the constant region. */
export function forDigits(f: FunctionBuilder, codes: readonly number[], body: (code: I32) => void): void {
  const bytes = f.constantAddress(Uint8Array.from(codes));
  const position = f.let(i32.const(0));
  const code = f.local('i32');
  f.while(
    () => i32.ltU(position, i32.const(codes.length)),
    () => {
      f.set(code, load.i32From8U(position, bytes.offset));
      body(code);
      f.set(position, i32.add(position, i32.const(1)));
    },
  );
}
