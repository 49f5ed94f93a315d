import { describe, expect, it } from 'vitest';
import {
  type Calibration,
  type CostModel,
  costOf,
  crossover,
  lineThrough,
  type Placement,
  packCalibration,
  unpackCalibration,
  type Work,
} from '../../../src/backend/auto/cost-model.ts';

const model: CostModel = {
  cpu: {
    operations: { msmG1: { fixedMs: 1, itemMs: 0.01 }, foldG1: { fixedMs: 0, itemMs: 0.1 } },
    upload: { fixedMs: 0.5, itemMs: 0.001 },
    readBack: { fixedMs: 0.25, itemMs: 0.002 },
  },
  gpu: {
    operations: { msmG1: { fixedMs: 5, itemMs: 0.001 }, msmG2: { fixedMs: 1, itemMs: 1 } },
    upload: { fixedMs: 2, itemMs: 0.003 },
    readBack: { fixedMs: 3, itemMs: 0.004 },
    startMs: 100,
    compileMs: { msmG1: 50 },
  },
};
const placed = (where: Partial<Placement>, bytes = 100): Placement => ({
  owner: {},
  bytes,
  onHost: false,
  onCpu: false,
  onGpu: false,
  ...where,
});
const sum = (inputs: readonly Placement[], items = 1000): Work => ({
  operation: 'msmG1',
  items,
  inputs,
  outputBytes: 0,
});
const [cpuAlone, gpuAlone] = [1 + 10, 5 + 1];

describe('the cost of an operation', () => {
  it('is its line where everything is in place', () => {
    const work = sum([placed({ onCpu: true, onGpu: true })]);
    expect(costOf(model, work, 'cpu')).toBeCloseTo(cpuAlone);
    expect(costOf(model, work, 'gpu')).toBeCloseTo(gpuAlone);
  });

  it('counts how inputs come to a side, from where they are', () => {
    const cases: [Partial<Placement>, number, number][] = [
      [{ onHost: true }, 0.6, 2.3],
      [{ onCpu: true }, 0, 2.3 + 0.45],
      [{ onCpu: true, onHost: true }, 0, 2.3],
      [{ onGpu: true }, 0.6 + 3.4, 0],
      [{ onGpu: true, onHost: true }, 0.6, 0],
    ];
    for (const [where, onCpu, onGpu] of cases) {
      expect(costOf(model, sum([placed(where)]), 'cpu'), JSON.stringify(where)).toBeCloseTo(cpuAlone + onCpu);
      expect(costOf(model, sum([placed(where)]), 'gpu'), JSON.stringify(where)).toBeCloseTo(gpuAlone + onGpu);
    }
  });

  it('counts a vector once, however many of its views are read', () => {
    const one = placed({ onHost: true });
    expect(costOf(model, sum([one, { ...one }]), 'gpu')).toBeCloseTo(gpuAlone + 2.3);
    expect(costOf(model, sum([one, placed({ onHost: true })]), 'gpu')).toBeCloseTo(gpuAlone + 4.6);
  });

  it('charges a result of the GPU its way back', () => {
    const work = { ...sum([]), outputBytes: 1000 };
    expect(costOf(model, work, 'gpu')).toBeCloseTo(gpuAlone + 7);
    expect(costOf(model, work, 'cpu')).toBeCloseTo(cpuAlone);
  });

  it('is less on the CPU for pairs whose lines it keeps', () => {
    const loops: CostModel = {
      cpu: {
        ...model.cpu,
        operations: { millerProducts: { fixedMs: 4, itemMs: 1 } },
        withLines: { fixedMs: 2, itemMs: 0.5 },
      },
      gpu: { ...model.gpu, operations: { millerProducts: { fixedMs: 10, itemMs: 0.7 } } },
    };
    const pairs = (itemsWithLines?: number): Work => ({
      operation: 'millerProducts',
      items: 100,
      itemsWithLines,
      inputs: [],
      outputBytes: 0,
    });
    expect([undefined, 0, 60, 100].map((kept) => costOf(loops, pairs(kept), 'cpu'))).toEqual([
      104, 104, 74, 52,
    ]);
    expect([undefined, 60, 100].map((kept) => costOf(loops, pairs(kept), 'gpu'))).toEqual([80, 80, 80]);
    const { withLines: _, ...without } = loops.cpu;
    expect(costOf({ ...loops, cpu: without }, pairs(100), 'cpu')).toBe(104);
  });

  it('is infinite where there is no figure', () => {
    expect(costOf(model, { ...sum([]), operation: 'foldG1' }, 'gpu')).toBe(Number.POSITIVE_INFINITY);
    expect(costOf(model, { ...sum([]), operation: 'msmG2' }, 'cpu')).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a line through two times', () => {
  it('goes through them', () => {
    const line = lineThrough({ items: 100, ms: 3 }, { items: 300, ms: 5 });
    expect(line).toEqual({ fixedMs: 2, itemMs: 0.01 });
  });

  it('is never negative', () => {
    expect(lineThrough({ items: 100, ms: 3 }, { items: 300, ms: 2 })).toEqual({ fixedMs: 3, itemMs: 0 });
    expect(lineThrough({ items: 100, ms: 1 }, { items: 200, ms: 4 }).fixedMs).toBe(0);
    expect(lineThrough({ items: 100, ms: 1 }, { items: 100, ms: 1 })).toEqual({ fixedMs: 0, itemMs: 0.01 });
  });
});

describe('a crossover', () => {
  it('is the first power of two from which the GPU stays faster', () => {
    // 1 + 0.01·n against 5 + 0.001·n: from 444.4 on.
    expect(crossover(model, (items) => sum([], items))).toBe(512);
    // With 100 bytes an item on their way: never, for moving costs more than computing.
    expect(crossover(model, (items) => sum([placed({ onHost: true }, 100 * items)], items))).toBeUndefined();
  });
});

describe('a calibration', () => {
  const calibration: Calibration = {
    curve: 'bn254',
    cpu: 'wasm',
    threads: 2,
    adapter: 'some GPU',
    multiplier: 'limb13',
    model,
  };
  const text = JSON.stringify(packCalibration(calibration));

  it('comes back as it was kept', () => {
    expect(unpackCalibration(JSON.parse(text))).toEqual(calibration);
    const cpu = { ...model.cpu, withLines: { fixedMs: 1, itemMs: 0.5 } };
    const other = { ...calibration, model: { ...model, cpu } };
    expect(unpackCalibration(JSON.parse(JSON.stringify(packCalibration(other))))).toEqual(other);
  });

  it.each([
    ['another version', text.replace('"version":3', '"version":2')],
    ['a cost that is no number', text.replace('"startMs":100', '"startMs":"100"')],
    ['a negative cost', text.replace('"startMs":100', '"startMs":-1')],
    ['a cost that is missing', text.replace('"startMs":100,', '')],
    ['an operation that does not exist', text.replace('"msmG2"', '"msmG3"')],
    ['another curve', text.replace('bn254', 'bn255')],
    ['nothing', 'null'],
    ['a list', '[]'],
  ])('is refused with %s', (_, damaged) => {
    expect(damaged).not.toBe(text);
    expect(unpackCalibration(JSON.parse(damaged))).toBeUndefined();
  });
});
