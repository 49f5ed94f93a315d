/** Limbs and their bounds, without a device: kernels' columns in integers. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { writeBigintLE } from '../../src/field/bytes.ts';
import { nonAdjacentForm } from '../../src/gpujs/fold.ts';
import { readLimbs, writeLimbs } from '../../src/gpujs/limb-codec.ts';
import { LIMB_BITS, limbBounds, limbSpec, signedLimbs } from '../../src/gpujs/limb-spec.ts';
import { groupPieces, planWindows } from '../../src/gpujs/msm-plan.ts';
import { residue } from '../curve/arbitraries.ts';

const FIELDS = CURVES.flatMap((curve) => [
  { title: `${curve.name}, Fq`, modulus: curve.modulus, weight: 1 + Number(3n * curve.g1.CURVE().b) },
  { title: `${curve.name}, Fr`, modulus: curve.order, weight: 1 },
]);

describe.each(FIELDS)('limbs of $title', ({ modulus, weight }) => {
  const spec = limbSpec(modulus, weight);
  const bytes = Math.ceil(modulus.toString(2).length / 8);
  const value = (limbs: Float32Array): bigint =>
    limbs.reduce((sum, limb, j) => sum + (BigInt(limb) << BigInt(LIMB_BITS * j)), 0n);

  it('are exact in floats, and one limb less would not be', () => {
    const { column, folded, top } = limbBounds(modulus, spec.limbs, weight);
    for (const bound of [column, folded, top]) expect(bound).toBeLessThan(2 ** 24 - 2 ** LIMB_BITS);
    expect(limbBounds(modulus, spec.limbs - 1, weight).column).toBeGreaterThan(2 ** 24);
    expect(spec.limbs).toBe(modulus.toString(2).length > 300 ? 44 : 30);
  });

  it('come from bytes and bigints and go back', () => {
    const edges = [0n, 1n, 255n, 256n, 511n, 512n, modulus - 1n, modulus >> 1n, (modulus >> 1n) + 1n];
    const check = (x: bigint): void => {
      const encoded = new Uint8Array(bytes + 3);
      writeBigintLE(x, encoded, 3, bytes);
      const limbs = new Float32Array(spec.limbs + 2);
      writeLimbs(spec, encoded, 3, bytes, limbs, 2);
      expect(value(limbs.subarray(2))).toBe(x);
      expect(readLimbs(spec, limbs, 2)).toBe(x);
      expect(limbs.subarray(2).every((limb) => limb >= -256 && limb < 256)).toBe(true);
      expect(readLimbs(spec, signedLimbs(-x, spec.limbs), 0)).toBe(x === 0n ? 0n : modulus - x);
    };
    edges.forEach(check);
    fc.assert(fc.property(residue(modulus), check), { numRuns: 256 });
  });

  it('stand in the table as powers of the radix', () => {
    for (let i = spec.folded; i < spec.digits; i++) {
      const row = spec.table.subarray((i - spec.folded) * spec.limbs, (i - spec.folded + 1) * spec.limbs);
      expect(readLimbs(spec, row, 0)).toBe((1n << BigInt(LIMB_BITS * i)) % modulus);
      expect(row.every((limb) => Math.abs(limb) <= 256)).toBe(true);
    }
  });
});

describe('plans', () => {
  it('the non-adjacent form is the number, its digits odd and small', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 255n }), (x) => {
        const digits = nonAdjacentForm(x);
        expect(digits.reduceRight((sum, digit) => 2n * sum + BigInt(digit), 0n)).toBe(x);
        expect(digits.every((digit) => digit === 0 || (digit % 2 !== 0 && Math.abs(digit) < 16))).toBe(true);
        expect(digits.at(-1) ?? 1).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('pieces cover every term of every job once, in groups of limited size', () => {
    const lengths = fc.array(fc.nat(50), { maxLength: 300 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 40 }), (jobs, most) => {
        const groups = groupPieces(jobs, most);
        const seen = jobs.map(() => 0);
        for (const group of groups) {
          let points = 0;
          for (const { job, start, end } of group) {
            expect(start).toBe(seen[job]);
            expect(end).toBeGreaterThan(start);
            seen[job] = end;
            points += end - start;
          }
          expect(points).toBeLessThanOrEqual(most);
          expect(group.length).toBeLessThanOrEqual(256);
        }
        expect(seen).toEqual(jobs);
      }),
    );
  });

  it('windows cover the scalars, and are wide for many points only', () => {
    for (const points of [1, 10, 100, 1000, 10_000, 32_768]) {
      const { windowBits, windows, windowsPerPass, additions } = planWindows(points, 1, 255);
      if (points <= 100) expect(windowBits).toBeLessThanOrEqual(6);
      if (points >= 10_000) expect(windowBits).toBeGreaterThanOrEqual(8);
      expect(windows * windowBits).toBeGreaterThanOrEqual(256);
      expect(windowsPerPass).toBeGreaterThanOrEqual(1);
      expect(additions).toBeGreaterThan(points);
    }
  });
});
