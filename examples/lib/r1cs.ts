/** Constraint systems and witnesses as circom writes them. */

import { EncodingError } from '../../src/errors.ts';
import { ByteReader } from '../../src/field/byte-reader.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { Fp } from './curve.ts';
import { readSections, sectionOf } from './iden3-file.ts';

/** A sum of coefficients times wires; coefficients are canonical field elements. */
export type LinearCombination = readonly (readonly [wire: number, coefficient: bigint])[];

/** ⟨a, w⟩ · ⟨b, w⟩ = ⟨c, w⟩ */
export interface Constraint {
  a: LinearCombination;
  b: LinearCombination;
  c: LinearCombination;
}

/** Wire 0 is the constant 1; outputs, public inputs, private inputs and all others follow in this order. */
export interface R1cs {
  wires: number;
  publicOutputs: number;
  publicInputs: number;
  /** As declared. Where circom merges one with an output, the output's wire stands for both. */
  privateInputs: number;
  constraints: readonly Constraint[];
}

/** Bytes of a field element. */
export const ELEMENT_BYTES = 32;

/** Reads a .r1cs file over the BN254 scalar field. Throws {@link EncodingError} for anything else. */
export function readR1cs(file: Uint8Array): R1cs {
  const sections = readSections(file, 'r1cs');
  const header = new ByteReader(sectionOf(sections, 1, 'r1cs'), 'r1cs header');
  checkField(header);
  const wires = header.u32('wires');
  const publicOutputs = header.u32('public outputs');
  const publicInputs = header.u32('public inputs');
  const privateInputs = header.u32('private inputs');
  header.take(8, 'labels');
  const count = header.u32('constraints');
  header.end();

  const body = new ByteReader(sectionOf(sections, 2, 'r1cs'), 'r1cs constraints');
  const readCombination = (): LinearCombination =>
    Array.from({ length: body.u32('terms') }, () => {
      const wire = body.u32('wire');
      if (wire >= wires) body.fail(`wire ${wire} of ${wires} does not exist`, 'wire');
      return [wire, bigintFromBytesLE(body.take(ELEMENT_BYTES, 'coefficient'))] as const;
    });
  const constraints = Array.from({ length: count }, () => {
    const a = readCombination();
    const b = readCombination();
    return { a, b, c: readCombination() };
  });
  body.end();
  return { wires, publicOutputs, publicInputs, privateInputs, constraints };
}

/** All wires' values in a .wtns file over the BN254 scalar field. Throws {@link EncodingError} otherwise. */
export function readWitness(file: Uint8Array): bigint[] {
  const sections = readSections(file, 'wtns');
  const header = new ByteReader(sectionOf(sections, 1, 'wtns'), 'wtns header');
  checkField(header);
  const count = header.u32('values');
  header.end();
  const body = new ByteReader(sectionOf(sections, 2, 'wtns'), 'wtns values');
  const values = Array.from({ length: count }, () => bigintFromBytesLE(body.take(ELEMENT_BYTES, 'value')));
  body.end();
  return values;
}

function checkField(header: ByteReader): void {
  const bytes = header.u32('field size');
  const order = bigintFromBytesLE(header.take(bytes, 'field order'));
  if (order !== Fp.ORDER) {
    throw new EncodingError(
      `Expected the BN254 scalar field, got the field of order ${order}; compile for bn128.`,
    );
  }
}

/** The value of a combination under a witness. */
export function evaluate(combination: LinearCombination, witness: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of combination) sum += coefficient * (witness[wire] as bigint);
  return sum % Fp.ORDER;
}

/** The number of the first constraint that a witness (one value a wire, the first 1) violates, if any. */
export function firstViolation(r1cs: R1cs, witness: readonly bigint[]): number | undefined {
  const index = r1cs.constraints.findIndex(
    ({ a, b, c }) => !Fp.eql(Fp.mul(evaluate(a, witness), evaluate(b, witness)), evaluate(c, witness)),
  );
  return index < 0 ? undefined : index;
}
