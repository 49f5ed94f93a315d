/**
 * Where each element stands in the proof bytes of scheme `snarkpack`: a sequence of fixed-size canonical encodings, in the order in which
 * the transcript absorbs them. The verifier derives all sizes itself, from the number of rounds and keys.
 */

import type { Curve } from '../../curve/curve.ts';

/** Group of an element. */
export type ElementKind = 'g1' | 'g2' | 'gt';

/** One element of the proof. */
export interface Slot {
  readonly name: string;
  readonly kind: ElementKind;
  /** Byte offset and length of its encoding. */
  readonly offset: number;
  readonly length: number;
  /** Whether the neutral element is a legitimate value, which it is only where empty slots can make it. */
  readonly mayBeNeutral: boolean;
}

/** One message of the prover: what is absorbed together. */
export interface Section {
  readonly label: string;
  readonly offset: number;
  readonly length: number;
  readonly slots: readonly Slot[];
}

/** The whole proof. */
export interface ProofLayout {
  readonly commitments: Section;
  readonly products: Section;
  readonly rounds: readonly Section[];
  readonly folded: Section;
  readonly openings: Section;
  /** All slots in order. */
  readonly slots: readonly Slot[];
  /** Total bytes. */
  readonly length: number;
}

type Item = readonly [name: string, kind: ElementKind, mayBeNeutral?: boolean];

const COMMITMENTS: readonly Item[] = [
  ['T_AB', 'gt'],
  ['U_AB', 'gt'],
  ['T_C', 'gt'],
  ['U_C', 'gt'],
];

const ROUND: readonly Item[] = [
  ['Z_L', 'gt', true],
  ['Z_R', 'gt', true],
  ['T_AB_L', 'gt'],
  ['T_AB_R', 'gt'],
  ['U_AB_L', 'gt'],
  ['U_AB_R', 'gt'],
  ['T_C_L', 'gt', true],
  ['T_C_R', 'gt'],
  ['U_C_L', 'gt', true],
  ['U_C_R', 'gt'],
  ['Q_L', 'g1', true],
  ['Q_R', 'g1', true],
];

const FOLDED: readonly Item[] = [
  ['A', 'g1'],
  ['B', 'g2'],
  ['C', 'g1'],
  ['v1', 'g2'],
  ['v2', 'g2'],
  ['w1', 'g1'],
  ['w2', 'g1'],
];

/** Layout for `rounds` = log2 of the capacity and `keys` verification keys. */
export function proofLayout(curve: Curve, rounds: number, keys: number): ProofLayout {
  const bytes = { g1: curve.g1CompressedBytes, g2: curve.g2CompressedBytes, gt: curve.gtCompressedBytes };
  let offset = 0;
  const slots: Slot[] = [];
  const section = (label: string, items: readonly Item[]): Section => {
    const start = offset;
    const own = items.map(([name, kind, mayBeNeutral = false]): Slot => {
      const slot = { name, kind, offset, length: bytes[kind], mayBeNeutral };
      offset += slot.length;
      return slot;
    });
    slots.push(...own);
    return { label, offset: start, length: offset - start, slots: own };
  };
  const layout = {
    commitments: section('commitments', COMMITMENTS),
    products: section('products', [
      ['Z', 'gt'],
      ...Array.from({ length: keys }, (_, k): Item => [`Q_${k}`, 'g1']),
    ]),
    rounds: Array.from({ length: rounds }, (_, j) =>
      section(
        `round ${j + 1}`,
        ROUND.map(
          ([name, kind, mayBeNeutral = false]): Item => [`${name}, round ${j + 1}`, kind, mayBeNeutral],
        ),
      ),
    ),
    folded: section('folded', FOLDED),
    openings: section('openings', [
      ['pi_v1', 'g2', rounds === 0],
      ['pi_v2', 'g2', rounds === 0],
      ['pi_w1', 'g1'],
      ['pi_w2', 'g1'],
    ]),
  };
  return { ...layout, slots, length: offset };
}
