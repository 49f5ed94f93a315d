import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { publicInputSum, readInputs } from '../../src/groth16/public-input-sums.ts';
import { residue, slow } from '../curve/arbitraries.ts';
import { g1Times } from '../helpers/group-elements.ts';
import { syntheticKey } from '../helpers/synthetic-groth16.ts';

describe.each(CURVES)('sums over public inputs on $name', (curve) => {
  const backend = createReferenceBackend(curve);
  const secrets = { alpha: 2n, beta: 3n, gamma: 5n, delta: 7n };

  it('reads inputs as they were packed', () => {
    fc.assert(
      fc.property(fc.array(residue(curve.order), { maxLength: 6 }), (inputs) => {
        expect(readInputs(packScalars(curve, inputs))).toEqual(inputs);
      }),
    );
  });

  it('are Σ w_i·(IC_0 + Σ a_ij·IC_j), for any number of inputs and members', async () => {
    const shape = fc.record({ inputs: fc.nat(3), members: fc.nat(4) }).chain(({ inputs, members }) =>
      fc.record({
        ic: fc.array(residue(curve.order), { minLength: inputs + 1, maxLength: inputs + 1 }),
        rows: fc.array(fc.array(residue(curve.order), { minLength: inputs, maxLength: inputs }), {
          minLength: members,
          maxLength: members,
        }),
        weights: fc.array(residue(curve.order), { minLength: members, maxLength: members }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shape, async ({ ic, rows, weights }) => {
        const key = syntheticKey(curve, { ...secrets, ic });
        const log = rows.reduce((sum, row, i) => {
          const s = row.reduce((inner, value, j) => inner + value * (ic[j + 1] as bigint), ic[0] as bigint);
          return sum + (weights[i] as bigint) * s;
        }, 0n);
        expect(await publicInputSum(backend, key, rows, weights)).toEqual(g1Times(curve, log));
      }),
      slow(4),
    );
  });

  it('of no members is infinity', async () => {
    const key = syntheticKey(curve, { ...secrets, ic: [1n, 2n] });
    expect(await publicInputSum(backend, key, [], [])).toEqual(new Uint8Array(curve.g1Bytes));
  });

  it('stop when the signal fires', async () => {
    const key = syntheticKey(curve, { ...secrets, ic: [1n] });
    const aborted = publicInputSum(backend, key, [[]], [1n], { signal: AbortSignal.abort('no') });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: 'no' });
  });
});
