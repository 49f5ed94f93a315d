/** Between memory form (flat bytes, src/curve/curve.ts) and pairs of the field form. */

import { i32, i64, type Local, load, Ptr, store } from '../emit/index.ts';
import { functionName } from '../field/field-form.ts';
import type { Kernel, ResultKernel, Tower } from '../tower/tower.ts';

/** (to, from, count): `count` pairs out of 2·count GT elements in memory form, element 2i in lane 0 of pair i. */
export function gtFromBytes(tower: Tower): Kernel<3> {
  return tower.define('gtFromBytes', ['i32', 'i32', 'i32'], (f, to, from, count) => {
    const { fpBytes, gtBytes } = tower.curve;
    f.repeat(count, () => {
      for (let k = 0; k < 12; k++) {
        const lane0 = new Ptr(from, k * fpBytes).address;
        const lane1 = new Ptr(from, gtBytes + k * fpBytes).address;
        f.run(tower.fp.fromBytes(), new Ptr(to, k * tower.fpBytes).address, lane0, lane1);
      }
      f.set(to, i32.add(to, i32.const(tower.fp12Bytes)));
      f.set(from, i32.add(from, i32.const(2 * gtBytes)));
    });
  });
}

/** (to, from, count): the reverse of {@link gtFromBytes}. */
export function gtToBytes(tower: Tower): Kernel<3> {
  return tower.define('gtToBytes', ['i32', 'i32', 'i32'], (f, to, from, count) => {
    const { fpBytes, gtBytes } = tower.curve;
    f.repeat(count, () => {
      for (let k = 0; k < 12; k++) {
        const lane0 = new Ptr(to, k * fpBytes).address;
        const lane1 = new Ptr(to, gtBytes + k * fpBytes).address;
        f.run(tower.fp.toBytes(), lane0, lane1, new Ptr(from, k * tower.fpBytes).address);
      }
      f.set(from, i32.add(from, i32.const(tower.fp12Bytes)));
      f.set(to, i32.add(to, i32.const(2 * gtBytes)));
    });
  });
}

/** (from, count): index of the first of `count` little-endian coefficients of Fp that is not below p, or −1. */
export function fpNotCanonical(tower: Tower): ResultKernel<2> {
  const name = functionName(tower.form, 'fpNotCanonical');
  return tower.module.once(name, ['i32', 'i32'], 'i32', (f, from, count) => {
    const { fpBytes, modulus } = tower.curve;
    const index = f.let(i32.const(0));
    const word = f.local('i64');
    const result = f.let(i32.const(-1));
    f.block((found) => {
      f.while(
        () => i32.ltU(index, count),
        () => {
          f.block((below) => {
            // From the highest word down: the first that differs from p's decides.
            for (let i = fpBytes / 8 - 1; i >= 0; i--) {
              const limb = i64.const((modulus >> BigInt(64 * i)) & (2n ** 64n - 1n));
              f.set(word, load.i64(from, 8 * i));
              f.brIf(below, i64.ltU(word, limb));
              if (i === 0) break;
              f.if(i64.gtU(word, limb), () => {
                f.set(result, index);
                f.br(found);
              });
            }
            f.set(result, index);
            f.br(found);
          });
          f.set(from, i32.add(from, i32.const(fpBytes)));
          f.set(index, i32.add(index, i32.const(1)));
        },
      );
    });
    return result;
  });
}

/** (to, from, count): each of `count` coefficients with its bytes in reverse order: between big and little endian. */
export function reverseCoefficients(tower: Tower): Kernel<3> {
  return tower.define('reverseCoefficients', ['i32', 'i32', 'i32'], (f, to, from, count) => {
    const { fpBytes } = tower.curve;
    const byte = f.local('i32');
    const advance = (at: Local<'i32'>, by: number): void => f.set(at, i32.add(at, i32.const(by)));
    f.repeat(count, () => {
      advance(from, fpBytes);
      f.set(byte, i32.const(fpBytes));
      f.repeat(byte, () => {
        advance(from, -1);
        f.emit(store.i32To8(to, 0, load.i32From8U(from)));
        advance(to, 1);
      });
      advance(from, fpBytes);
    });
  });
}
