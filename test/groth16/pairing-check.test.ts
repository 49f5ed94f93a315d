import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { PairingCheck } from '../../src/groth16/pairing-check.ts';
import { residue, slow } from '../curve/arbitraries.ts';
import { g1Times, g2Times, gtTimes } from '../helpers/group-elements.ts';

describe.each(CURVES)('collected pairings on $name', (curve) => {
  const backend = createReferenceBackend(curve);
  const one = gtTimes(curve, 0n);

  it('are Σ scalar·e(P, Q), repeated Q included', async () => {
    const log = residue(curve.order);
    const term = fc.record({
      p: log,
      q: fc.constantFrom(1n, -1n, 2n),
      scalar: fc.bigInt({ min: -5n, max: 5n }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(term, { maxLength: 6 }), async (terms) => {
        const check = new PairingCheck(backend);
        for (const { p, q, scalar } of terms) check.add(g1Times(curve, p), g2Times(curve, q), scalar);
        const sum = terms.reduce((total, { p, q, scalar }) => total + p * q * scalar, 0n);
        expect(await check.finish()).toEqual(gtTimes(curve, sum));
      }),
      slow(4),
    );
  });

  it('take any integer as scalar', async () => {
    for (const scalar of [0n, -1n, curve.order, curve.order + 1n, -3n * curve.order - 2n, 1n << 300n]) {
      const check = new PairingCheck(backend);
      check.add(g1Times(curve, 2n), g2Times(curve, 3n), scalar);
      expect(await check.finish()).toEqual(gtTimes(curve, 6n * scalar));
    }
  });

  it('add vectors that are on the backend already', async () => {
    const check = new PairingCheck(backend);
    check.add(g1Times(curve, 2n), g2Times(curve, 3n), 1n);
    const g1 = await backend.uploadG1(new Uint8Array([...g1Times(curve, 5n), ...g1Times(curve, 7n)]));
    const g2 = await backend.uploadG2(new Uint8Array([...g2Times(curve, 11n), ...g2Times(curve, 3n)]));
    check.addTerm(g1, g2);
    check.addTerm(g1.slice(0, 1), g2.slice(1, 2));
    expect(await check.finish()).toEqual(gtTimes(curve, 6n + 55n + 21n + 15n));
  });

  it('keep Q and −Q apart, which have x in common', async () => {
    const check = new PairingCheck(backend);
    check.add(g1Times(curve, 4n), g2Times(curve, 3n), 1n);
    check.add(g1Times(curve, 5n), g2Times(curve, -3n), 1n);
    expect(await check.finish()).toEqual(gtTimes(curve, -3n));
  });

  it('of nothing, of infinity and of opposites are 1', async () => {
    expect(await new PairingCheck(backend).finish()).toEqual(one);
    const infinities = new PairingCheck(backend);
    infinities.add(g1Times(curve, 0n), g2Times(curve, 3n), 5n);
    infinities.add(g1Times(curve, 3n), g2Times(curve, 0n), 5n);
    expect(await infinities.finish()).toEqual(one);
    const opposites = new PairingCheck(backend);
    opposites.add(g1Times(curve, 4n), g2Times(curve, 3n), 1n);
    opposites.add(g1Times(curve, -6n), g2Times(curve, 2n), 1n);
    expect(await opposites.finish()).toEqual(one);
  });

  it('cost one Miller loop per distinct Q and one final exponentiation', async () => {
    const counted = createReferenceBackend(curve);
    const miller = vi.spyOn(counted, 'millerProducts');
    const final = vi.spyOn(counted, 'finalExponentiation');
    const check = new PairingCheck(counted);
    for (let i = 1n; i <= 6n; i++) check.add(g1Times(curve, i), g2Times(curve, 1n + (i % 2n)), i);
    await check.finish();
    expect(miller).toHaveBeenCalledTimes(1);
    const [products] = miller.mock.calls[0] ?? [[]];
    expect(products.flat().reduce((pairs, { g2 }) => pairs + g2.length, 0)).toBe(2);
    expect(final).toHaveBeenCalledTimes(1);
  });
});
