import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Allowance, type Climb, cautiousLine, climb, lineOf } from '../../../src/backend/auto/climb.ts';
import { AbortedError, throwIfAborted } from '../../../src/errors.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const SIZES = [1, 4, 16, 64, 256];

/** Climbs on a clock that only runs move. */
async function climbed(
  msOf: (size: number, run: number) => number,
  allowance: Allowance,
): Promise<Climb & { readonly tried: number[]; readonly tookMs: number; readonly held: number }> {
  const tried: number[] = [];
  const runs = new Map<number, number>();
  let held = 0;
  const started = performance.now();
  const climbing = climb(
    {
      sizes: SIZES,
      itemsOf: (size) => size,
      place: async (size) => {
        tried.push(size);
        held++;
        return {
          run: async (signal) => {
            const run = runs.get(size) ?? 0;
            runs.set(size, run + 1);
            // Fake clocks count whole milliseconds.
            for (let left = Math.ceil(msOf(size, run)); left > 0; left--) {
              await vi.advanceTimersByTimeAsync(1);
              throwIfAborted(signal);
            }
          },
          release: () => {
            held--;
          },
        };
      },
    },
    allowance,
  );
  const result = await climbing;
  return { ...result, tried, held, tookMs: performance.now() - started };
}

describe('climbing', () => {
  it('goes on until a run is long', async () => {
    const { tried, last, first, held } = await climbed((size) => 2 * size, { ms: 10_000 });
    expect(tried).toEqual([1, 4, 16]);
    expect(first).toEqual({ items: 1, ms: 2 });
    expect(last).toEqual([
      { items: 4, ms: 8 },
      { items: 16, ms: 32 },
    ]);
    expect(held).toBe(0);
  });

  it('goes on beyond long runs as long as they are mostly a fixed part', async () => {
    const { tried, last } = await climbed((size) => 30 + size, { ms: 10_000 });
    expect(tried).toEqual([1, 4, 16, 64]);
    expect(lineOf({ last } as Climb)).toEqual({ fixedMs: 30, itemMs: 1 });
  });

  it('takes at least two sizes, and no longer than it is allowed to', async () => {
    for (const perItem of [1, 3, 10, 100, 1000, 10_000]) {
      for (const ms of [10, 100, 1000]) {
        const { spentMs, tookMs, tried, held } = await climbed((size) => perItem * size, { ms });
        expect(tookMs).toBeLessThanOrEqual(ms + 1);
        expect(spentMs).toBeCloseTo(tookMs, 3);
        expect(held).toBe(0);
        if (20 * perItem <= ms) expect(tried.length).toBeGreaterThanOrEqual(2);
      }
    }
  });

  it('has no figure where not even the smallest is done in time', async () => {
    const result = await climbed(() => 500, { ms: 100 });
    expect(result).toMatchObject({ first: undefined, last: undefined, tried: [1] });
    expect(lineOf(result)).toBeUndefined();
    expect(cautiousLine(result)).toBeUndefined();
    expect(await climbed(() => 1, { ms: -5 })).toMatchObject({ last: undefined, tookMs: 0 });
  });

  it('does not count what first runs take beyond later ones', async () => {
    const { tookMs, spentMs, last } = await climbed((size, run) => 2 * size + (run === 0 ? 300 : 0), {
      ms: 1000,
    });
    expect(last?.[1]).toEqual({ items: 16, ms: 32 });
    expect(tookMs - spentMs).toBeCloseTo(900, 3);
  });

  it('does not take compiling for the time of a size, also where that takes longer than is allowed', async () => {
    const { last, tried, tookMs } = await climbed(
      (size, run) => 2 * size + (run === 0 && size > 1 ? 300 : 0),
      {
        ms: 200,
      },
    );
    expect(tried).toEqual([1, 4, 16]);
    expect(last).toEqual([
      { items: 4, ms: 8 },
      { items: 16, ms: 32 },
    ]);
    // A first run ends when time is up, compiled or not.
    expect(tookMs).toBeLessThanOrEqual(3 * 200);
  });

  it('ends where a run beyond the smallest takes longer than its cap, once more for a first run that compiles', async () => {
    const capMs = (items: number) => 4 * items;
    const lost = await climbed((size) => 10 * size, { ms: 10_000, capMs });
    expect(lost).toMatchObject({ tried: [1, 4], last: [{ ms: 10 }, { ms: 10 }] });
    expect(lost.tookMs).toBeLessThanOrEqual(4 * 10 + 2 * 16 + 1);
    const hopeless = await climbed(() => 5000, { ms: 10_000, capMs });
    expect(hopeless).toMatchObject({ tried: [1], last: undefined });
    expect(hopeless.tookMs).toBeLessThanOrEqual(2 * 4 * 256 + 1);
    const compiling = await climbed((size, run) => 3 * size + (run === 0 ? 300 : 0), { ms: 10_000, capMs });
    expect(compiling.last?.[1]).toEqual({ items: 16, ms: 48 });
  });

  it('can be cancelled, and gives back what it holds', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(climbed((size) => 10 * size, { ms: 10_000, signal: controller.signal })).rejects.toThrow(
      AbortedError,
    );
  });
});

describe('a cautious line', () => {
  const of = (...times: [number, number][]): Climb => {
    const points = times.map(([items, ms]) => ({ items, ms }));
    const [first, second = first] = points as [{ items: number; ms: number }];
    return { first, last: [points.at(-2) ?? first, points.at(-1) ?? second], spentMs: 0 };
  };

  it('is nowhere below what was measured', () => {
    expect(cautiousLine(of([10, 5], [100, 50], [1000, 500]))).toEqual({ fixedMs: 5, itemMs: 0.5 });
  });

  it('takes no fixed part for what larger sizes cost', () => {
    expect(cautiousLine(of([10, 100], [1000, 150]))).toEqual({ fixedMs: 100, itemMs: 0.15 });
    expect(cautiousLine(of([10, 100]))).toEqual({ fixedMs: 100, itemMs: 10 });
  });
});
