import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUDGET_MS, calibrate } from '../../../src/backend/auto/calibrate.ts';
import { type CostModel, OPERATIONS, type Operation } from '../../../src/backend/auto/cost-model.ts';
import { ITEM_MS } from '../../../src/backend/auto/guessed-costs.ts';
import { DISTINCT, PROBES } from '../../../src/backend/auto/probes.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { timedBackend } from '../../helpers/timed-backend.ts';

const smallestMs = (operation: Operation): number => {
  const { smallest, itemsOf } = PROBES[operation];
  return ITEM_MS[operation] * (itemsOf?.(smallest) ?? smallest);
};

/** The CPU makes the points of all runs before the first. */
const INPUTS_MS = DISTINCT.g1 * ITEM_MS.scaleG1 + DISTINCT.g2 * ITEM_MS.scaleG2;

interface Speeds {
  /** Times as long as an ordinary CPU. */
  readonly cpu?: number;
  readonly gpu?: number;
  readonly fixedMs?: number;
  readonly compileMs?: number;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function calibrated({ cpu = 1, gpu = 1, fixedMs = 1, compileMs = 0 }: Speeds): Promise<{
  readonly model: CostModel;
  readonly tookMs: number;
}> {
  const started = performance.now();
  const calibrating = calibrate({
    cpu: timedBackend(BN254, (operation, items) => cpu * ITEM_MS[operation] * items),
    rival: {
      backend: timedBackend(
        BN254,
        (operation, items, run) => fixedMs + gpu * ITEM_MS[operation] * items + (run === 0 ? compileMs : 0),
      ),
      startMs: 0,
      upload: async () => ({ read: async () => {}, release: () => {} }),
    },
  });
  let isDone = false;
  calibrating
    .catch(() => {})
    .finally(() => {
      isDone = true;
    });
  while (!isDone) await vi.advanceTimersToNextTimerAsync();
  return { model: await calibrating, tookMs: performance.now() - started };
}

describe('the time that a calibration takes', () => {
  it('is bounded on devices of any speed', async () => {
    for (const cpu of [1, 60]) {
      for (const gpu of [0.02, 0.2, 1, 10, 100, 1000, 10_000]) {
        const { tookMs } = await calibrated({ cpu, gpu, fixedMs: gpu });
        // The operation at which time is up has been begun on both sides.
        const begun = Math.max(...OPERATIONS.map(smallestMs)) * (cpu + gpu) + gpu;
        expect(tookMs, `${cpu} ${gpu}`).toBeLessThanOrEqual(
          BUDGET_MS + begun + cpu * INPUTS_MS + OPERATIONS.length,
        );
      }
    }
  });

  it('suffices for all operations where devices are as fast as they should be', async () => {
    const { model, tookMs } = await calibrated({ gpu: 0.05 });
    expect(tookMs).toBeLessThanOrEqual(BUDGET_MS + INPUTS_MS);
    for (const operation of OPERATIONS) {
      const [own, other] = [model.cpu.operations[operation], model.gpu.operations[operation]];
      // Runs of a millisecond are as exact as the clock.
      expect((own?.itemMs ?? 0) / ITEM_MS[operation], operation).toBeLessThan(1.5);
      expect(other, operation).toBeDefined();
      if (ITEM_MS[operation] < 0.001) continue;
      expect((own?.itemMs ?? 0) / ITEM_MS[operation], operation).toBeGreaterThan(0.7);
      expect((other?.itemMs ?? 0) / ITEM_MS[operation], operation).toBeLessThan(0.1);
    }
  });

  it('has a figure of their own for pairs whose lines the CPU keeps', async () => {
    const { millerProducts } = ITEM_MS;
    const { cpu } = (await calibrated({ gpu: 0.05 })).model;
    expect((cpu.withLines?.itemMs ?? 0) / millerProducts).toBeCloseTo(0.5, 1);
    expect((cpu.operations.millerProducts?.itemMs ?? 0) / millerProducts).toBeCloseTo(1, 1);
  });

  it('leaves what a slow device did not get to to the CPU, and has it lose the rest', async () => {
    const { model } = await calibrated({ gpu: 100 });
    expect(Object.keys(model.cpu.operations).length).toBeGreaterThan(0);
    for (const operation of OPERATIONS) {
      const [own, other] = [model.cpu.operations[operation], model.gpu.operations[operation]];
      if (other && own) expect(other.itemMs + other.fixedMs).toBeGreaterThan(own.itemMs + own.fixedMs);
    }
  });

  it('has figures of a slow CPU from the run that results are checked with', async () => {
    const { model } = await calibrated({ cpu: 60, gpu: 0.05 });
    const { msmG1 } = model.cpu.operations;
    expect(msmG1?.itemMs).toBeCloseTo(60 * ITEM_MS.msmG1, 2);
    expect(model.gpu.operations.msmG1?.itemMs).toBeLessThan(1);
  });

  it('does not count compiling, and tells how long it took', async () => {
    const plain = await calibrated({ gpu: 0.05 });
    const { model, tookMs } = await calibrated({ gpu: 0.05, compileMs: 3000 });
    expect(tookMs).toBeLessThanOrEqual(BUDGET_MS + INPUTS_MS + 3000 * OPERATIONS.length);
    expect(model.gpu.operations).toEqual(plain.model.gpu.operations);
    for (const operation of OPERATIONS) expect(model.gpu.compileMs[operation]).toBeCloseTo(3000, -1);
  });
});
