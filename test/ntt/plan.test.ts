import { describe, expect, it } from 'vitest';
import { LengthMismatchError, OptionError } from '../../src/errors.ts';
import { nttLog2, nttShift, planNtt } from '../../src/ntt/plan.ts';

const CACHE_BYTES = 1 << 20;

describe('the plan of a transform', () => {
  it('covers the values with two passes, whose tasks fit a cache and keep the threads busy', () => {
    for (let log2 = 0; log2 <= 24; log2++) {
      for (const threads of [1, 2, 5, 16, 64]) {
        const { rowsLog2, columnsLog2, bundles } = planNtt({ log2, threads, valueBytes: 40 });
        expect(rowsLog2 + columnsLog2).toBe(log2);
        for (const [heightLog2, width, bundle] of [
          [rowsLog2, 2 ** columnsLog2, bundles[0]],
          [columnsLog2, 2 ** rowsLog2, bundles[1]],
        ] as const) {
          expect(width % bundle).toBe(0);
          // Lanes are filled wherever there are two columns.
          expect(bundle === 1 ? width : bundle % 2).toBe(bundle === 1 ? 1 : 0);
          expect(bundle * 40 * 2 ** heightLog2).toBeLessThan(CACHE_BYTES);
          if (width >= 2 * threads) expect(width / bundle).toBeGreaterThanOrEqual(threads);
        }
      }
    }
  });

  it('takes powers of two up to 2^24 and nothing else', () => {
    for (let log2 = 0; log2 <= 24; log2++) expect(nttLog2(2 ** log2)).toBe(log2);
    for (const length of [0, 3, 5, 2 ** 24 + 1, 2 ** 25]) {
      expect(() => nttLog2(length)).toThrow(LengthMismatchError);
    }
  });

  it('takes shifts from 1 up to the order less 1', () => {
    expect(nttShift(undefined, 17n)).toBe(1n);
    expect(nttShift(16n, 17n)).toBe(16n);
    for (const shift of [0n, -1n, 17n, 18n]) expect(() => nttShift(shift, 17n)).toThrow(OptionError);
    expect(() => nttShift(3 as unknown as bigint, 17n)).toThrow(OptionError);
  });
});
