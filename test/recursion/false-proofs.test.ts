import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BN254 } from '../../src/curve/curve.ts';
import { FalseProofError } from '../../src/errors.ts';
import { mod, modInverse } from '../../src/field/modular.ts';
import { type BatchMember, createMember, createProof } from '../../src/groth16/proof.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import { findFalseProofs, verifyBatch } from '../../src/groth16/verify-batch.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { encodeComposite } from '../../src/recursion/composite-file.ts';
import { proveSnarkpack } from '../../src/recursion/snarkpack/prove.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import { statementOf } from '../../src/recursion/statement.ts';
import { verify } from '../../src/recursion/verify.ts';
import { backendOf } from '../helpers/backends.ts';
import { right } from '../helpers/forgery.ts';
import { g1Times, g2Times, scalarArbitrary } from '../helpers/group-elements.ts';
import { drawShared, forAll } from '../helpers/seeded.ts';
import {
  type BatchRecipe,
  batchArbitrary,
  type KeySecrets,
  type ProofRecipe,
  solveC,
  syntheticBatch,
} from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, type Taus, tausArbitrary } from '../helpers/synthetic-srs.ts';

const { order } = BN254;
const backend = backendOf(BN254);

/** Logarithms of the three points that a member carries. */
interface Points {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
}

function truePoints(recipe: BatchRecipe, i: number): Points {
  const proof = recipe.proofs[i] as ProofRecipe;
  return { a: proof.a, b: proof.b, c: solveC(BN254, recipe.keys[proof.key] as KeySecrets, proof) };
}

function withPoints(member: BatchMember, { a, b, c }: Points): BatchMember {
  const proof = createProof(BN254, { a: g1Times(BN254, a), b: g2Times(BN254, b), c: g1Times(BN254, c) });
  return { ...member, proof };
}

/** The ways for one proof to be false, given a scalar that is not 0. */
const FALSEHOODS: Readonly<
  Record<string, (recipe: BatchRecipe, member: BatchMember, i: number, t: bigint) => BatchMember>
> = {
  'another A': (recipe, member, i, t) => {
    const points = truePoints(recipe, i);
    return withPoints(member, { ...points, a: points.a + t });
  },
  'another B': (recipe, member, i, t) => {
    const points = truePoints(recipe, i);
    return withPoints(member, { ...points, b: points.b + t });
  },
  'another C': (recipe, member, i, t) => {
    const points = truePoints(recipe, i);
    return withPoints(member, { ...points, c: points.c + t });
  },
  'A negated': (recipe, member, i) => {
    const points = truePoints(recipe, i);
    return withPoints(member, { ...points, a: -points.a });
  },
  'another input': (recipe, member, i, t) => {
    const [first, ...rest] = (recipe.proofs[i] as ProofRecipe).inputs;
    const inputs = [mod((first as bigint) + t, order), ...rest];
    return createMember(member.key, member.proof, inputs, member.system);
  },
};

const strings = new Map<string, Promise<Srs>>();

/** The string for a number of proofs, made once. */
function stringFor(proofs: number, taus: Taus): Promise<Srs> {
  const size = 2 ** Math.ceil(Math.log2(proofs));
  const name = `${size} ${taus}`;
  const known = strings.get(name) ?? syntheticSrs(backend, size, taus);
  strings.set(name, known);
  return known;
}

/** A composite of what it is given, true or not: the prover without the check that `aggregate` makes of its result. */
async function foldUnchecked(
  members: readonly BatchMember[],
  taus: Taus,
): Promise<() => ReturnType<typeof verify>> {
  const srs = await stringFor(members.length, taus);
  const { statement, keys } = statementOf(members, srs);
  const proofs = members.map((member) => member.proof);
  const proof = await proveSnarkpack({ backend, srs, statement, proofs, transcript: right() });
  const bytes = encodeComposite({
    scheme: 'snarkpack',
    statement,
    carriedKeys: [],
    proof,
  });
  return () => verify(bytes, { srs, keys, backend });
}

describe.each([5, 8])('one false proof among %i', (n) => {
  const keyOf = Array.from({ length: n }, (_, i) => (i === 1 || i === 4 ? 1 : 0));
  const drawn = drawShared(
    fc.record({
      batch: batchArbitrary(BN254, {
        keyOf,
        inputCounts: [1, 2],
        shared: ['gamma', 'delta'],
        uniformInputs: true,
      }),
      taus: tausArbitrary(BN254),
      t: scalarArbitrary(BN254),
      shift: fc.nat(4),
    }),
  );
  const { members } = syntheticBatch(BN254, drawn.batch);
  const kinds = Object.keys(FALSEHOODS);

  it.each(Array.from({ length: n }, (_, i) => i))('at %i makes the composite false', async (i) => {
    const kind = kinds[(i + drawn.shift) % kinds.length] as string;
    const falsify = FALSEHOODS[kind] as (typeof FALSEHOODS)[string];
    const batch = members.map((member, j) => (j === i ? falsify(drawn.batch, member, i, drawn.t) : member));
    expect(await (await foldUnchecked(batch, drawn.taus))(), kind).toBe(false);
  });

  it('is found by verifyBatch and findFalseProofs wherever it is', async () => {
    expect(await verifyBatch(members, { backend })).toBe(true);
    expect(await findFalseProofs(members, { backend })).toEqual([]);
    for (let i = 0; i < n; i++) {
      const kind = kinds[(i + drawn.shift + 1) % kinds.length] as string;
      const falsify = FALSEHOODS[kind] as (typeof FALSEHOODS)[string];
      const batch = members.map((member, j) => (j === i ? falsify(drawn.batch, member, i, drawn.t) : member));
      expect(await findFalseProofs(batch, { backend }), kind).toEqual([i]);
    }
  });
});

describe('two false proofs built to cancel', () => {
  /** Each pair sums to what two true proofs would: in C, in A under one B, in B under one A. */
  const PAIRS: Readonly<Record<string, (recipe: BatchRecipe, t: bigint) => { points: [Points, Points] }>> = {
    'C + D and C − D': (recipe, t) => {
      const [first, second] = [truePoints(recipe, 0), truePoints(recipe, 1)];
      return {
        points: [
          { ...first, c: first.c + t },
          { ...second, c: second.c - t },
        ],
      };
    },
    'A + X and A − X under one B': (recipe, t) => {
      const [first, second] = [truePoints(recipe, 0), truePoints(recipe, 1)];
      return {
        points: [
          { ...first, a: first.a + t },
          { ...second, a: second.a - t },
        ],
      };
    },
    'B + Y and B − Y under one A': (recipe, t) => {
      const [first, second] = [truePoints(recipe, 0), truePoints(recipe, 1)];
      return {
        points: [
          { ...first, b: first.b + t },
          { ...second, b: second.b - t },
        ],
      };
    },
    'A + X in one, C + X·b/δ in the other': (recipe, t) => {
      const [first, second] = [truePoints(recipe, 0), truePoints(recipe, 1)];
      const { delta } = recipe.keys[0] as KeySecrets;
      const d = t * first.b * modInverse(delta, order);
      return {
        points: [
          { ...first, a: first.a + t },
          { ...second, c: second.c + d },
        ],
      };
    },
    'C exchanged': (recipe) => {
      const [first, second] = [truePoints(recipe, 0), truePoints(recipe, 1)];
      return {
        points: [
          { ...first, c: second.c },
          { ...second, c: first.c },
        ],
      };
    },
  };

  const drawn = fc.record({
    batch: batchArbitrary(BN254, { keyOf: [0, 0], inputCounts: [1], uniformInputs: true }).map((recipe) => {
      // One A and one B for both, so that shifts of either cancel.
      const { a, b } = recipe.proofs[0] as ProofRecipe;
      return { ...recipe, proofs: recipe.proofs.map((proof) => ({ ...proof, a, b })) };
    }),
    taus: tausArbitrary(BN254),
    t: scalarArbitrary(BN254),
  });

  it.each(Object.keys(PAIRS))('%s', async (name) => {
    await forAll(drawn, 1, async ({ batch, taus, t }) => {
      const { members } = syntheticBatch(BN254, batch);
      const { points } = (PAIRS[name] as (typeof PAIRS)[string])(batch, t);
      // Sums without weights do not see it: Σ (a·b − c·δ) is what it was.
      const { delta } = batch.keys[0] as KeySecrets;
      const total = (all: readonly Points[]): bigint =>
        mod(
          all.reduce((sum, { a, b, c }) => sum + a * b - c * delta, 0n),
          order,
        );
      expect(total(points)).toBe(total([truePoints(batch, 0), truePoints(batch, 1)]));

      const pair = members.map((member, i) => withPoints(member, points[i] as Points));
      expect(await verifyBatch(pair, { backend })).toBe(false);
      expect(await findFalseProofs(pair, { backend })).toEqual([0, 1]);
      expect(await (await foldUnchecked(pair, taus))()).toBe(false);
    });
  });

  it('under two keys that share δ', async () => {
    const shared = fc.record({
      batch: batchArbitrary(BN254, {
        keyOf: [0, 1],
        inputCounts: [1, 1],
        shared: ['delta'],
        uniformInputs: true,
      }),
      taus: tausArbitrary(BN254),
      t: scalarArbitrary(BN254),
    });
    await forAll(shared, 1, async ({ batch, taus, t }) => {
      const { members } = syntheticBatch(BN254, batch);
      const pair = members.map((member, i) => {
        const points = truePoints(batch, i);
        return withPoints(member, { ...points, c: points.c + (i === 0 ? t : -t) });
      });
      expect(await verifyBatch(pair, { backend })).toBe(false);
      expect(await findFalseProofs(pair, { backend })).toEqual([0, 1]);
      expect(await (await foldUnchecked(pair, taus))()).toBe(false);
    });
  });
});

describe('a false proof', () => {
  const drawn = drawShared(
    fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0, 1, 0, 1], inputCounts: [1, 1], uniformInputs: true }),
      taus: tausArbitrary(BN254),
      t: scalarArbitrary(BN254),
    }),
  );
  const { members, keys } = syntheticBatch(BN254, drawn.batch);
  const falsify = FALSEHOODS['another C'] as (typeof FALSEHOODS)[string];

  it('is named by aggregate, with all others and where they came from', async () => {
    const srs = await syntheticSrs(backend, 4, drawn.taus);
    const batch = members.map((member, i) => (i < 2 ? member : falsify(drawn.batch, member, i, drawn.t)));
    const named = batch.map((member, i) => ({ ...member, origin: { file: `part-${i}.json`, index: 7 } }));
    const error = await aggregate(named, { srs, backend }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FalseProofError);
    expect(error).toMatchObject({
      code: 'FALSE_PROOF',
      context: { index: 2, indices: [2, 3], file: 'part-2.json' },
    });
    expect((error as FalseProofError).message).toMatch(
      /^2 of 4 proofs are false: .*part-2\.json.*part-3\.json/,
    );
    const single = await aggregate(named.slice(1, 3), { srs, backend }).catch((thrown: unknown) => thrown);
    expect(single).toMatchObject({ code: 'FALSE_PROOF', context: { index: 1, indices: [1] } });
    expect((single as FalseProofError).message).toMatch(/^1 of 2 proofs is false/);
  });

  it('is a true proof under the key of another member', async () => {
    const [first, second, third, fourth] = members as [BatchMember, BatchMember, BatchMember, BatchMember];
    const [key0, key1] = keys as [VerificationKey, VerificationKey];
    const swapped = [{ ...first, key: key1 }, { ...second, key: key0 }, third, fourth];
    expect(await findFalseProofs(swapped, { backend })).toEqual([0, 1]);
    expect(await (await foldUnchecked(swapped, drawn.taus))()).toBe(false);
  });

  it('is a true proof with the inputs of another member', async () => {
    const [first, second, third, fourth] = members as [BatchMember, BatchMember, BatchMember, BatchMember];
    const swapped = [{ ...first, inputs: third.inputs }, second, { ...third, inputs: first.inputs }, fourth];
    expect(await findFalseProofs(swapped, { backend })).toEqual([0, 2]);
    expect(await (await foldUnchecked(swapped, drawn.taus))()).toBe(false);
  });

  it('is not one that was re-randomised: that is another proof of the same claim', async () => {
    const [first] = members as [BatchMember];
    const { a, b, c } = truePoints(drawn.batch, 0);
    const again = withPoints(first, { a: a * drawn.t, b: b * modInverse(drawn.t, order), c });
    expect(again.proof.a).not.toEqual(first.proof.a);
    expect(await verifyBatch([again], { backend })).toBe(true);
    expect(await (await foldUnchecked([again, first], drawn.taus))()).not.toBe(false);
  });
});
