/** The generated parts that the kernels of Miller loops are put together from, by curve and multiplier. */

import type { Curve } from '../../curve/curve.ts';
import { millerSteps, pairingParameters } from '../../wasm/pairing/parameters.ts';
import { commonText, fieldText, type MultiplierName, productText } from './field.ts';
import { baseField, constantText, toMontgomery } from './field-spec.ts';
import { fieldMachineText } from './machine.ts';
import {
  type AccumulatorPrograms,
  accumulatorPrograms,
  LINE_PROGRAMS,
  type LinePrograms,
  linePrograms,
} from './miller-programs.ts';

/** WGSL with the programs it runs. */
export interface MillerLibrary<P> {
  readonly text: string;
  readonly programs: P;
}

/** Index of the first line of each digit of the loop, and the number of lines behind the last. */
export function digitLines(curve: Curve): readonly number[] {
  const steps = millerSteps(curve);
  const starts = [...steps.keys()].filter((i) => steps[i]?.point === 'double');
  return [...starts, steps.length];
}

function fieldParts(curve: Curve, multiplier: MultiplierName): string[] {
  const field = baseField(curve);
  return [commonText(multiplier), fieldText(field), productText(field, multiplier)];
}

function array(name: string, values: readonly (string | number)[]): string {
  return `const ${name} = array<u32, ${values.length}>(${values.join(', ')});`;
}

/** WGSL of what makes lines: the field, the machine, the steps of the loop and `set_constants()`. */
export function lineLibrary(curve: Curve, multiplier: MultiplierName): MillerLibrary<LinePrograms> {
  const programs = linePrograms(curve);
  return { text: [...fieldParts(curve, multiplier), lineText(curve, programs)].join('\n'), programs };
}

/** The part of {@link lineLibrary} behind the field. */
export function lineText(curve: Curve, programs: LinePrograms): string {
  const field = baseField(curve);
  const vectors = field.words / 4;
  const steps = millerSteps(curve).map(({ point }) => LINE_PROGRAMS[point]);
  return `${fieldMachineText(field, programs.assembler, [...new Set(steps)])}
// First vectors of T (X, Y, Z), of Q (x, y) and of a line.
const POINT = ${vectors * programs.point}u;
const BASE = ${vectors * programs.base}u;
const LINE = ${vectors * programs.line}u;

// The program of each step of the loop.
${array(
  'STEPS',
  steps.map((name) => name.toUpperCase()),
)}

fn set_constants() {
${programs.constants
  .map(
    ({ register, value }) =>
      `  set_register(${vectors * register}u, ${constantText(field, toMontgomery(field, value))});`,
  )
  .join('\n')}
}
`;
}

/** WGSL of accumulators in Fq12: the field, the machine, moves of elements, and the digits of the loop. */
export function accumulatorLibrary(
  curve: Curve,
  multiplier: MultiplierName,
): MillerLibrary<AccumulatorPrograms> {
  const programs = accumulatorPrograms(curve);
  return { text: [...fieldParts(curve, multiplier), accumulatorText(curve, programs)].join('\n'), programs };
}

/** The part of {@link accumulatorLibrary} behind the field. */
export function accumulatorText(curve: Curve, programs: AccumulatorPrograms): string {
  const field = baseField(curve);
  const vectors = field.words / 4;
  const lines = digitLines(curve);
  const entries = ['line', 'square', 'multiply', 'conjugate', 'scale'];
  return `${fieldMachineText(field, programs.assembler, entries)}
// Vectors of a value.
const SIZE = ${12 * vectors}u;
// First vectors of the accumulator and of another factor.
const ACCUMULATOR = ${vectors * programs.accumulator}u;
const FACTOR = ${vectors * programs.factor}u;
// First vectors of a line and of the point that it is taken at.
const LINE_AT = ${vectors * programs.line}u;
const POINT_AT = ${vectors * programs.point}u;

const DIGITS = ${lines.length - 1}u;
// The first line of each digit of the loop.
${array('DIGIT_LINES', lines)}

const IS_NEGATIVE = ${pairingParameters(curve).negative};

fn set_one() {
  for (var k = 0u; k < SIZE; k++) {
    registers[ACCUMULATOR + k] = vec4<u32>();
  }
  set_register(ACCUMULATOR, fq_one());
}

// Prepares the accumulator to be taken out of Montgomery form.
fn begin_from_montgomery() -> u32 {
  set_register(${vectors * programs.scale}u, ${constantText(field, 1n)});
  return SCALE;
}
`;
}
