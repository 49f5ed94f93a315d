import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../src/curve/compressed.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { compressGt, decompressGt } from '../../src/curve/torus.ts';
import {
  EncodingError,
  GtNotInSubgroupError,
  PointAtInfinityError,
  PointNotInSubgroupError,
} from '../../src/errors.ts';
import { concatBytes, equalBytes, toHex, writeBigintBE } from '../../src/field/bytes.ts';
import { modInverse } from '../../src/field/modular.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { decodeComposite } from '../../src/recursion/composite-file.ts';
import {
  type ProofLayout,
  proofLayout,
  type Section,
  type Slot,
} from '../../src/recursion/snarkpack/layout.ts';
import { type Verified, verify } from '../../src/recursion/verify.ts';
import { backendOf } from '../helpers/backends.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { encodedMultiple, scalarArbitrary } from '../helpers/group-elements.ts';
import { refusalOf } from '../helpers/outcome.ts';
import { drawShared } from '../helpers/seeded.ts';
import { outsideG2Subgroup, outsideGt, smallOrderG2 } from '../helpers/strange-points.ts';
import {
  type BatchRecipe,
  type BatchShape,
  batchArbitrary,
  syntheticBatch,
} from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, type Taus, tausArbitrary } from '../helpers/synthetic-srs.ts';

const backend = backendOf(BN254);

interface Recipe {
  readonly batch: BatchRecipe;
  readonly taus: Taus;
  /** For elements that have nothing to do with the proof. */
  readonly other: bigint;
}

/** A proof that tests change, and how to verify what they made of it. */
interface Subject {
  readonly proof: Uint8Array;
  readonly run: (proof: Uint8Array) => Promise<Verified | false>;
}

function recipeArbitrary(shape: BatchShape): fc.Arbitrary<Recipe> {
  return fc.record({
    batch: batchArbitrary(BN254, shape),
    taus: tausArbitrary(BN254),
    other: scalarArbitrary(BN254),
  });
}

async function subjectOf(recipe: Recipe, size: number): Promise<Subject> {
  const { members, keys } = syntheticBatch(BN254, recipe.batch);
  const srs = await syntheticSrs(backend, size, recipe.taus);
  const { bytes } = await aggregate(members, { srs, backend });
  const { proof } = decodeComposite(bytes);
  const statement = bytes.slice(0, bytes.length - proof.length);
  return { proof, run: (changed) => verify(concatBytes(statement, changed), { keys, srs, backend }) };
}

function slotNamed(layout: ProofLayout, name: string): Slot {
  const slot = layout.slots.find((own) => own.name === name);
  if (!slot) throw new Error(`The layout has no slot ${name}.`);
  return slot;
}

function part(proof: Uint8Array, { offset, length }: Pick<Slot, 'offset' | 'length'>): Uint8Array {
  return proof.slice(offset, offset + length);
}

function replaced(proof: Uint8Array, { offset }: Pick<Slot, 'offset'>, bytes: Uint8Array): Uint8Array {
  const out = proof.slice();
  out.set(bytes, offset);
  return out;
}

/** Two stretches of one length exchanged. */
function exchanged(
  proof: Uint8Array,
  first: Pick<Slot, 'offset' | 'length'>,
  second: Pick<Slot, 'offset' | 'length'>,
): Uint8Array {
  expect(first.length).toBe(second.length);
  return replaced(replaced(proof, first, part(proof, second)), second, part(proof, first));
}

/** The inverse in the same encoding: for points the other sign of y, for GT the negative on the torus. */
function inverted(element: Uint8Array, { kind }: Slot): Uint8Array {
  const out = element.slice();
  if (kind !== 'gt') {
    out[0] = (out[0] as number) ^ 0x40;
    return out;
  }
  for (let offset = 0; offset < out.length; offset += BN254.fpBytes) {
    const value = BigInt(`0x${toHex(element.subarray(offset, offset + BN254.fpBytes))}`);
    writeBigintBE(value === 0n ? 0n : BN254.modulus - value, out, offset, BN254.fpBytes);
  }
  return out;
}

/** One point of the proof multiplied by a scalar. */
function scaled(proof: Uint8Array, slot: Slot, factor: bigint): Uint8Array {
  const element = part(proof, slot);
  return replaced(
    proof,
    slot,
    slot.kind === 'g1'
      ? compressG1(BN254, decompressG1(BN254, element).multiply(factor))
      : compressG2(BN254, decompressG2(BN254, element).multiply(factor)),
  );
}

describe('the proof of 2 proofs under 2 keys', () => {
  const layout = proofLayout(BN254, 1, 2);
  const recipe = drawShared(
    recipeArbitrary({ keyOf: [0, 1], inputCounts: [1, 1], shared: ['gamma', 'delta'] }),
  );
  let subject: Subject;
  beforeAll(async () => {
    subject = await subjectOf(recipe, 2);
  });

  it('is true as it was made', async () => {
    expect(subject.proof).toHaveLength(layout.length);
    expect(await subject.run(subject.proof)).toMatchObject({ claims: [{}, {}] });
  });

  describe.each(layout.slots)('with another $name', (slot) => {
    it('is refused where that is the neutral element', async () => {
      const changed = replaced(subject.proof, slot, encodedMultiple(BN254, slot.kind, 0n));
      const refusal = await refusalOf(slot.name, () => subject.run(changed));
      if (slot.mayBeNeutral) {
        expect(refusal).toBe(false);
        return;
      }
      expect(refusal).toBeInstanceOf(PointAtInfinityError);
      expect(refusal).toMatchObject({ context: { field: slot.name, offset: slot.offset } });
    });

    it('is false where that is the generator, any other element or the inverse', async () => {
      for (const element of [
        encodedMultiple(BN254, slot.kind, 1n),
        encodedMultiple(BN254, slot.kind, recipe.other),
        ...(slot.name.includes('round') ? [] : [inverted(part(subject.proof, slot), slot)]),
      ]) {
        const changed = replaced(subject.proof, slot, element);
        expect(await refusalOf(slot.name, () => subject.run(changed))).toBe(false);
      }
    });

    it('is refused where that differs in a bit', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(slot.length - 1), fc.nat(7), async (at, bit) => {
          const element = part(subject.proof, slot);
          element[at] = (element[at] as number) ^ (1 << bit);
          const refusal = await refusalOf(slot.name, () =>
            subject.run(replaced(subject.proof, slot, element)),
          );
          if (refusal) expect(refusal).toMatchObject({ context: { field: slot.name, offset: slot.offset } });
        }),
        { numRuns: fuzzRuns(2), endOnFailure: true },
      );
    });
  });

  it.each([
    ['A', 'B'],
    ['C', 'v1'],
    ['w1', 'B'],
    ['w2', 'B'],
  ])('is false with t·%s and %s/t, whose pairing is the same', async (first, second) => {
    const inverse = modInverse(recipe.other, BN254.order);
    const changed = scaled(
      scaled(subject.proof, slotNamed(layout, first), recipe.other),
      slotNamed(layout, second),
      inverse,
    );
    expect(await refusalOf(`${first}, ${second}`, () => subject.run(changed))).toBe(false);
  });

  it('is refused with elements that are not in their one form', async () => {
    const flags = [0x00, 0x40, 0x80, 0xc0];
    for (const name of ['Q_0', 'B']) {
      const slot = slotNamed(layout, name);
      const element = part(subject.proof, slot);
      const flag = (element[0] as number) & 0xc0;
      for (const other of flags.filter((own) => own === 0 || own === 0x40)) {
        element[0] = ((element[0] as number) & 0x3f) | other;
        const refusal = await refusalOf(`${name}, flag ${other}`, () =>
          subject.run(replaced(subject.proof, slot, element)),
        );
        expect(refusal, `${name}, flag ${other} for ${flag}`).toBeInstanceOf(EncodingError);
      }
    }
    // x + p in the place of x, the flag of 1 with something behind it, and the encoding of −1.
    const slot = slotNamed(layout, 'Z');
    const lifted = part(subject.proof, slot);
    const last = lifted.length - BN254.fpBytes;
    const value = BigInt(`0x${toHex(lifted.subarray(last))}`);
    writeBigintBE(value + BN254.modulus, lifted, last, BN254.fpBytes);
    const flagged = encodedMultiple(BN254, 'gt', 0n);
    flagged[191] = 1;
    for (const element of [lifted, flagged, new Uint8Array(192)]) {
      const refusal = await refusalOf('Z', () => subject.run(replaced(subject.proof, slot, element)));
      expect(refusal).toMatchObject({ context: { field: 'Z', offset: slot.offset } });
    }
  });
});

describe('elements outside their groups', () => {
  const layout = proofLayout(BN254, 0, 1);
  const recipe = drawShared(recipeArbitrary({ keyOf: [0], inputCounts: [1] }));
  let subject: Subject;
  beforeAll(async () => {
    subject = await subjectOf(recipe, 1);
  });

  it.each(layout.slots.filter(({ kind }) => kind !== 'g1'))('are refused by name: $name', async (slot) => {
    const element = part(subject.proof, slot);
    const strangers =
      slot.kind === 'g2'
        ? [
            compressG2(BN254, outsideG2Subgroup(BN254)),
            // The right point plus one of small order: right in every equation that only looks at the subgroup.
            compressG2(BN254, decompressG2(BN254, element).add(smallOrderG2(BN254))),
          ]
        : [
            compressGt(BN254, outsideGt(BN254)),
            compressGt(BN254, BN254.fields.Fp12.mul(decompressGt(BN254, element), outsideGt(BN254))),
          ];
    for (const stranger of strangers) {
      const refusal = await refusalOf(slot.name, () => subject.run(replaced(subject.proof, slot, stranger)));
      expect(refusal).toBeInstanceOf(slot.kind === 'g2' ? PointNotInSubgroupError : GtNotInSubgroupError);
      expect(refusal).toMatchObject({ context: { field: slot.name, offset: slot.offset } });
    }
  });
});

describe('the proof of 3 proofs in 4 slots', () => {
  const layout = proofLayout(BN254, 2, 2);
  const recipe = drawShared(
    recipeArbitrary({ keyOf: [0, 1, 0], inputCounts: [1, 2], shared: ['gamma', 'delta'] }),
  );
  let subject: Subject;
  beforeAll(async () => {
    subject = await subjectOf(recipe, 4);
  });

  const withinRounds = ['Z', 'T_AB', 'U_AB', 'T_C', 'U_C', 'Q'].flatMap((name) =>
    [1, 2].map((round): [string, string] => [`${name}_L, round ${round}`, `${name}_R, round ${round}`]),
  );
  const sameKind: [string, string][] = [
    ...withinRounds,
    ['T_AB', 'U_AB'],
    ['T_C', 'U_C'],
    ['T_AB', 'Z'],
    ['Q_0', 'Q_1'],
    ['A', 'C'],
    ['v1', 'v2'],
    ['w1', 'w2'],
    ['B', 'v1'],
    ['pi_v1', 'pi_v2'],
    ['pi_w1', 'pi_w2'],
    ['w1', 'pi_w1'],
    ['T_AB_L, round 1', 'U_AB_L, round 1'],
    ['T_C_R, round 2', 'U_C_R, round 2'],
  ];

  it.each(sameKind)('is false with %s and %s exchanged', async (first, second) => {
    const changed = exchanged(subject.proof, slotNamed(layout, first), slotNamed(layout, second));
    expect(equalBytes(changed, subject.proof)).toBe(false);
    expect(await refusalOf(`${first}, ${second}`, () => subject.run(changed))).toBe(false);
  });

  it('is false with the rounds exchanged', async () => {
    const [first, second] = layout.rounds as [Section, Section];
    const changed = exchanged(subject.proof, first, second);
    expect(await refusalOf('rounds', () => subject.run(changed))).toBe(false);
  });

  it('is false with the two strings exchanged throughout', async () => {
    let changed = subject.proof;
    for (const { name } of layout.slots) {
      const other = name.startsWith('T_')
        ? name.replace('T_', 'U_')
        : name.replace(/^(v|w|pi_v|pi_w)1$/, '$12');
      if (other !== name) changed = exchanged(changed, slotNamed(layout, name), slotNamed(layout, other));
    }
    expect(await refusalOf('strings', () => subject.run(changed))).toBe(false);
  });

  it('is false or refused with any element exchanged for any other of the proof', async () => {
    const pair = fc.tuple(fc.constantFrom(...layout.slots), fc.constantFrom(...layout.slots));
    await fc.assert(
      fc.asyncProperty(pair, async ([target, source]) => {
        const element = part(subject.proof, source);
        fc.pre(target.kind === source.kind && !equalBytes(element, part(subject.proof, target)));
        const changed = replaced(subject.proof, target, element);
        expect(await refusalOf(`${source.name} for ${target.name}`, () => subject.run(changed))).toBe(false);
      }),
      { numRuns: fuzzRuns(12), endOnFailure: true },
    );
  });

  it('is false with the neutral element in any place that may hold one', async () => {
    for (const slot of layout.slots.filter(({ mayBeNeutral }) => mayBeNeutral)) {
      const changed = replaced(subject.proof, slot, encodedMultiple(BN254, slot.kind, 0n));
      expect(await refusalOf(slot.name, () => subject.run(changed)), slot.name).toBe(false);
    }
  });
});
