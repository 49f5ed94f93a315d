import { describe, expect, it } from 'vitest';
import { median, pairedRatio, quantile } from '../../bench/lib/quantiles.ts';

describe('quantile', () => {
  it('interpolates between neighbours, whatever the order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5, 1, 2, 4, 3], 0.25)).toBe(2);
    expect(quantile([10, 20], 0.75)).toBe(17.5);
    expect(median([7])).toBe(7);
  });

  it('leaves the sample alone', () => {
    const sample = [3, 1, 2];
    quantile(sample, 0.5);
    expect(sample).toEqual([3, 1, 2]);
  });

  it('has no value for an empty sample', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('pairedRatio', () => {
  it('is above 1 when the peer takes longer', () => {
    expect(pairedRatio([30, 31, 29], [10, 10, 10])).toBe(3);
  });

  it('does not move when the whole machine is slower for some rounds', () => {
    const own = [10, 10, 10, 10, 10];
    const slowDown = [1, 4, 1, 9, 5];
    const slowed = own.map((ms, i) => ms * (slowDown[i] as number));
    const peer = slowed.map((ms) => ms * 5);
    expect(pairedRatio(peer, slowed)).toBe(5);
    // The same slow rounds met by the peer alone would change it: pairs count, not sorted samples.
    expect(pairedRatio(peer, own)).toBe(20);
  });

  it('ignores single outliers on either side', () => {
    expect(pairedRatio([40, 40, 4000, 40, 40], [10, 10, 10, 1000, 10])).toBe(4);
  });

  it('counts the rounds that both took part in', () => {
    expect(pairedRatio([40, 40], [10, 10, 1, 1, 1])).toBe(4);
    expect(pairedRatio([40, 40, 1, 1, 1], [10, 10])).toBe(4);
  });
});
