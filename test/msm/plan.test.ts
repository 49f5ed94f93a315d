import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { bestWindowBits, type MsmShape, msmCost, planMsm } from '../../src/msm/plan.ts';

const SHAPE: MsmShape = {
  count: 1 << 14,
  dimensions: 2,
  partBound: 1n << 127n,
  threads: 1,
  batch: 8192,
  pointBytes: 80,
};

const shapes: fc.Arbitrary<MsmShape> = fc.record({
  count: fc.integer({ min: 1, max: 1 << 18 }),
  dimensions: fc.constantFrom(1 as const, 2 as const),
  partBound: fc.bigInt({ min: 1n << 120n, max: (1n << 128n) - 1n }),
  threads: fc.integer({ min: 1, max: 16 }),
  batch: fc.constantFrom(32, 2048, 8192),
  pointBytes: fc.constantFrom(80, 160, 256),
});

describe('planMsm', () => {
  it('covers every window of every point once', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 2, max: 16 }), (shape, windowBits) => {
        const plan = planMsm(shape, windowBits);
        const area = plan.tasks.reduce((sum, task) => sum + task.pointCount * task.windowCount, 0);
        expect(area).toBe(shape.count * plan.windows);
        const corners = new Set(plan.tasks.map((task) => `${task.firstPoint},${task.firstWindow}`));
        expect(corners.size).toBe(plan.tasks.length);
        for (const task of plan.tasks) {
          expect(task.pointCount).toBeGreaterThan(0);
          expect(task.windowCount).toBeGreaterThan(0);
          expect(task.firstPoint + task.pointCount).toBeLessThanOrEqual(shape.count);
          expect(task.firstWindow + task.windowCount).toBeLessThanOrEqual(plan.windows);
        }
        const results = plan.tasks.flatMap(({ firstWindow, windowCount, firstResult }) =>
          Array.from({ length: windowCount }, (_, i) => [firstResult + i, firstWindow + i] as const),
        );
        // Every place is written once, and holds a result of the window that it is counted to.
        const owners = plan.resultsOfWindow.flatMap((count, window) => new Array<number>(count).fill(window));
        expect(results.length).toBe(owners.length);
        expect(new Set(results.map(([place]) => place)).size).toBe(owners.length);
        for (const [place, window] of results) expect(owners[place]).toBe(window);
        const digit = (1n << BigInt(windowBits - 1)) - 1n;
        const reach = (windows: number): bigint =>
          (digit * ((1n << BigInt(windows * windowBits)) - 1n)) / ((1n << BigInt(windowBits)) - 1n);
        expect(reach(plan.windows)).toBeGreaterThanOrEqual(shape.partBound);
        expect(reach(plan.windows - 1)).toBeLessThan(shape.partBound);
      }),
    );
  });

  it('takes the window of least cost, larger for more points', () => {
    let before = 0;
    for (let log = 4; log <= 20; log += 2) {
      const shape = { ...SHAPE, count: 1 << log };
      const best = bestWindowBits(shape);
      for (let bits = 2; bits <= 16; bits++) {
        expect(msmCost(shape, best)).toBeLessThanOrEqual(msmCost(shape, bits));
      }
      expect(best).toBeGreaterThanOrEqual(before);
      before = best;
    }
  });

  it('refuses windows without signed digits', () => {
    expect(() => planMsm(SHAPE, 1)).toThrow(OptionError);
  });

  it('gives all threads about the same work, by chunks of points where windows cannot be shared evenly', () => {
    for (const threads of [1, 2, 3, 4, 5, 8, 16]) {
      for (const log of [12, 14, 16, 18]) {
        const shape = { ...SHAPE, threads, count: 1 << log };
        const plan = planMsm(shape);
        const loads = new Array<number>(threads).fill(0);
        for (const task of plan.tasks) {
          const idlest = loads.indexOf(Math.min(...loads));
          loads[idlest] = (loads[idlest] as number) + task.pointCount * task.windowCount;
        }
        const total = loads.reduce((sum, load) => sum + load, 0);
        expect(Math.max(...loads)).toBeLessThan((1.35 * total) / threads);
      }
    }
    expect(planMsm({ ...SHAPE, count: 64 }).tasks.length).toBe(1);
  });

  it('cuts the one window that two threads cannot share', () => {
    const plan = planMsm({ ...SHAPE, threads: 2, count: 1 << 14, partBound: (1n << 128n) - 1n }, 12);
    expect(plan.windows).toBe(11);
    expect(plan.resultsOfWindow).toEqual([...new Array<number>(10).fill(1), 2]);
  });

  it('counts the memory of its largest task', () => {
    const plan = planMsm({ ...SHAPE, count: 1000 }, 8);
    const [task] = plan.tasks;
    const buckets = 128 * (task?.windowCount ?? 0);
    const entries = 2 * (task?.pointCount ?? 0) * (task?.windowCount ?? 0);
    expect(plan.taskBytes).toBe(4 * entries + buckets * (4 + 80));
  });
});
