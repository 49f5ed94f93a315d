import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BLS12_381, BN254, CURVES } from '../../src/curve/curve.ts';
import {
  KeyNotTrustedError,
  MixedCurvesError,
  PointAtInfinityError,
  PublicInputCountError,
  ScalarOutOfRangeError,
  SrsError,
} from '../../src/errors.ts';
import { type BatchMember, createMember, createProof, statementId } from '../../src/groth16/proof.ts';
import { createVerificationKey, type VerificationKey } from '../../src/groth16/verification-key.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { decodeComposite, encodeComposite } from '../../src/recursion/composite-file.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import { type VerifyOptions, verify } from '../../src/recursion/verify.ts';
import { backendOf } from '../helpers/backends.ts';
import { g1Times, g2Times } from '../helpers/group-elements.ts';
import { drawShared } from '../helpers/seeded.ts';
import {
  batchArbitrary,
  type KeySecrets,
  type ProofRecipe,
  solveC,
  syntheticBatch,
  syntheticKey,
  syntheticMember,
} from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';

const backend = backendOf(BN254);
const drawn = drawShared(
  fc.record({
    batch: batchArbitrary(BN254, { keyOf: [0, 1], inputCounts: [1, 2] }),
    other: batchArbitrary(BN254, { keyOf: [0], inputCounts: [1] }),
    taus: tausArbitrary(BN254),
    otherTaus: tausArbitrary(BN254),
    blsTaus: tausArbitrary(BLS12_381),
  }),
);
const { members, keys } = syntheticBatch(BN254, drawn.batch);
const [firstKey, secondKey] = keys as [VerificationKey, VerificationKey];
const strangerKey = syntheticKey(BN254, drawn.other.keys[0] as KeySecrets);

let srs: Srs;
let bytes: Uint8Array;
beforeAll(async () => {
  srs = await syntheticSrs(backend, 2, drawn.taus);
  ({ bytes } = await aggregate(members, { srs, backend }));
});

const run = (options: Partial<VerifyOptions> = {}): ReturnType<typeof verify> =>
  verify(bytes, { keys, srs, backend, ...options });

describe('keys that the verifier was not given', () => {
  it.each([
    ['none', [], keys],
    ['another', [strangerKey], keys],
    ['the first alone', [firstKey], [secondKey]],
    ['the second and another', [strangerKey, secondKey], [firstKey]],
  ])('are named: %s given', async (_, given, missing) => {
    const error = await run({ keys: given }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyNotTrustedError);
    expect(error).toMatchObject({ context: { digests: missing.map(({ id }) => id) } });
  });

  it('are taken from the file on demand only, and only where the file has them', async () => {
    expect(await run({ keys: [], trustCarriedKeys: true })).toMatchObject({
      claims: keys.map(({ id }) => ({ key: { id } })),
    });
    await expect(run({ keys: [], trustCarriedKeys: false })).rejects.toThrow(KeyNotTrustedError);
    const composite = decodeComposite(bytes);
    const [, second] = composite.carriedKeys;
    const partly = encodeComposite({ ...composite, carriedKeys: [undefined, second] });
    await expect(verify(partly, { keys: [], srs, backend, trustCarriedKeys: true })).rejects.toMatchObject({
      context: { digests: [firstKey.id] },
    });
    expect(await verify(partly, { keys: [firstKey], srs, backend, trustCarriedKeys: true })).not.toBe(false);
  });

  it('are told by every point: a key that differs in one is another key', async () => {
    const secrets = drawn.batch.keys[0] as KeySecrets;
    const variants: KeySecrets[] = [
      { ...secrets, alpha: secrets.alpha + 1n },
      { ...secrets, beta: secrets.beta + 1n },
      { ...secrets, gamma: secrets.gamma + 1n },
      { ...secrets, delta: secrets.delta + 1n },
      ...secrets.ic.map((_, j) => ({ ...secrets, ic: secrets.ic.map((s, i) => (i === j ? s + 1n : s)) })),
      { ...secrets, ic: [...secrets.ic, 0n] },
    ];
    for (const variant of variants) {
      await expect(run({ keys: [syntheticKey(BN254, variant), secondKey] })).rejects.toThrow(
        KeyNotTrustedError,
      );
    }
  });
});

describe('another reference string', () => {
  it('is refused, be it other in the secrets, their order, the kind or the curve', async () => {
    const [tau1, tau2] = drawn.taus;
    const others = [
      await syntheticSrs(backend, 2, drawn.otherTaus),
      await syntheticSrs(backend, 2, [tau1, drawn.otherTaus[1]]),
      await syntheticSrs(backend, 2, [tau2, tau1]),
      await syntheticSrs(backend, 2, drawn.taus, 'ceremony'),
      await syntheticSrs(backendOf(BLS12_381), 2, drawn.blsTaus),
    ];
    for (const other of others) {
      await expect(run({ srs: other, backend: 'reference' })).rejects.toThrow(SrsError);
    }
  });

  it('is the same one at another size', async () => {
    expect(await run({ srs: await syntheticSrs(backend, 4, drawn.taus) })).not.toBe(false);
  });
});

describe('a member', () => {
  const key = firstKey;
  const { proof } = members[0] as BatchMember;
  const [input] = (drawn.batch.proofs[0] as ProofRecipe).inputs as [bigint];

  it('has exactly as many inputs as its key takes', () => {
    for (const inputs of [[], [input, 0n], [input, input, input]]) {
      expect(() => createMember(key, proof, inputs, 'synthetic')).toThrow(PublicInputCountError);
    }
  });

  it('has inputs in their one form: none that is negative or not below the order', () => {
    for (const wrong of [input + BN254.order, BN254.order, input - BN254.order, -1n, 1n << 256n]) {
      expect(() => createMember(key, proof, [wrong], 'synthetic')).toThrow(ScalarOutOfRangeError);
    }
    expect(() => createMember(key, proof, [BN254.order - 1n], 'synthetic')).not.toThrow();
  });

  it('has no point at infinity', () => {
    const zero = { a: new Uint8Array(64), b: new Uint8Array(128), c: new Uint8Array(64) };
    for (const name of ['a', 'b', 'c'] as const) {
      expect(() => createProof(BN254, { ...proof, [name]: zero[name] })).toThrow(PointAtInfinityError);
    }
    const secrets = drawn.batch.keys[0] as KeySecrets;
    const points = {
      alpha: g1Times(BN254, secrets.alpha),
      beta: g2Times(BN254, secrets.beta),
      gamma: g2Times(BN254, secrets.gamma),
      delta: g2Times(BN254, secrets.delta),
      ic: secrets.ic.map((scalar) => g1Times(BN254, scalar)),
    };
    for (const name of ['alpha', 'beta', 'gamma', 'delta'] as const) {
      const at = new Uint8Array(name === 'alpha' ? 64 : 128);
      expect(() => createVerificationKey(BN254, { ...points, [name]: at })).toThrow(PointAtInfinityError);
    }
  });

  it('is on the curve of its key', () => {
    const bls = { a: g1Times(BLS12_381, 2n), b: g2Times(BLS12_381, 3n), c: g1Times(BLS12_381, 5n) };
    expect(() => createMember(key, createProof(BLS12_381, bls), [input], 'synthetic')).toThrow(
      MixedCurvesError,
    );
  });

  it('is known by key and inputs, not by its proof', () => {
    const recipe = drawn.batch.proofs[0] as ProofRecipe;
    const secrets = drawn.batch.keys[0] as KeySecrets;
    const again = syntheticMember(BN254, key, secrets, { ...recipe, a: recipe.a + 1n });
    const member = members[0] as BatchMember;
    expect(again.proof.c).not.toEqual(member.proof.c);
    expect(statementId(again)).toBe(statementId(member));
    expect(statementId({ key, inputs: again.inputs.map((byte) => byte ^ 1) })).not.toBe(statementId(member));
    expect(statementId({ key: strangerKey, inputs: again.inputs })).not.toBe(statementId(member));
  });
});

describe.each(CURVES)('on $name', (curve) => {
  it('an input may meet an IC point at infinity, which then says nothing', async () => {
    const secrets: KeySecrets = { alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 0n] };
    const key = syntheticKey(curve, secrets);
    const recipe = { key: 0, inputs: [13n], a: 17n, b: 19n };
    const member = syntheticMember(curve, key, secrets, recipe);
    const other = syntheticMember(curve, key, secrets, { ...recipe, inputs: [14n] });
    expect(solveC(curve, secrets, recipe)).toBe(solveC(curve, secrets, { ...recipe, inputs: [14n] }));
    const own = curve === BN254 ? drawn.taus : drawn.blsTaus;
    const string = await syntheticSrs(backendOf(curve), 2, own);
    const result = await aggregate([member, other], { srs: string, backend: backendOf(curve) });
    expect(await verify(result.bytes, { keys: [key], srs: string, backend: backendOf(curve) })).toMatchObject(
      { claims: [{ inputs: [13n] }, { inputs: [14n] }] },
    );
  });
});
