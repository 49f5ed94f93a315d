/** WGSL of the field machine: registers in private memory, one product, and the loop that runs a program of program.ts. */

import { constantText, type FieldSpec, toMontgomery, typeName } from './field-spec.ts';
import type { PointPrograms } from './point-programs.ts';
import { type Assembler, OPERATIONS } from './program.ts';

/**
 * Generates the machine of a group. Structs `Affine` (infinity all zero) and `Point` have coordinates that are arrays of field
 * elements. `set_…` and `get_…` move points to and from the registers of the accumulator and the operand. `run(start)` runs
 * the program `MIXED`, `FULL`, `DOUBLE`, `AFFINE` or `SCALE`, or what `begin_mixed(q)` or `begin_full(q)` say: these prepare the sum of
 * accumulator and q, whichever is infinity. The program store is bound as `program` in group 0, binding 0.
 *
 * Registers are indexed by instructions, so they are memory, not machine registers; what is moved is small beside a product.
 * `run` holds the only call of the product: every call is a copy of it, and copies make compilers slow or worse. Kernels call
 * `run` from one place for the same reason.
 */
export function machineText(field: FieldSpec, programs: PointPrograms): string {
  const { degree, assembler, accumulator, operand, factor } = programs;
  const f = field.prefix;
  const type = typeName(field);
  const components = Array.from({ length: degree }, (_, i) => i);
  const coordinates = ['x', 'y', 'zz', 'zzz'];
  const at = (base: number, coordinate: number, component: number): string =>
    `registers[${base + coordinate * degree + component}]`;
  const each = (
    count: number,
    write: (coordinate: number, name: string, component: number) => string,
  ): string =>
    coordinates
      .slice(0, count)
      .flatMap((name, c) => components.map((k) => `  ${write(c, name, k)}`))
      .join('\n');
  const allZero = (base: string): string =>
    components.map((k) => `${f}_is_zero(registers[${base} + ${k}u])`).join(' && ');
  return `alias Coordinate = array<${type}, ${degree}>;

struct Affine {
  x: Coordinate,
  y: Coordinate,
}

// x = X/ZZ, y = Y/ZZZ; infinity has ZZ = 0.
struct Point {
  x: Coordinate,
  y: Coordinate,
  zz: Coordinate,
  zzz: Coordinate,
}

const MIXED = ${assembler.entry('mixed')}u;
const FULL = ${assembler.entry('full')}u;
const DOUBLE = ${assembler.entry('double')}u;
const AFFINE = ${assembler.entry('affine')}u;
const SCALE = ${assembler.entry('scale')}u;
const HALTED = 0xffffffffu;

@group(0) @binding(0) var<uniform> program: array<vec4<u32>, ${assembler.words().length / 4}>;

var<private> registers: array<${type}, ${assembler.registers}>;

fn set_infinity() {
${each(4, (c, _, k) => `${at(accumulator, c, k)} = ${f}_zero();`)}
}

fn set_accumulator(p: Point) {
${each(4, (c, name, k) => `${at(accumulator, c, k)} = p.${name}[${k}];`)}
}

fn set_accumulator_affine(p: Affine) {
${each(2, (c, name, k) => `${at(accumulator, c, k)} = p.${name}[${k}];`)}
  let one = ${f}_select(${f}_one(), ${f}_zero(), affine_is_infinity(p));
${each(4, (c, _, k) => (c < 2 ? '' : `${at(accumulator, c, k)} = ${k === 0 ? 'one' : `${f}_zero()`};`)).replace(/^\s*\n/gm, '')}
}

fn get_accumulator() -> Point {
  var p: Point;
${each(4, (c, name, k) => `p.${name}[${k}] = ${at(accumulator, c, k)};`)}
  return p;
}

// After AFFINE.
fn get_affine() -> Affine {
  var p: Affine;
${each(2, (c, name, k) => `p.${name}[${k}] = ${at(accumulator, c, k)};`)}
  return p;
}

fn set_operand(p: Point) {
${each(4, (c, name, k) => `${at(operand, c, k)} = p.${name}[${k}];`)}
}

fn set_operand_affine(p: Affine) {
${each(2, (c, name, k) => `${at(operand, c, k)} = p.${name}[${k}];`)}
}

fn affine_is_infinity(p: Affine) -> bool {
  return ${components.map((k) => `${f}_is_zero(p.x[${k}]) && ${f}_is_zero(p.y[${k}])`).join(' && ')};
}

fn point_is_infinity(p: Point) -> bool {
  return ${components.map((k) => `${f}_is_zero(p.zz[${k}])`).join(' && ')};
}

fn accumulator_is_infinity() -> bool {
  return ${components.map((k) => `${f}_is_zero(${at(accumulator, 2, k)})`).join(' && ')};
}

fn affine_neg(p: Affine) -> Affine {
  var q = p;
${components.map((k) => `  q.y[${k}] = ${f}_neg(p.y[${k}]);`).join('\n')}
  return q;
}

// Prepares the accumulator's x and y, affine, to be taken into Montgomery form by SCALE.
fn begin_to_montgomery() -> u32 {
  registers[${factor}] = ${constantText(field, toMontgomery(field, toMontgomery(field, 1n)))};
  return SCALE;
}

// Prepares the accumulator's x and y, affine, to be taken out of Montgomery form by SCALE.
fn begin_from_montgomery() -> u32 {
  registers[${factor}] = ${constantText(field, 1n)};
  return SCALE;
}

// Prepares accumulator + q; returns what to run.
fn begin_mixed(q: Affine) -> u32 {
  if (affine_is_infinity(q)) {
    return HALTED;
  }
  if (accumulator_is_infinity()) {
    set_accumulator_affine(q);
    return HALTED;
  }
  set_operand_affine(q);
  return MIXED;
}

// Prepares accumulator + q; returns what to run.
fn begin_full(q: Point) -> u32 {
  if (point_is_infinity(q)) {
    return HALTED;
  }
  if (accumulator_is_infinity()) {
    set_accumulator(q);
    return HALTED;
  }
  set_operand(q);
  return FULL;
}

// Where to go on when the points of a sum meet: at \`next\` unless their x agree.
fn meet(x_difference: u32, y_difference: u32, next: u32) -> u32 {
  if (!(${allZero('x_difference')})) {
    return next;
  }
  if (${allZero('y_difference')}) {
    return DOUBLE;
  }
  set_infinity();
  return HALTED;
}

${runText(field, true)}`;
}

const MEET_BRANCH = `    } else if (operation == ${OPERATIONS.meet}u) {
      at = meet(left, right, at);
`;

/** Generates the loop of a machine; `meets` says whether its programs have the operation of that name. */
function runText(field: FieldSpec, meets: boolean): string {
  return `fn run(start: u32) {
  var at = start;
  while (at != HALTED) {
    let word = program[at >> 2u][at & 3u];
    let operation = word >> 24u;
    let left = (word >> 16u) & 255u;
    let right = (word >> 8u) & 255u;
    at += 1u;
    if (operation <= ${OPERATIONS.subtract}u) {
      let a = registers[left];
      let b = registers[right];
      var result: ${typeName(field)};
      if (operation == ${OPERATIONS.multiply}u) {
        result = ${field.prefix}_mul(a, b);
      } else if (operation == ${OPERATIONS.add}u) {
        result = ${field.prefix}_add(a, b);
      } else {
        result = ${field.prefix}_sub(a, b);
      }
      registers[word & 255u] = result;
${meets ? MEET_BRANCH : ''}    } else {
      at = HALTED;
    }
  }
}
`;
}

/** Generates a machine without points: `registers`, `program` (group 0, binding 0), and `run(start)` for programs that are named by `entries`. */
export function fieldMachineText(field: FieldSpec, assembler: Assembler, entries: readonly string[]): string {
  const constants = entries.map((name) => `const ${name.toUpperCase()} = ${assembler.entry(name)}u;`);
  return `${constants.join('\n')}
const HALTED = 0xffffffffu;

@group(0) @binding(0) var<uniform> program: array<vec4<u32>, ${assembler.words().length / 4}>;

var<private> registers: array<${typeName(field)}, ${assembler.registers}>;

${runText(field, false)}`;
}
