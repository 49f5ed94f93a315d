/** WGSL of the field machine: registers in private memory, one product, and the loop that runs a program of program.ts. */

import { constantText, type FieldSpec, toMontgomery, typeName } from './field-spec.ts';
import type { PointPrograms } from './point-programs.ts';
import { type Assembler, OPERATIONS } from './program.ts';

/**
 * Generates the machine of a group. Buffers hold points as runs of field elements: `AFFINE_SIZE` of them a point (x, y; infinity all
 * zero), `POINT_SIZE` a sum (x = X/ZZ, y = Y/ZZZ: X, Y, ZZ, ZZZ; infinity has ZZ = 0). Kernels move them to and from the registers
 * from `ACCUMULATOR` and from `OPERAND` on, element by element in loops. `run(start)` runs the program `MIXED`, `FULL`, `DOUBLE`,
 * `AFFINE` or `SCALE`, or what `begin_mixed()` or `begin_full()` say: these prepare the sum of accumulator and operand, an affine
 * point or a sum, whichever is infinity. The program store is bound as `program` in group 0, binding 0.
 *
 * Registers are indexed by instructions, so they are memory, not machine registers; what is moved is small beside a product.
 * `run` holds the only call of the product: every call is a copy of it, and copies make compilers slow or worse. Kernels call
 * `run` from one place for the same reason, and move points in loops: written out, the moves weigh as much as the product.
 */
export function machineText(field: FieldSpec, programs: PointPrograms): string {
  const { degree, assembler, accumulator, operand, factor } = programs;
  const f = field.prefix;
  return `// Field elements of a coordinate, of an affine point and of a sum.
const DEGREE = ${degree}u;
const AFFINE_SIZE = ${2 * degree}u;
const POINT_SIZE = ${4 * degree}u;
// First registers of the two points.
const ACCUMULATOR = ${accumulator}u;
const OPERAND = ${operand}u;

const MIXED = ${assembler.entry('mixed')}u;
const FULL = ${assembler.entry('full')}u;
const DOUBLE = ${assembler.entry('double')}u;
const AFFINE = ${assembler.entry('affine')}u;
const SCALE = ${assembler.entry('scale')}u;
const HALTED = 0xffffffffu;

@group(0) @binding(0) var<uniform> program: array<vec4<u32>, ${assembler.words().length / 4}>;

var<private> registers: array<${typeName(field)}, ${assembler.registers}>;

// Whether \`count\` registers from \`first\` on are all zero.
fn are_zero(first: u32, count: u32) -> bool {
  var bits = vec4<u32>();
  for (var k = 0u; k < count; k++) {
    let value = registers[first + k];
    bits |= ${Array.from({ length: field.words / 4 }, (_, i) => `value.v${i}`).join(' | ')};
  }
  return (bits.x | bits.y | bits.z | bits.w) == 0u;
}

fn set_infinity() {
  for (var k = 0u; k < POINT_SIZE; k++) {
    registers[ACCUMULATOR + k] = ${f}_zero();
  }
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

// Prepares accumulator + operand, of which \`size\` registers count; returns what to run: \`start\`, or nothing where one is infinity.
fn begin_sum(start: u32, size: u32) -> u32 {
  // An affine operand is infinity when it is zero, a sum when its ZZ is.
  let is_sum = size == POINT_SIZE;
  if (are_zero(OPERAND + select(0u, AFFINE_SIZE, is_sum), select(size, DEGREE, is_sum))) {
    return HALTED;
  }
  if (!are_zero(ACCUMULATOR + AFFINE_SIZE, DEGREE)) {
    return start;
  }
  for (var k = 0u; k < POINT_SIZE; k++) {
    var value = ${f}_zero();
    if (k < size) {
      value = registers[OPERAND + k];
    } else if (k == AFFINE_SIZE || k == AFFINE_SIZE + DEGREE) {
      value = ${f}_one();
    }
    registers[ACCUMULATOR + k] = value;
  }
  return HALTED;
}

// Prepares accumulator + operand, which is affine; returns what to run.
fn begin_mixed() -> u32 {
  return begin_sum(MIXED, AFFINE_SIZE);
}

// Prepares accumulator + operand; returns what to run.
fn begin_full() -> u32 {
  return begin_sum(FULL, POINT_SIZE);
}

// Where to go on when the points of a sum meet: at \`next\` unless their x agree.
fn meet(x_difference: u32, y_difference: u32, next: u32) -> u32 {
  if (!are_zero(x_difference, DEGREE)) {
    return next;
  }
  if (are_zero(y_difference, DEGREE)) {
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
