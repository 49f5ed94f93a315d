/**
 * Group arithmetic as programs of the field machine: XYZZ coordinates (x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ²; infinity has ZZ = 0)
 * on curves with a = 0. Formulas: Explicit-Formulas Database, short Weierstrass, xyzz: madd-2008-s, add-2008-s, dbl-2008-s-1.
 */

import type { FieldSpec } from './field-spec.ts';
import { Assembler, type FieldEmitter, primeEmitter, quadraticEmitter, type Registers } from './program.ts';

/** Name of a group. */
export type GroupName = 'g1' | 'g2';

/** Names of a group's programs. */
export type PointProgram = 'mixed' | 'full' | 'double' | 'affine' | 'scale';

/** The programs of a group, and where its points stand in the registers. */
export interface PointPrograms {
  readonly group: GroupName;
  /** Prime-field elements, and so registers, that a coordinate has. */
  readonly degree: number;
  readonly assembler: Assembler;
  /** First register of the accumulator (X, Y, ZZ, ZZZ) and of the operand (the same). */
  readonly accumulator: number;
  readonly operand: number;
  /** Register of the factor that `scale` multiplies by. */
  readonly factor: number;
  /** Products in the prime field that a program takes. */
  readonly products: Readonly<Record<PointProgram, number>>;
}

/** Registers that {@link power} takes for the powers 2 to 7. */
const TABLE_SIZE = 6;

/** result = value^exponent, exponent ≥ 1, by windows of three bits. */
function power(
  field: FieldEmitter,
  result: Registers,
  value: Registers,
  exponent: bigint,
  table: readonly Registers[],
): void {
  const entry = (digit: number): Registers => (digit === 1 ? value : (table[digit - 2] as Registers));
  for (let digit = 2; digit < 2 + TABLE_SIZE; digit++) {
    if (digit % 2 === 0) field.square(entry(digit), entry(digit / 2));
    else field.multiply(entry(digit), entry(digit - 1), value);
  }
  const [first = 1, ...rest] = [...exponent.toString(8)].map(Number);
  let current = entry(first);
  for (const digit of rest) {
    for (let i = 0; i < 3; i++) {
      field.square(result, current);
      current = result;
    }
    if (digit > 0) field.multiply(result, result, entry(digit));
  }
}

/**
 * Programs `mixed` (accumulator + operand, whose ZZ and ZZZ count as 1), `full` (accumulator + operand), `double` (of the
 * accumulator), `affine` (accumulator to x and y in place, infinity to zeros) and `scale` (x and y in place times a factor: into
 * Montgomery form and out of it). Sums may be of infinity, of a point with itself and of opposites.
 */
export function pointPrograms(field: FieldSpec, group: GroupName): PointPrograms {
  const assembler = new Assembler();
  const degree = group === 'g1' ? 1 : 2;
  const take = (): Registers => assembler.register(degree);
  const [x, y, zz, zzz] = [take(), take(), take(), take()];
  const [qx, qy, qzz, qzzz] = [take(), take(), take(), take()];
  const [h, r, s] = [take(), take(), take()];
  const [factor = 0] = assembler.register();
  const prime = primeEmitter(assembler);
  const f = group === 'g1' ? prime : quadraticEmitter(assembler);

  // X3 and Y3 of all three operations: slope, x times the square of the scale, y times its cube.
  const finish = (slope: Registers, scaledX: Registers): void => {
    f.subtract(x, x, scaledX);
    f.subtract(x, x, scaledX);
    f.subtract(scaledX, scaledX, x);
    f.multiply(scaledX, scaledX, slope);
    f.subtract(y, scaledX, y);
  };
  const doubling = assembler.label();
  const clear = (element: Registers): void => f.subtract(element, element, element);
  // Ends where a point is infinity: Q counts as infinity when all of `signs` are 0; P becomes Q, over `denominators`, when its ZZ is.
  const begin = (signs: readonly Registers[], takeDenominators: () => void): void => {
    const [proceed, isSum] = [assembler.label(), assembler.label()];
    for (const sign of signs) assembler.branch(sign, proceed);
    assembler.halt();
    assembler.place(proceed);
    assembler.branch(zz, isSum);
    f.add(x, qx, zz);
    f.add(y, qy, zz);
    takeDenominators();
    assembler.halt();
    assembler.place(isSum);
  };
  // h = x-coordinate of Q less that of P, r = the same in y, over the denominators of (x, y, zz, zzz) = P. Where P = Q it doubles.
  const finishSum = (): void => {
    const [differ, areOpposite] = [assembler.label(), assembler.label()];
    assembler.branch(h, differ);
    assembler.branch(r, areOpposite);
    assembler.jump(doubling);
    assembler.place(areOpposite);
    for (const element of [x, y, zz, zzz]) clear(element);
    assembler.halt();
    assembler.place(differ);
    f.square(s, h);
    f.multiply(h, h, s);
    f.multiply(zz, zz, s);
    f.multiply(zzz, zzz, h);
    f.multiply(y, y, h);
    f.multiply(s, s, x);
    f.square(x, r);
    f.subtract(x, x, h);
    finish(r, s);
  };

  const mixed = assembler.program('mixed', () => {
    begin([qx, qy], () => {
      for (const element of [zzz, zz]) {
        clear(element);
        assembler.emit('one', element[0] as number, 0, 0);
      }
    });
    f.multiply(h, qx, zz);
    f.multiply(r, qy, zzz);
    f.subtract(h, h, x);
    f.subtract(r, r, y);
    finishSum();
  });
  const full = assembler.program('full', () => {
    begin([qzz], () => {
      f.add(zzz, qzzz, zz);
      f.add(zz, qzz, zz);
    });
    f.multiply(h, qx, zz);
    f.multiply(r, qy, zzz);
    f.multiply(x, x, qzz);
    f.multiply(y, y, qzzz);
    f.multiply(zz, zz, qzz);
    f.multiply(zzz, zzz, qzzz);
    f.subtract(h, h, x);
    f.subtract(r, r, y);
    finishSum();
  });
  const double = assembler.program('double', () => {
    assembler.place(doubling);
    f.add(h, y, y);
    f.square(r, h);
    f.multiply(h, h, r);
    f.multiply(zz, zz, r);
    f.multiply(zzz, zzz, h);
    f.multiply(y, y, h);
    f.multiply(r, r, x);
    f.square(x, x);
    f.add(s, x, x);
    f.add(s, s, x);
    f.square(x, s);
    finish(s, r);
  });
  // 1/ZZZ by Fermat; in Fq2 by the norm, 1/(a + bu) = (a − bu)/(a² + b²). 1/Z = ZZ/ZZZ.
  const affine = assembler.program('affine', () => {
    const spare = [qx, qy, qzz, qzzz, h, r].flat();
    const table = spare.slice(0, TABLE_SIZE).map((register) => [register]);
    const [norm, inverse] = [spare[TABLE_SIZE] ?? -1, s[0] as number];
    if (degree === 1) power(prime, [inverse], zzz, field.modulus - 2n, table);
    else {
      const [a = 0, b = 0] = zzz;
      const other = s[1] as number;
      prime.square([norm], [a]);
      prime.square([other], [b]);
      prime.add([norm], [norm], [other]);
      power(prime, [inverse], [norm], field.modulus - 2n, table);
      prime.multiply([other], [inverse], [b]);
      prime.multiply([inverse], [inverse], [a]);
      prime.subtract([norm], [norm], [norm]);
      prime.subtract([other], [norm], [other]);
    }
    f.multiply(y, y, s);
    f.multiply(s, s, zz);
    f.square(s, s);
    f.multiply(x, x, s);
  });

  const scale = assembler.program('scale', () => {
    for (const register of [x, y].flat()) prime.multiply([register], [register], [factor]);
  });

  return {
    group,
    degree,
    assembler,
    accumulator: x[0] as number,
    operand: qx[0] as number,
    factor,
    products: { mixed, full, double, affine, scale },
  };
}
