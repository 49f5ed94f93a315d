import { describe, expect, it } from 'vitest';
import {
  checkGpuTargets,
  formatGpuVerdict,
  GPU_TARGETS,
  type GpuTarget,
  gpuVerdicts,
} from '../../bench/gpu-targets.ts';
import type { Adapter, Row } from '../../bench/lib/report.ts';
import { planOf } from '../../bench/suites/gpu.ts';
import { rowOf } from './rows.ts';

const own = (fields: Partial<Row>): Row => rowOf({ suite: 'gpu', backend: 'webgpu', threads: 1, ...fields });
const verdictOf = (rows: readonly Row[], target: GpuTarget) => {
  const [verdict] = checkGpuTargets(rows, [target]);
  if (!verdict) throw new Error('no verdict');
  return verdict;
};

const MSM: GpuTarget = { name: 'G1 MSM 2^10', op: 'msm-g1', n: 1024, measure: 'ms', must: 8, aim: 4 };
const RATE: GpuTarget = { name: 'products', op: 'field-mul', measure: 'rate', must: 10e9, aim: 18e9 };
const RATIO: GpuTarget = { name: 'packed', op: 'msm-packed', measure: 'ratio', must: 8, aim: 12 };

describe('checkGpuTargets', () => {
  it.each([
    [4, 'aim'],
    [4.01, 'pass'],
    [8, 'pass'],
    [8.01, 'fail'],
  ] as const)('of a call of %d ms, with 8 required and 4 aimed at: %s', (medianMs, result) => {
    expect(verdictOf([own({ medianMs })], MSM)).toMatchObject({ result, value: medianMs });
  });

  it.each([
    [0.5, 'aim', 'AIM   products: 20 G/s (must 10 G/s, aim 18 G/s)'],
    [1, 'pass', 'pass  products: 10 G/s (must 10 G/s, aim 18 G/s)'],
    [2, 'fail', 'FAIL  products: 5 G/s (must 10 G/s, aim 18 G/s)'],
  ] as const)('of 10^7 products in %d ms: %s', (medianMs, result, text) => {
    const verdict = verdictOf([own({ op: 'field-mul', n: 10_000_000, medianMs })], RATE);
    expect(verdict.result).toBe(result);
    expect(formatGpuVerdict(verdict)).toBe(text);
  });

  it.each([
    [12, 'aim'],
    [8, 'pass'],
    [7.99, 'fail'],
  ] as const)('of a ratio of %d, with 8 required and 12 aimed at: %s', (ratio, result) => {
    expect(verdictOf([own({ op: 'msm-packed', ratio })], RATIO).result).toBe(result);
  });

  it('takes the best form of the multiplier', () => {
    const rows = [1, 0.4, 3].map((medianMs) => own({ op: 'field-mul', n: 10_000_000, medianMs }));
    expect(verdictOf(rows, RATE).value).toBe(25e9);
  });

  it.each([
    ['other operations', { op: 'msm-g2' }],
    ['other sizes', { n: 512 }],
    ['the CPU', { backend: 'wasm' }],
    ['the other curve', { curve: 'bls12-381' }],
    ['first calls', { warm: false }],
  ])('leaves out %s', (_, fields) => {
    const verdict = verdictOf([own({ medianMs: 1, ...fields })], MSM);
    expect(verdict.result).toBe('not measured');
    expect(formatGpuVerdict(verdict)).toBe('–     G1 MSM 2^10: not measured (must 8 ms, aim 4 ms)');
  });

  it('holds only first calls against a cold line', () => {
    const cold = { ...MSM, isCold: true };
    expect(verdictOf([own({ medianMs: 1 })], cold).result).toBe('not measured');
    expect(verdictOf([own({ medianMs: 5, warm: false })], cold).result).toBe('pass');
  });
});

describe('gpuVerdicts', () => {
  const adapter: Adapter = {
    vendor: 'nvidia',
    architecture: 'hopper',
    device: 'NVIDIA H200',
    description: '',
    driver: '',
    isSoftware: false,
  };

  it('has a line for each target on hardware', () => {
    const lines = gpuVerdicts([own({ n: 2 ** 16, medianMs: 5 })], adapter);
    expect(lines).toHaveLength(GPU_TARGETS.length);
    expect(lines).toContain('pass  G1 MSM 2^16: 5 ms (must 8 ms, aim 4 ms)');
  });

  it('says nothing of speed on a software adapter', () => {
    const rows = [own({ n: 2 ** 16, medianMs: 1 })];
    expect(gpuVerdicts(rows, { ...adapter, isSoftware: true })).toEqual([
      'software adapter: proves correctness, says nothing of speed',
    ]);
  });
});

describe('the plan of suite gpu', () => {
  it('covers every target', () => {
    const plan = planOf({ quick: false });
    for (const { name, op, n } of GPU_TARGETS) {
      const sizes = plan.find((entry) => entry.name === op)?.sizes;
      expect(sizes, name).toBeDefined();
      if (n !== undefined) expect(sizes, name).toContain(n);
    }
  });

  it('takes operations and sizes that are asked for', () => {
    expect(planOf({ quick: true, only: ['pipelines', 'ntt'], sizes: [64] }).map(({ name }) => name)).toEqual([
      'pipelines',
      'ntt',
    ]);
    expect(planOf({ quick: false, only: ['ntt'], sizes: [64] })).toEqual([{ name: 'ntt', sizes: [64] }]);
  });

  it('has small sizes for a quick run', () => {
    const sizes = planOf({ quick: true }).flatMap((entry) => entry.sizes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
  });
});
