/** Circuits without meaning, with a witness: as large as wanted, and shaped like those that people prove. */

import { writeSections } from '../../examples/lib/iden3-file.ts';
import type { Constraint, LinearCombination, R1cs } from '../../examples/lib/r1cs.ts';
import { packScalars } from '../../src/curve/affine.ts';
import type { Curve } from '../../src/curve/curve.ts';
import { joinBytes, u32le, writeBigintLE } from '../../src/field/bytes.ts';

/**
 * `dense`: every wire a random field element, sums of several wires times each other, as in Poseidon. `sparse`: bits, each made of two
 * others, and now and then 32 of them joined to a word, as in SHA-256.
 */
export type CircuitKind = 'dense' | 'sparse';

export interface SyntheticOptions {
  readonly curve: Curve;
  readonly kind: CircuitKind;
  readonly constraints: number;
  /** Public inputs. */
  readonly publics: number;
  readonly seed?: number;
}

export interface SyntheticCircuit {
  readonly r1cs: R1cs;
  /** Values of the wires. */
  readonly witness: readonly bigint[];
}

/** Bits, or wires, that a circuit starts from besides its public inputs. */
const FREE_WIRES = 16;
const WORD_BITS = 32;

/** A small generator (mulberry32) of integers below 2^32: circuits must be the same on every run. */
function integers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A circuit and a witness that satisfies it. */
export function syntheticCircuit(options: SyntheticOptions): SyntheticCircuit {
  const { curve, kind, publics, seed = 1 } = options;
  const { order } = curve;
  const next = integers(seed);
  const scalar = (): bigint => {
    let value = 0n;
    for (let i = 0; i < 9; i++) value = (value << 32n) | BigInt(next());
    return value % order;
  };
  const witness: bigint[] = [1n];
  const constraints: Constraint[] = [];
  const evaluate = (combination: LinearCombination): bigint =>
    combination.reduce((sum, [wire, factor]) => sum + factor * (witness[wire] as bigint), 0n) % order;
  const wire = (value: bigint): number => witness.push(value) - 1;
  for (let i = 0; i < publics + FREE_WIRES; i++) wire(kind === 'dense' ? scalar() : BigInt(next() & 1));
  const factors = [1n, order - 1n, ...Array.from({ length: 10 }, scalar)];
  const factor = (): bigint => factors[next() % factors.length] as bigint;
  /** A recent wire, mostly, but all are used. */
  const some = (): number => {
    const reach = next() % 4 === 0 ? witness.length - 1 : Math.min(64, witness.length - 1);
    return witness.length - 1 - (next() % reach);
  };
  const bits = kind === 'dense' ? [] : witness.map((_, i) => i).slice(1);
  const someBit = (): number => bits[bits.length - 1 - (next() % Math.min(96, bits.length))] as number;
  const addDense = (): void => {
    const a: LinearCombination = [some(), some(), some()].map((each) => [each, factor()] as const);
    const b: LinearCombination = [some(), some()].map((each) => [each, factor()] as const);
    const made = wire((evaluate(a) * evaluate(b)) % order);
    constraints.push({ a, b, c: [[made, 1n]] });
  };
  const addSparse = (): void => {
    const [x, y] = [someBit(), someBit()];
    const [vx, vy] = [witness[x] as bigint, witness[y] as bigint];
    switch (constraints.length % WORD_BITS) {
      case 0: {
        const word: LinearCombination = Array.from(
          { length: WORD_BITS },
          (_, i) => [someBit(), 1n << BigInt(i)] as const,
        );
        const made = wire(evaluate(word));
        constraints.push({ a: word, b: [[0, 1n]], c: [[made, 1n]] });
        return;
      }
      case 1:
        constraints.push({
          a: [[x, 1n]],
          b: [
            [x, 1n],
            [0, order - 1n],
          ],
          c: [],
        });
        return;
      default:
        if (next() & 1) {
          const made = wire(vx & vy);
          bits.push(made);
          constraints.push({ a: [[x, 1n]], b: [[y, 1n]], c: [[made, 1n]] });
        } else {
          const made = wire(vx ^ vy);
          bits.push(made);
          constraints.push({
            a: [[x, 2n]],
            b: [[y, 1n]],
            c: [
              [x, 1n],
              [y, 1n],
              [made, order - 1n],
            ],
          });
        }
    }
  };
  while (constraints.length < options.constraints) kind === 'dense' ? addDense() : addSparse();
  return {
    r1cs: {
      wires: witness.length,
      publicOutputs: 0,
      publicInputs: publics,
      privateInputs: FREE_WIRES,
      constraints,
    },
    witness,
  };
}

/** A .wtns file. */
export function writeWitness(curve: Curve, witness: readonly bigint[]): Uint8Array {
  const order = new Uint8Array(curve.frBytes);
  writeBigintLE(curve.order, order, 0, curve.frBytes);
  return writeSections('wtns', [
    [1, joinBytes([u32le(curve.frBytes), order, u32le(witness.length)])],
    [2, packScalars(curve, witness)],
  ]);
}
