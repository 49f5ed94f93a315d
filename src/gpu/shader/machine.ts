/** WGSL of the field machine: registers in private memory, one product, and the loop that runs a program of program.ts. */

import { constantText, type FieldSpec, toMontgomery, typeName } from './field-spec.ts';
import type { PointPrograms } from './point-programs.ts';
import { type Assembler, HALTED, OPERATIONS } from './program.ts';

/**
 * Generates the machine of a group. Buffers hold points as runs of field elements: an affine point has x and y (infinity all zero), a sum
 * X, Y, ZZ and ZZZ (x = X/ZZ, y = Y/ZZZ; infinity has ZZ = 0). Kernels move them to and from the registers from `ACCUMULATOR` and from
 * `OPERAND` on. `run(start)` runs the program `MIXED` (accumulator + operand, an affine point), `FULL` (the operand is a sum), `DOUBLE`,
 * `AFFINE` or `SCALE`. The program store is bound as `program` in group 0, binding 0.
 *
 * Registers are indexed by instructions, so they are memory, not machine registers; what is moved is small beside a product.
 * `run` holds the only call of the product: every call is a copy of it, and copies make compilers slow or worse. Kernels call
 * `run` from one place for the same reason, and move points in loops, vector by vector: to SwiftShader each place where memory is
 * indexed is code for every lane of every word.
 */
export function machineText(field: FieldSpec, programs: PointPrograms): string {
  const { degree, assembler, accumulator, operand, factor } = programs;
  const vectors = field.words / 4;
  return `// Vectors of an element, of a coordinate, of an affine point and of a sum.
const VECTORS = ${vectors}u;
const DEGREE = ${vectors * degree}u;
const AFFINE_SIZE = ${vectors * 2 * degree}u;
const POINT_SIZE = ${vectors * 4 * degree}u;
// First vectors of the two points.
const ACCUMULATOR = ${vectors * accumulator}u;
const OPERAND = ${vectors * operand}u;

${machineCore(field, assembler, ['mixed', 'full', 'double', 'affine', 'scale'])}
fn set_infinity() {
  for (var k = 0u; k < POINT_SIZE; k++) {
    registers[ACCUMULATOR + k] = vec4<u32>();
  }
}

// Prepares the accumulator's x and y, affine, to be taken into Montgomery form by SCALE.
fn begin_to_montgomery() -> u32 {
  set_register(${vectors * factor}u, ${constantText(field, toMontgomery(field, toMontgomery(field, 1n)))});
  return SCALE;
}

// Prepares the accumulator's x and y, affine, to be taken out of Montgomery form by SCALE.
fn begin_from_montgomery() -> u32 {
  set_register(${vectors * factor}u, ${constantText(field, 1n)});
  return SCALE;
}
`;
}

/** Generates a machine without points: `registers`, `program` (group 0, binding 0), and `run(start)` for programs that are named by `entries`. */
export function fieldMachineText(field: FieldSpec, assembler: Assembler, entries: readonly string[]): string {
  return `// Vectors of an element.
const VECTORS = ${field.words / 4}u;

${machineCore(field, assembler, entries)}`;
}

/** What machines have in common. */
function machineCore(field: FieldSpec, assembler: Assembler, entries: readonly string[]): string {
  const { prefix: f, words } = field;
  const type = typeName(field);
  const vectors = Array.from({ length: words / 4 }, (_, i) => i);
  return `${entries.map((name) => `const ${name.toUpperCase()} = ${assembler.entry(name)}u;`).join('\n')}
const HALTED = ${HALTED}u;

@group(0) @binding(0) var<uniform> program: array<vec4<u32>, ${assembler.words().length / 4}>;

var<private> registers: array<vec4<u32>, ${vectors.length * assembler.registers}>;

// The element whose first vector is at an index.
fn register_at(first: u32) -> ${type} {
  return ${type}(${vectors.map((i) => `registers[first + ${i}u]`).join(', ')});
}

fn set_register(first: u32, value: ${type}) {
${vectors.map((i) => `  registers[first + ${i}u] = value.v${i};`).join('\n')}
}

fn run(start: u32) {
  var at = start;
  while (at != HALTED) {
    let word = program[at >> 2u][at & 3u];
    let operation = word >> 24u;
    let a = register_at(VECTORS * ((word >> 16u) & 255u));
    at += 1u;
    if (operation <= ${OPERATIONS.one}u) {
      let b = register_at(VECTORS * ((word >> 8u) & 255u));
      var result: ${type};
      if (operation == ${OPERATIONS.multiply}u) {
        result = ${f}_mul(a, b);
      } else if (operation == ${OPERATIONS.add}u) {
        result = ${f}_add(a, b);
      } else if (operation == ${OPERATIONS.subtract}u) {
        result = ${f}_sub(a, b);
      } else {
        result = ${f}_one();
      }
      set_register(VECTORS * (word & 255u), result);
    } else if (operation == ${OPERATIONS.jump}u || !${f}_is_zero(a)) {
      at = word & ${HALTED}u;
    }
  }
}
`;
}
