/** Witnesses of the example circuits, and what they leave open. */

import { expect, vi } from 'vitest';
import type { CompiledCircuit } from '../../examples/lib/artefacts.ts';
import { Fp } from '../../examples/lib/curve.ts';
import type { Instance } from '../../examples/lib/instance.ts';
import { evaluate, firstViolation, type R1cs, readWitness } from '../../examples/lib/r1cs.ts';
import { type MemoryFile, snarkjs } from '../../examples/lib/snarkjs.ts';

type Inputs = Instance['inputs'];

/** All wires' values. Rejects when the witness generator finds a constraint that the inputs cannot meet. */
export async function witnessOf({ wasm }: CompiledCircuit, inputs: Inputs): Promise<bigint[]> {
  const file: MemoryFile = { type: 'mem' };
  await snarkjs.wtns.calculate(inputs, wasm, file);
  return readWitness(file.data as Uint8Array);
}

/**
 * Expects the inputs to have a witness that meets every constraint; returns the public signals, outputs
 * first.
 */
export async function expectSatisfied(compiled: CompiledCircuit, inputs: Inputs): Promise<bigint[]> {
  const witness = await witnessOf(compiled, inputs);
  expect(firstViolation(compiled.r1cs, witness)).toBeUndefined();
  const { publicOutputs, publicInputs } = compiled.r1cs;
  return witness.slice(1, 1 + publicOutputs + publicInputs);
}

/**
 * Expects the witness generator to run into an unmet constraint, in a given template and on a given line of
 * it.
 */
export async function expectRefused(
  compiled: CompiledCircuit,
  inputs: Inputs,
  template = '',
  line: number | string = '',
): Promise<void> {
  const refusal = new RegExp(`Assert Failed[^]*${template}_\\d+ line: ${line}`);
  // The generator also prints what it throws.
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    await expect(witnessOf(compiled, inputs)).rejects.toThrow(refusal);
  } finally {
    printed.mockRestore();
  }
}

/** The wires that can be changed, alone and by 1, without violating a constraint that the witness meets. */
export function unfeltWires({ constraints, wires }: R1cs, witness: readonly bigint[]): number[] {
  const unfelt = new Set(Array.from({ length: wires }, (_, wire) => wire));
  for (const { a, b, c } of constraints) {
    const sums = [a, b, c].map((side) => evaluate(side, witness)) as [bigint, bigint, bigint];
    const [inA, inB, inC] = [new Map(a), new Map(b), new Map(c)];
    for (const wire of new Set([...inA.keys(), ...inB.keys(), ...inC.keys()])) {
      const left = sums[0] + (inA.get(wire) ?? 0n);
      const right = sums[1] + (inB.get(wire) ?? 0n);
      if (Fp.create(left * right - sums[2] - (inC.get(wire) ?? 0n)) !== 0n) unfelt.delete(wire);
    }
  }
  return [...unfelt];
}

/**
 * The wires that a witness leaves free to move when the `known` ones stay: those that peeling the linearised
 * constraints (their derivatives at the witness) one unknown at a time does not reach. None means that no
 * other witness is near.
 */
export function undeterminedWires(
  { constraints, wires }: R1cs,
  witness: readonly bigint[],
  known: Iterable<number>,
): number[] {
  const dependsOn = constraints.map(({ a, b, c }) => {
    const derivative = new Map<number, bigint>();
    const add = (wire: number, value: bigint): void => {
      derivative.set(wire, Fp.create((derivative.get(wire) ?? 0n) + value));
    };
    const [left, right] = [evaluate(a, witness), evaluate(b, witness)];
    for (const [wire, coefficient] of a) add(wire, coefficient * right);
    for (const [wire, coefficient] of b) add(wire, coefficient * left);
    for (const [wire, coefficient] of c) add(wire, -coefficient);
    return [...derivative].filter(([, value]) => value !== 0n).map(([wire]) => wire);
  });
  const constraintsOf = Array.from({ length: wires }, (): number[] => []);
  for (const [index, row] of dependsOn.entries()) {
    for (const wire of row) constraintsOf[wire]?.push(index);
  }

  const determined = new Set([0, ...known]);
  const unknowns = dependsOn.map((row) => row.filter((wire) => !determined.has(wire)).length);
  const ready = unknowns.flatMap((count, index) => (count === 1 ? [index] : []));
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const wire = dependsOn[index]?.find((candidate) => !determined.has(candidate));
    if (wire === undefined) continue;
    determined.add(wire);
    for (const other of constraintsOf[wire] as number[]) {
      unknowns[other] = (unknowns[other] as number) - 1;
      if (unknowns[other] === 1) ready.push(other);
    }
  }
  return Array.from({ length: wires }, (_, wire) => wire).filter((wire) => !determined.has(wire));
}
