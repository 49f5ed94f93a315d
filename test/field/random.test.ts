import { afterEach, describe, expect, it, vi } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { randomScalar, randomWeight } from '../../src/field/random.ts';

/** Makes the CSPRNG give one byte over and over, to reach the ends of a range. */
function fillWith(byte: number): void {
  vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
    (array as unknown as Uint8Array).fill(byte);
    return array;
  });
}

describe('randomness', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(CURVES)('scalars lie in [1, order) of $name and do not repeat', ({ order }) => {
    const drawn = Array.from({ length: 200 }, () => randomScalar(order));
    expect(drawn.every((s) => s >= 1n && s < order)).toBe(true);
    expect(new Set(drawn).size).toBe(200);
  });

  it('weights lie in [1, 2^128), do not repeat, and use all 128 bits', () => {
    const drawn = Array.from({ length: 400 }, randomWeight);
    expect(drawn.every((w) => w >= 1n && w < 1n << 128n)).toBe(true);
    expect(new Set(drawn).size).toBe(400);
    for (let bit = 0n; bit < 128n; bit++) {
      const set = drawn.filter((w) => (w >> bit) & 1n).length;
      // Binomial(400, 1/2): nine standard deviations either way.
      expect(set).toBeGreaterThan(110);
      expect(set).toBeLessThan(290);
    }
  });

  it('is never 0, even when the platform gives zeros', () => {
    fillWith(0);
    expect(randomWeight()).toBe(1n);
    for (const { order } of CURVES) expect(randomScalar(order)).toBe(1n);
  });

  it('stays below the bound when the platform gives ones', () => {
    fillWith(0xff);
    expect(randomWeight() < 1n << 128n).toBe(true);
    for (const { order } of CURVES) expect(randomScalar(order) < order).toBe(true);
  });

  it('covers a small range evenly, both ends included', () => {
    const counts = new Map<bigint, number>();
    for (let i = 0; i < 6000; i++) {
      const s = randomScalar(7n);
      counts.set(s, (counts.get(s) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    // Binomial(6000, 1/6): mean 1000, standard deviation 29.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(260);
  });

  it('draws at least 64 bytes a value from the CSPRNG', () => {
    const spy = vi.spyOn(globalThis.crypto, 'getRandomValues');
    randomScalar(CURVES[0]?.order ?? 0n);
    const drawn = spy.mock.calls.reduce((sum, [array]) => sum + (array as Uint8Array).length, 0);
    expect(drawn).toBeGreaterThanOrEqual(64);
  });
});
