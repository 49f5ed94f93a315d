import { describe, expect, it } from 'vitest';
import { aggregateFigure } from '../../bench/figures/aggregate.ts';
import { msmFigure } from '../../bench/figures/msm.ts';
import { type Chart, renderChart } from '../../bench/lib/chart.ts';
import type { Report } from '../../bench/lib/report.ts';
import { rowOf } from './rows.ts';

const SIZES = [256, 512, 1024, 2048];

const CHART: Chart = {
  title: 'Sums & <products>',
  subtitle: 'a "test"',
  xLabel: 'points',
  yLabel: 'time',
  series: [
    { name: 'flat', points: SIZES.map((x) => ({ x, y: 10 })) },
    { name: 'steep', points: SIZES.map((x) => ({ x, y: x / 50 })) },
    { name: 'short', points: SIZES.slice(0, 2).map((x) => ({ x, y: x })) },
  ],
  formatY: (ms) => `${ms} ms`,
  xMarks: 'powers',
  crossovers: true,
};

/** Numbers of all attributes of a name. */
function numbers(svg: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="(-?[\\d.]+)"`, 'g'))].map((match) => Number(match[1]));
}

describe('renderChart', () => {
  it('is well-formed and escapes what it is given', () => {
    const svg = renderChart(CHART);
    expect(svg).toContain('Sums &#38; &#60;products&#62;');
    expect(svg).not.toContain('<products>');
    const open: string[] = [];
    for (const [, slash, name = '', rest = ''] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g)) {
      if (slash) expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/')) open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('draws every point within the picture, larger values higher and further right', () => {
    const svg = renderChart(CHART);
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"/g)].map(([, x, y]) => ({
      x: Number(x),
      y: Number(y),
    }));
    expect(dots).toHaveLength(10);
    const steep = dots.slice(4, 8);
    for (const [i, dot] of steep.slice(1).entries()) {
      expect(dot.x).toBeGreaterThan(steep[i]?.x as number);
      expect(dot.y).toBeLessThan(steep[i]?.y as number);
    }
    for (const value of numbers(svg, 'x')) expect(value).toBeLessThan(800);
    for (const value of numbers(svg, 'y')) expect(value).toBeLessThan(450);
  });

  it('names each line once and marks the one crossing with its size', () => {
    const svg = renderChart(CHART);
    for (const { name } of CHART.series) expect(svg.split(`>${name}<`)).toHaveLength(2);
    expect(svg.match(/class="ring"/g)).toHaveLength(1);
    expect(svg).toContain('n ≈ 500');
    expect(renderChart({ ...CHART, crossovers: false })).not.toContain('class="ring"');
  });

  it('marks sizes as powers of two or as numbers', () => {
    expect(renderChart(CHART)).toContain('2<tspan dy="-5" font-size="9">10</tspan>');
    expect(renderChart({ ...CHART, xMarks: 'numbers' })).toContain('>1024</text>');
  });

  it('has colours for dark pages too', () => {
    const svg = renderChart(CHART);
    expect(svg).toMatch(/prefers-color-scheme:\s*dark/);
    // Colours come from the style sheet alone, or the dark page would not change them.
    expect(svg.replace(/<style>[\s\S]*<\/style>/, '')).not.toMatch(/#[0-9a-f]{6}/);
  });
});

describe('msmFigure', () => {
  const report: Report = {
    machine: { cpu: 'Test CPU', cores: 2, memoryGiB: 8, platform: 'test' },
    versions: { node: '24.0.0' },
    date: '2026-01-02T03:04:05.000Z',
    rows: [
      rowOf({ suite: 'msm', n: 256, medianMs: 3 }),
      rowOf({ suite: 'msm', n: 512, medianMs: 5 }),
      rowOf({ suite: 'msm', n: 256, medianMs: 30, backend: 'reference', threads: 1 }),
      rowOf({ suite: 'msm', n: 512, medianMs: 50, backend: 'ffjavascript' }),
    ],
  };

  it('has a line for each backend', () => {
    expect(msmFigure(report)?.series).toEqual([
      {
        name: 'Sheaf wasm, 2 threads',
        points: [
          { x: 256, y: 3 },
          { x: 512, y: 5 },
        ],
      },
      { name: 'Sheaf reference', points: [{ x: 256, y: 30 }] },
      { name: 'ffjavascript, 2 threads', points: [{ x: 512, y: 50 }] },
    ]);
    expect(msmFigure(report)?.subtitle).toContain('Test CPU');
  });

  it('says of a software adapter that it is one, and marks no crossing with it', () => {
    const line = (backend: string, first: number, second: number) => [
      rowOf({ suite: 'msm', n: 256, medianMs: first, backend, threads: 1 }),
      rowOf({ suite: 'msm', n: 512, medianMs: second, backend, threads: 1 }),
    ];
    const draw = (backend: string): string => {
      const rows = [...line('reference', 30, 60), ...line(backend, 50, 40)];
      const chart = msmFigure({ ...report, rows });
      return chart ? renderChart(chart) : '';
    };
    const software = draw('webgpu (software adapter)');
    expect(software).toMatch(/>webgpu \(software adapter\)</);
    expect(software).not.toMatch(/class="ring"/);
    const hardware = draw('webgpu');
    expect(hardware).toMatch(/>Sheaf webgpu</);
    expect(hardware).toMatch(/class="ring"/);
  });

  it('draws nothing from nothing', () => {
    expect(msmFigure({ ...report, rows: [] })).toBeUndefined();
  });
});

describe('aggregateFigure', () => {
  it('has one point a size, on all threads, beside snarkjs', () => {
    const row = (op: string, fields: Partial<Report['rows'][number]>) =>
      rowOf({ suite: 'aggregate', op, n: 64, ...fields });
    const figure = aggregateFigure({
      machine: { cpu: 'Test CPU', cores: 2, memoryGiB: 8, platform: 'test' },
      versions: { node: '24.0.0' },
      date: '2026-01-02T03:04:05.000Z',
      rows: [
        row('verify', { medianMs: 20, threads: 2 }),
        row('verify', { medianMs: 30, threads: 1 }),
        row('verify', { medianMs: 900, threads: 1, backend: 'reference' }),
        row('verify-batch', { medianMs: 15, threads: 1 }),
        row('verify one by one', { medianMs: 2000, threads: 1, backend: 'snarkjs' }),
      ],
    });
    expect(figure?.series.map(({ points }) => points)).toEqual([
      [{ x: 64, y: 2000 }],
      [],
      [{ x: 64, y: 20 }],
    ]);
  });
});
