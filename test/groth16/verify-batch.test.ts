/** Batch verification on synthetic statements: true ones, false ones at every place, and false ones that cancel. */

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLS12_381, BN254, CURVES, type Curve } from '../../src/curve/curve.ts';
import { AbortedError } from '../../src/errors.ts';
import { mod } from '../../src/field/modular.ts';
import { type BatchMember, createMember, createProof } from '../../src/groth16/proof.ts';
import { findFalseProofs, verifyBatch } from '../../src/groth16/verify-batch.ts';
import { backendOf } from '../helpers/backends.ts';
import { g1Times, g2Times } from '../helpers/group-elements.ts';
import { drawShared, forAll } from '../helpers/seeded.ts';
import {
  type BatchRecipe,
  type BatchShape,
  batchArbitrary,
  type KeySecrets,
  type ProofRecipe,
  solveC,
  syntheticBatch,
  syntheticMember,
} from '../helpers/synthetic-groth16.ts';

/** Five proofs under three keys that share γ and δ, as keys of one ceremony may; one takes no input. */
const SHAPE: BatchShape = { keyOf: [0, 1, 0, 2, 1], inputCounts: [2, 1, 0], shared: ['gamma', 'delta'] };

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(CURVES)('batches on $name', (curve) => {
  const backend = backendOf(curve);
  const options = { backend };
  const recipe = drawShared(batchArbitrary(curve, SHAPE)) as BatchRecipe;
  const { members } = syntheticBatch(curve, recipe);
  const secretsOf = (i: number): KeySecrets => recipe.keys[recipe.proofs[i]?.key as number] as KeySecrets;
  const proofOf = (i: number): ProofRecipe => recipe.proofs[i] as ProofRecipe;
  const memberOf = (i: number): BatchMember => members[i] as BatchMember;
  /** Member i with its C moved by a multiple of g: a false proof of a true shape. */
  const moved = (i: number, by: bigint): BatchMember => {
    const c = mod(solveC(curve, secretsOf(i), proofOf(i)) + by, curve.order);
    return syntheticMember(curve, memberOf(i).key, secretsOf(i), proofOf(i), c);
  };
  const replaced = (changes: Readonly<Record<number, BatchMember>>): BatchMember[] =>
    members.map((member, i) => changes[i] ?? member);

  it('of true proofs are true, whole and one by one', async () => {
    expect(await verifyBatch(members, options)).toBe(true);
    expect(await findFalseProofs(members, options)).toEqual([]);
    for (const member of members) expect(await verifyBatch([member], options)).toBe(true);
  });

  it('of any shape are true', async () => {
    const shapes = fc.constantFrom<BatchShape>(
      { keyOf: [0], inputCounts: [3] },
      { keyOf: [0, 0, 0], inputCounts: [1] },
      { keyOf: [0, 1], inputCounts: [1, 1], shared: ['alpha', 'beta', 'gamma', 'delta'] },
      { keyOf: [1, 0, 1], inputCounts: [0, 2], shared: ['delta'] },
    );
    await forAll(
      shapes.chain((shape) => batchArbitrary(curve, shape)),
      3,
      async (drawn) => {
        expect(await verifyBatch(syntheticBatch(curve, drawn).members, options)).toBe(true);
      },
    );
  });

  it('of nothing are true', async () => {
    expect(await verifyBatch([], options)).toBe(true);
    expect(await findFalseProofs([], options)).toEqual([]);
  });

  it.each(SHAPE.keyOf.map((_, i) => i))('with a false proof at %i are false, and it is found', async (i) => {
    const batch = replaced({ [i]: moved(i, 1n) });
    expect(await verifyBatch(batch, options)).toBe(false);
    expect(await findFalseProofs(batch, options)).toEqual([i]);
  });

  it('with any set of false proofs: all of them are found, in order', async () => {
    await forAll(fc.uniqueArray(fc.nat(members.length - 1), { minLength: 1 }), 2, async (places) => {
      const changes = Object.fromEntries(places.map((i) => [i, moved(i, 1n + BigInt(i))]));
      const found = await findFalseProofs(replaced(changes), options);
      expect(found).toEqual([...places].sort((a, b) => a - b));
    });
  });

  it('are false whichever part is wrong', async () => {
    const { key, proof } = memberOf(0);
    const [x, y] = proofOf(0).inputs as [bigint, bigint];
    const { a, b } = proofOf(0);
    const put = (change: Partial<typeof proof>, inputs: readonly bigint[] = [x, y]): BatchMember =>
      createMember(key, createProof(curve, { ...proof, ...change }), inputs, 'synthetic');
    const wrong: Record<string, BatchMember> = {
      'A moved': put({ a: g1Times(curve, a + 1n) }),
      'A negated': put({ a: g1Times(curve, -a) }),
      'B moved': put({ b: g2Times(curve, b + 1n) }),
      'B negated': put({ b: g2Times(curve, -b) }),
      'C of another proof': put({ c: memberOf(2).proof.c }),
      'first input': put({}, [mod(x + 1n, curve.order), y]),
      'last input': put({}, [x, mod(y + 1n, curve.order)]),
      'inputs in another order': put({}, x === y ? [mod(x + 1n, curve.order), y] : [y, x]),
      'the proof of another statement': put(memberOf(2).proof),
    };
    for (const [what, member] of Object.entries(wrong))
      expect(await verifyBatch(replaced({ 0: member }), options), what).toBe(false);
  });

  it('are true with A and B both negated, or both scaled: the equation knows only their product', async () => {
    const { key, proof, inputs } = memberOf(3);
    const { a, b } = proofOf(3);
    expect(inputs).toHaveLength(0);
    const other = createProof(curve, { ...proof, a: g1Times(curve, -a), b: g2Times(curve, -b) });
    expect(await verifyBatch(replaced({ 3: createMember(key, other, [], 'synthetic') }), options)).toBe(true);
  });

  describe('with errors that cancel in a plain sum', () => {
    // Moving C by +5g in one proof and by −5g in another keeps the product of both equations, since both pair C with one
    // δ: 0 and 2 stand under one key, 0 and 3 under two that share it.
    const cancelling = replaced({ 0: moved(0, 5n), 2: moved(2, -5n) });
    const acrossKeys = replaced({ 0: moved(0, 5n), 3: moved(3, -5n) });

    it('are false: the weights tell the proofs apart', async () => {
      expect(await verifyBatch(cancelling, options)).toBe(false);
      expect(await findFalseProofs(cancelling, options)).toEqual([0, 2]);
      expect(await findFalseProofs(acrossKeys, options)).toEqual([0, 3]);
    });

    it('would be true without weights, so that the test above means something', async () => {
      vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
        (array as unknown as Uint8Array).fill(0);
        return array;
      });
      expect(await verifyBatch(cancelling, options)).toBe(true);
      expect(await verifyBatch(acrossKeys, options)).toBe(true);
      expect(await verifyBatch(replaced({ 0: moved(0, 5n) }), options)).toBe(false);
    });
  });

  it('draw new weights for every proof but the first, and every time', async () => {
    const counted = backendOf(curve);
    const upload = vi.spyOn(counted, 'uploadFr');
    await verifyBatch(members, { backend: counted });
    await verifyBatch(members, { backend: counted });
    const drawn = upload.mock.calls
      .map(([bytes]) => bytes)
      .filter((bytes) => bytes.length === 32 * members.length);
    expect(drawn.length).toBeGreaterThanOrEqual(2);
    const values = drawn.flatMap((bytes) =>
      members.slice(1).map((_, i) => Buffer.from(bytes.subarray(32 * (i + 1), 32 * (i + 2))).toString('hex')),
    );
    expect(new Set(values).size).toBe(values.length);
    // 128 bits: the upper half of each weight is free.
    expect(values.every((hex) => hex.endsWith('0'.repeat(32)))).toBe(true);
  });

  it('take the same proof twice', async () => {
    expect(await verifyBatch([memberOf(0), memberOf(0), memberOf(1), memberOf(0)], options)).toBe(true);
    const wrong = moved(0, 1n);
    expect(await findFalseProofs([wrong, memberOf(0), wrong], options)).toEqual([0, 2]);
  });

  it('do not confuse a proof with another key of as many inputs', async () => {
    const shape: BatchShape = {
      keyOf: [0, 1],
      inputCounts: [1, 1],
      shared: ['alpha', 'beta', 'gamma', 'delta'],
    };
    await forAll(batchArbitrary(curve, shape), 1, async (drawn) => {
      const batch = syntheticBatch(curve, drawn);
      const [first, second] = batch.members as [BatchMember, BatchMember];
      const inputs = drawn.proofs[0]?.inputs as readonly bigint[];
      const swapped = createMember(second.key, first.proof, inputs, 'synthetic');
      expect(await verifyBatch([first, second], options)).toBe(true);
      expect(await findFalseProofs([swapped, second], options)).toEqual([0]);
    });
  });

  it('refuse members on another curve, naming the first', async () => {
    const other: Curve = curve === BN254 ? BLS12_381 : BN254;
    const away = backendOf(other);
    for (const check of [verifyBatch, findFalseProofs]) {
      await expect(check(members, { backend: away })).rejects.toMatchObject({
        code: 'MIXED_CURVES',
        context: { index: 0, expected: other.name, got: curve.name },
      });
    }
    const { members: foreign } = syntheticBatch(other, {
      keys: [{ alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n] }],
      proofs: [{ key: 0, inputs: [], a: 13n, b: 17n }],
    });
    const mixed = [memberOf(0), memberOf(1), ...foreign];
    await expect(verifyBatch(mixed, options)).rejects.toMatchObject({
      code: 'MIXED_CURVES',
      context: { index: 2, expected: curve.name, got: other.name },
    });
  });

  it('stop when the signal fires, and report growing progress', async () => {
    const signal = AbortSignal.abort('no');
    await expect(verifyBatch(members, { backend, signal })).rejects.toThrow(AbortedError);
    await expect(findFalseProofs(members, { backend, signal })).rejects.toMatchObject({ cause: 'no' });
    const fractions: number[] = [];
    const onProgress = (fraction: number): number => fractions.push(fraction);
    expect(await findFalseProofs(replaced({ 1: moved(1, 1n) }), { backend, onProgress })).toEqual([1]);
    expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });
});
