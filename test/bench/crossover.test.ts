import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossovers, type Point } from '../../bench/lib/crossover.ts';

const line = (f: (x: number) => number, xs: readonly number[]): Point[] => xs.map((x) => ({ x, y: f(x) }));
const SIZES = [256, 512, 1024, 2048, 4096, 8192];

describe('crossovers', () => {
  it('finds where straight lines in logarithmic coordinates meet, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 300, max: 7000, noNaN: true }),
        fc.double({ min: 0.2, max: 0.9, noNaN: true }),
        (x0, slope) => {
          const flat = line((x) => 5 * (x / x0) ** slope, SIZES);
          const steep = line((x) => 5 * (x / x0) ** (slope + 1), SIZES);
          const [found, ...others] = crossovers(flat, steep);
          expect(others).toEqual([]);
          expect(found?.x).toBeCloseTo(x0, 6);
          expect(found?.y).toBeCloseTo(5, 9);
        },
      ),
    );
  });

  it('gives the same points whichever line comes first and in whatever order sizes are', () => {
    const a = line((x) => 10 + x / 100, SIZES);
    const b = line((x) => x / 60, SIZES);
    const [there] = crossovers(a, b);
    const [back] = crossovers([...b].reverse(), a);
    expect(back?.x).toBeCloseTo(there?.x as number, 9);
  });

  it('finds every crossing of lines that cross twice', () => {
    const a = line(() => 10, SIZES);
    const b = SIZES.map((x, i) => ({ x, y: [20, 12, 5, 5, 12, 20][i] as number }));
    const [first, second] = crossovers(a, b);
    expect(first?.x).toBeGreaterThan(512);
    expect(first?.x).toBeLessThan(1024);
    expect(second?.x).toBeGreaterThan(2048);
    expect(second?.x).toBeLessThan(4096);
  });

  it('counts a crossing once although the lines are level for some sizes', () => {
    const a = line(() => 100, SIZES);
    const b = SIZES.map((x, i) => ({ x, y: [200, 102, 98, 101, 99, 50][i] as number }));
    expect(crossovers(a, b)).toHaveLength(1);
  });

  it('takes noise around level lines for no crossing', () => {
    const a = line(() => 100, SIZES);
    const b = SIZES.map((x, i) => ({ x, y: i % 2 === 0 ? 103 : 98 }));
    expect(crossovers(a, b)).toEqual([]);
  });

  it('compares common sizes only', () => {
    expect(
      crossovers(
        line(() => 1, [256, 1024]),
        line(() => 2, [512, 2048]),
      ),
    ).toEqual([]);
    expect(
      crossovers(
        [],
        line(() => 1, SIZES),
      ),
    ).toEqual([]);
  });
});
