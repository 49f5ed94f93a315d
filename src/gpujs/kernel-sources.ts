/**
 * Kernels in the part of JavaScript that gpu.js translates, as text: what a bundler makes of a function, gpu.js may not read. One thread
 * computes one number. Arrays have up to three dimensions, the last index first in `this.thread`: limb, coordinate, element.
 *
 * Divisions are products with a power of two, which floats do exactly.
 */

import { LIMB_RADIX, type LimbSpec } from './limb-spec.ts';

const INVERSE = 1 / LIMB_RADIX;

/** What is passed on from a limb so that −256 ≤ rest < 256 stays. */
const carryOf = (value: string): string => `Math.floor(${value} * ${INVERSE} + 0.5)`;

/** Declares `name` as an array's entry, or 0 outside of 0 ≤ index < length. */
const fetch = (name: string, array: string, index: string, length: number): string => `
    let ${name} = 0.0;
    if (${index} >= 0) { if (${index} < ${length}) { ${name} = ${array}[${index}]; } }`;

/**
 * Declares `${name}0` and `${name}1`: limbs j and j − 1 of an array of `length` numbers of up to 24 bits, carries passed on. Such a number
 * reaches two limbs further, and what that makes is carried once more. The limb `top`, if any, keeps its carry.
 */
function carried(name: string, array: string, length: number, top?: number): string {
  const v = (i: number): string => `${name}v${i}`;
  const q = (i: number): string => `${name}q${i}`;
  const h = (i: number): string => `${name}h${i}`;
  const l = (i: number): string => `${name}l${i}`;
  const indices = [0, 1, 2, 3, 4];
  const fetches = indices.map((i) => fetch(v(i), array, i === 0 ? 'j' : `j - ${i}`, length)).join('');
  const carries = indices
    .map(
      (i) => `
    const ${q(i)} = ${carryOf(v(i))};
    const ${h(i)} = ${carryOf(q(i))};`,
    )
    .join('');
  const firsts = [0, 1, 2]
    .map(
      (i) => `
    const ${l(i)} = (${v(i)} - ${LIMB_RADIX}.0 * ${q(i)}) + (${q(i + 1)} - ${LIMB_RADIX}.0 * ${h(i + 1)}) + ${h(i + 2)};`,
    )
    .join('');
  const pass = (i: number): string => `(${l(i)} - ${LIMB_RADIX}.0 * ${carryOf(l(i))}) + ${carryOf(l(i + 1))}`;
  const keepTop =
    top === undefined
      ? ''
      : `
    if (j === ${top}) { ${name}0 = ${v(0)} + ${q(1)} + ${h(2)} + ${carryOf(l(1))}; }`;
  return `${fetches}${carries}${firsts}
    let ${name}0 = ${pass(0)};
    const ${name}1 = ${pass(1)};${keepTop}`;
}

/** The j-th limb out of `index` and `other`, a pair's limbs, summed over i + k = the thread's column. */
function columnLoop(limbs: number, body: string): string {
  return `
    const k = this.thread.x;
    let sum = 0.0;
    for (let i = 0; i < ${limbs}; i++) {
      const m = k - i;
      if (m >= 0) { if (m < ${limbs}) { ${body} } }
    }`;
}

/** Columns of left·right + addend. Arguments: left, right, addend, each [n][1][limbs]. */
export function multiplyAddColumns({ limbs }: LimbSpec): string {
  return `function (left, right, addend) {${columnLoop(
    limbs,
    'sum += left[this.thread.z][this.thread.y][i] * right[this.thread.z][this.thread.y][m];',
  )}
    if (k < ${limbs}) { sum += addend[this.thread.z][this.thread.y][k]; }
    return sum;
  }`;
}

/**
 * Columns of the products of the addition's first step: X₁X₂, Y₁Y₂, Z₁Z₂, X₁Y₂ + Y₁X₂, Y₁Z₂ + Z₁Y₂, X₁Z₂ + Z₁X₂. Arguments: left, right,
 * each [n][3][limbs].
 */
export function firstColumns({ limbs }: LimbSpec): string {
  return `function (left, right) {
    const y = this.thread.y;
    const z = this.thread.z;
    let p = y;
    let r = y;
    if (y > 2) { p = 0; r = 2; if (y === 3) { r = 1; } if (y === 4) { p = 1; } }${columnLoop(
      limbs,
      `sum += left[z][p][i] * right[z][r][m];
        if (y > 2) { sum += left[z][r][i] * right[z][p][m]; }`,
    )}
    return sum;
  }`;
}

/** Limbs of columns. Argument: [n][rows][columns]. */
export function carryColumns({ columns }: LimbSpec): string {
  return `function (values) {
    const j = this.thread.x;${carried('a', 'values[this.thread.z][this.thread.y]', columns)}
    return a0;
  }`;
}

/** Folds the high limbs of products. Arguments: [n][rows][digits], the table [digits − folded][limbs]. */
export function foldDigits({ folded, digits }: LimbSpec): string {
  return `function (values, table) {
    const j = this.thread.x;
    let sum = 0.0;
    if (j < ${folded}) { sum = values[this.thread.z][this.thread.y][j]; }
    for (let i = 0; i < ${digits - folded}; i++) {
      sum += values[this.thread.z][this.thread.y][i + ${folded}] * table[i][j];
    }
    return sum;
  }`;
}

/**
 * What the addition's second step multiplies, out of the first step's a … f with b₃ = 3b: d, e, b − b₃c, b + b₃c, b₃f, 3a. Argument:
 * [n][6][limbs].
 */
export function combinations({ limbs }: LimbSpec, b3: number): string {
  const top = limbs - 1;
  return `function (values) {
    const j = this.thread.x;
    const y = this.thread.y;
    const z = this.thread.z;
    let source = 3;
    let factor = 1.0;
    let other = 0.0;
    if (y === 1) { source = 4; }
    if (y === 2) { source = 1; other = -${b3}.0; }
    if (y === 3) { source = 1; other = ${b3}.0; }
    if (y === 4) { source = 5; factor = ${b3}.0; }
    if (y === 5) { source = 0; factor = 3.0; }${carried('a', 'values[z][source]', limbs, top)}${carried('c', 'values[z][2]', limbs, top)}
    const own = factor * a0 + other * c0;
    const below = factor * a1 + other * c1;
    let rest = own - ${LIMB_RADIX}.0 * ${carryOf('own')};
    if (j === ${top}) { rest = own; }
    return rest + ${carryOf('below')};
  }`;
}

/** Columns of X₃ = du − eg, Y₃ = vu + gh, Z₃ = ve + hd. Argument: [n][6][limbs] of d, e, u, v, g, h. */
export function secondColumns({ limbs }: LimbSpec): string {
  return `function (values) {
    const y = this.thread.y;
    const z = this.thread.z;
    let p = 0; let q = 2; let r = 1; let s = 4; let sign = -1.0;
    if (y === 1) { p = 3; q = 2; r = 4; s = 5; sign = 1.0; }
    if (y === 2) { p = 3; q = 1; r = 5; s = 0; sign = 1.0; }${columnLoop(
      limbs,
      'sum += values[z][p][i] * values[z][q][m] + sign * values[z][r][i] * values[z][s][m];',
    )}
    return sum;
  }`;
}

/** Elements with their carries passed on, coordinates in one row. Argument: [n][rows][limbs]; result [n][rows·limbs]. */
export function packRows({ limbs }: LimbSpec, rows: number): string {
  const choose = Array.from({ length: rows - 1 }, (_, row) => {
    const start = (row + 1) * limbs;
    return `
    if (x >= ${start}) { row = ${row + 1}; j = x - ${start}; }`;
  }).join('');
  return `function (values) {
    const x = this.thread.x;
    let row = 0;
    let j = x;${choose}${carried('a', 'values[this.thread.y][row]', limbs, limbs - 1)}
    return a0;
  }`;
}
