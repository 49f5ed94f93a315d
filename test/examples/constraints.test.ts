import { beforeAll, describe, expect, test } from 'vitest';
import { type CompiledCircuit, compiledCircuit, DEFAULT_CACHE } from '../../examples/lib/artefacts.ts';
import { oracleMedian, storageProof, vrf } from '../../examples/lib/circuits.ts';
import { Fp } from '../../examples/lib/curve.ts';
import type { Instance } from '../../examples/lib/instance.ts';
import { firstViolation } from '../../examples/lib/r1cs.ts';
import { undeterminedWires, unfeltWires, witnessOf } from './witness.ts';

const CASES = [
  // windowStart and windowEnd are two of the private times: circom gives each pair one wire.
  { circuit: storageProof, maximum: 4096, copies: ['windowStart', 'windowEnd'], hints: [] },
  { circuit: oracleMedian, maximum: 8192, copies: [], hints: [] },
  { circuit: vrf, maximum: 4096, copies: [], hints: ['mapTakesFirst', 'mapV'] },
];

describe.each(CASES)('the constraints of $circuit.name', ({ circuit, maximum, copies, hints }) => {
  let compiled: CompiledCircuit;
  let instance: Instance;
  let witness: bigint[];
  /** Wires of the inputs that the prover chooses freely or is given, hints left out. */
  let inputs: number[];
  beforeAll(async () => {
    compiled = await compiledCircuit(circuit, DEFAULT_CACHE);
    [instance] = circuit.instances(1) as [Instance];
    witness = await witnessOf(compiled, instance.inputs);
    const { publicOutputs, publicInputs, privateInputs } = compiled.r1cs;
    const names = Object.keys(instance.publicSignals);
    const lastInput = publicOutputs + publicInputs + privateInputs - copies.length;
    inputs = [
      ...copies.map((name) => 1 + names.indexOf(name)),
      ...range(publicOutputs + 1, lastInput - hints.length),
    ];
    // The hints are the inputs that the circuit declares last.
    expect(Object.keys(instance.inputs).slice(-hints.length || Infinity)).toEqual(hints);
  });

  test('fit the domain with their public wires', () => {
    const { constraints, publicOutputs, publicInputs } = compiled.r1cs;
    expect(constraints.length + 1 + publicOutputs + publicInputs).toBeLessThanOrEqual(maximum);
  });

  test('hold for an honest witness', () => {
    expect(firstViolation(compiled.r1cs, witness)).toBeUndefined();
  });

  test('are violated when any one public signal changes', () => {
    const names = Object.keys(instance.publicSignals);
    expect(names.length).toBe(compiled.r1cs.publicOutputs + compiled.r1cs.publicInputs);
    for (const [i, name] of names.entries()) {
      const tampered = witness.with(1 + i, Fp.add(witness[1 + i] as bigint, 1n));
      expect(firstViolation(compiled.r1cs, tampered), name).toBeDefined();
    }
  });

  test('are violated when any one wire changes', () => {
    expect(unfeltWires(compiled.r1cs, witness)).toEqual([]);
  });

  test('leave no wire free once the inputs are chosen', () => {
    expect(undeterminedWires(compiled.r1cs, witness, inputs)).toEqual([]);
  });

  test('are missed: taking away one sets wires free, more often than not', () => {
    const { constraints } = compiled.r1cs;
    const missed = range(0, 19).filter((sample) => {
      const dropped = Math.floor((constraints.length * (sample + 0.5)) / 20);
      const weaker = { ...compiled.r1cs, constraints: constraints.filter((_, i) => i !== dropped) };
      return undeterminedWires(weaker, witness, inputs).length > 0;
    });
    expect(missed.length).toBeGreaterThan(10);
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
