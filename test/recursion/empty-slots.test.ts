/**
 * What stands in slots behind the last proof. The honest prover leaves them empty. Nothing enforces that, and nothing needs
 * to: C there is weighted with 0, an A or a B alone pairs with nothing, and A with B adds r^i·e(A, B) to Z, which no sum
 * over claims has.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BN254 } from '../../src/curve/curve.ts';
import { encodeComposite } from '../../src/recursion/composite-file.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import { statementOf } from '../../src/recursion/statement.ts';
import { verify } from '../../src/recursion/verify.ts';
import { backendOf } from '../helpers/backends.ts';
import { right } from '../helpers/forgery.ts';
import { g1Times, g2Times, scalarArbitrary } from '../helpers/group-elements.ts';
import { ProofDraft, type SlotPoints } from '../helpers/proof-draft.ts';
import { forAll } from '../helpers/seeded.ts';
import { batchArbitrary, syntheticBatch } from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';

const backend = backendOf(BN254);

/** What is junk in each of the slots behind the one proof, and whether the composite is then true. */
const CASES: readonly {
  readonly title: string;
  readonly junk: readonly string[];
  readonly holds: boolean;
}[] = [
  { title: 'nothing', junk: [''], holds: true },
  { title: 'C', junk: ['c'], holds: true },
  { title: 'A', junk: ['a'], holds: true },
  { title: 'B', junk: ['b'], holds: true },
  { title: 'A and C', junk: ['ac'], holds: true },
  { title: 'B and C', junk: ['bc'], holds: true },
  { title: 'A in one, B in another', junk: ['a', 'b', 'c'], holds: true },
  { title: 'A and B of one slot', junk: ['ab'], holds: false },
  { title: 'A and B of two, one pair the inverse of the other', junk: ['ab', 'ab', ''], holds: false },
  { title: 'all three', junk: ['abc'], holds: false },
];

describe('junk in empty slots', () => {
  it.each(CASES)('$title: $holds', async ({ junk, holds }) => {
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0], inputCounts: [1] }),
      taus: tausArbitrary(BN254),
      scalars: fc.tuple(scalarArbitrary(BN254), scalarArbitrary(BN254), scalarArbitrary(BN254)),
    });
    await forAll(drawn, 1, async ({ batch, taus, scalars: [a, b, c] }) => {
      const { members } = syntheticBatch(BN254, batch);
      const srs: Srs = await syntheticSrs(backend, 1 + junk.length, taus);
      const { statement, keys } = statementOf(members, srs, { capacity: 1 + junk.length });
      const sign = [1n, -1n, 1n];
      const slots: SlotPoints = {
        a: [
          ...members.map(({ proof }) => proof.a),
          ...junk.map((own, i) => g1Times(BN254, own.includes('a') ? a * (sign[i] as bigint) : 0n)),
        ],
        b: [
          ...members.map(({ proof }) => proof.b),
          ...junk.map((own) => g2Times(BN254, own.includes('b') ? b : 0n)),
        ],
        c: [
          ...members.map(({ proof }) => proof.c),
          ...junk.map((own) => g1Times(BN254, own.includes('c') ? c : 0n)),
        ],
      };
      const draft = new ProofDraft(backend, srs, statement, right());
      const vectors = await draft.upload(slots);
      const commitmentKeys = await draft.commitmentKeys();
      await draft.send(draft.layout.commitments, { gt: await draft.commit(commitmentKeys, vectors) });
      const r = draft.draw('r');
      await draft.send(draft.layout.products, {
        gt: [await draft.innerProduct(vectors, r)],
        g1: await draft.keySums(slots.c, r),
      });
      const rho = draft.draw('rho');
      const proof = await draft.finish(await draft.vectors(commitmentKeys, vectors, r, rho), r);
      const bytes = encodeComposite({ scheme: 'snarkpack', statement, carriedKeys: [], proof });
      const verified = await verify(bytes, { srs, keys, backend });
      expect(verified !== false).toBe(holds);
      if (verified) expect(verified.claims).toHaveLength(1);
    });
  });
});
