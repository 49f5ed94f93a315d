import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { BLS12_381, BN254, type Curve } from '../../src/curve/curve.ts';
import type { BatchMember } from '../../src/groth16/proof.ts';
import { readInputs } from '../../src/groth16/public-input-sums.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { proofLayout } from '../../src/recursion/snarkpack/layout.ts';
import { verify } from '../../src/recursion/verify.ts';
import { folderFiles } from '../coprocessors/real-proofs.ts';
import { backendOf } from '../helpers/backends.ts';
import { check, claim, expectForgery, forgeFromNothing, right } from '../helpers/forgery.ts';
import { scalarArbitrary } from '../helpers/group-elements.ts';
import { drawShared } from '../helpers/seeded.ts';
import { syntheticSrs, type Taus, tausArbitrary } from '../helpers/synthetic-srs.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { bindingLate } from '../helpers/weak-transcripts.ts';

/** Where the proofs of each system lie, how many there are, and how many to fold in a composite of their own. */
const KINDS: readonly {
  readonly set: string;
  readonly curve: Curve;
  readonly total: number;
  readonly fold: number;
}[] = [
  { set: 'risc0/groth16', curve: BN254, total: 26, fold: 3 },
  { set: 'sp1/v4.0.0-rc.3', curve: BN254, total: 48, fold: 3 },
  { set: 'sp1/v5.0.0', curve: BN254, total: 15, fold: 2 },
  { set: 'sp1/v6.1.0', curve: BN254, total: 12, fold: 3 },
  { set: 'nebra-upa/vk00-4pub', curve: BN254, total: 50, fold: 3 },
  { set: 'nebra-upa/vk01-4pub', curve: BN254, total: 2, fold: 2 },
  { set: 'nebra-upa/vk02-1pub', curve: BN254, total: 1, fold: 1 },
  { set: 'semaphore-v4', curve: BN254, total: 1, fold: 1 },
  ...['vk00-1pub', 'vk01-0pub', 'vk02-1pub', 'vk03-15pub', 'vk04-16pub', 'vk05-17pub'].map((name) => ({
    set: `bls12-381/${name}-bls12381`,
    curve: BLS12_381,
    total: 1,
    fold: 1,
  })),
];

/** Folds, verifies with the keys alone and holds the answer against the members. */
async function foldAndVerify(members: readonly BatchMember[], taus: Taus, capacity: number): Promise<void> {
  const { curve } = (members[0] as BatchMember).key;
  const backend = backendOf(curve);
  const srs = await syntheticSrs(backend, capacity, taus);
  const { bytes, composite } = await aggregate(members, { srs, backend });
  expect(composite.statement.capacity).toBe(capacity);
  const keys = [...new Map(members.map(({ key }) => [key.id, key])).values()];
  expect(composite.proof).toHaveLength(proofLayout(curve, Math.log2(capacity), keys.length).length);
  expect(await verify(bytes, { keys: keys.reverse(), srs, backend })).toMatchObject({
    claims: members.map(({ key, system, inputs }) => ({
      key: { id: key.id },
      system,
      inputs: readInputs(inputs),
    })),
  });
}

describeWithVectors('real proofs', (dir) => {
  const drawn = drawShared(
    fc.record({
      bn254: tausArbitrary(BN254),
      bls12381: tausArbitrary(BLS12_381),
      tape: fc.array(scalarArbitrary(BN254), { minLength: 40, maxLength: 40 }),
    }),
  );
  const tausOf = (curve: Curve): Taus => (curve === BN254 ? drawn.bn254 : drawn.bls12381);
  const read = async (set: string): Promise<BatchMember[]> =>
    (await readBatch(folderFiles(`${dir}/${set}`), { trusted: true })).members;

  it.each(KINDS)('of $set fold with their kind', async ({ set, curve, total, fold }) => {
    const members = await read(set);
    expect(members).toHaveLength(total);
    expect(new Set(members.map(({ key }) => key.id)).size).toBe(1);
    await foldAndVerify(members.slice(0, fold), tausOf(curve), 2 ** Math.ceil(Math.log2(fold)));
  });

  it('on BN254 all fold into one composite, mixed', async () => {
    const sets = KINDS.filter(({ curve }) => curve === BN254);
    const members = (await Promise.all(sets.map(({ set }) => read(set)))).flat();
    expect(members).toHaveLength(155);
    // A stride prime to 155 lets the keys alternate.
    const mixed = members.map((_, i) => members[(i * 37) % 155] as BatchMember);
    await foldAndVerify(mixed, drawn.bn254, 256);
  }, 600_000);

  it('on BLS12-381 all fold into one composite, under six keys', async () => {
    const sets = KINDS.filter(({ curve }) => curve === BLS12_381);
    const members = (await Promise.all(sets.map(({ set }) => read(set)))).flat();
    await foldAndVerify(members, drawn.bls12381, 8);
  });

  it('are not needed where the first challenge is drawn too early: a production key then proves anything', async () => {
    const [member] = await read('risc0/groth16');
    const key = (member as BatchMember).key;
    const srs = await syntheticSrs(backendOf(BN254), 2, drawn.bn254);
    const inputs = [1n, 2n, 3n, 4n, 5n];
    const claims = claim(
      srs,
      [key],
      [
        { key: 0, inputs },
        { key: 0, inputs: [0n, 0n, 0n, 0n, 0n] },
      ],
      2,
    );
    const early = (): ReturnType<typeof right> => bindingLate(right(), 'round 1', 'x');
    await expectForgery(claims, await forgeFromNothing(claims, early(), drawn.tape), early);
    expect(await check(claims, await forgeFromNothing(claims, right(), drawn.tape), right())).toBe(false);
  });
});
