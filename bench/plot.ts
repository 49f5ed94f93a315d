/**
 * `npm run bench:plot -- REPORT.json OUT.svg`: draws the time to verify n proofs, as one composite and by the alternatives, from a
 * report of suite `aggregate`.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderChart, type Series } from './lib/chart.ts';
import type { Report } from './lib/report.ts';

const LINES: readonly { readonly op: string; readonly name: string }[] = [
  { op: 'verify one by one', name: 'one by one (snarkjs)' },
  { op: 'verify-batch', name: 'batch (Sheaf)' },
  { op: 'verify', name: 'one composite (Sheaf)' },
];

function series(report: Report, backend: string): Series[] {
  return LINES.map(({ op, name }) => ({
    name,
    points: report.rows
      .filter((row) => row.op === op && [backend, 'snarkjs'].includes(row.backend))
      .map((row) => ({ x: row.n, y: row.medianMs })),
  })).filter(({ points }) => points.length > 0);
}

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined) {
  process.stderr.write('Usage: npm run bench:plot -- REPORT.json OUT.svg\n');
  process.exitCode = 2;
} else {
  const report = JSON.parse(readFileSync(input, 'utf8')) as Report;
  const backend = report.rows.find((row) => row.op === 'verify')?.backend ?? '?';
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(
    output,
    renderChart({
      title: 'Time to verify n Groth16 proofs under three keys',
      subtitle: `${backend} backend, ${report.machine.cpu}, Node ${report.versions.node ?? '?'}, ${report.date.slice(0, 10)}; medians`,
      xLabel: 'proofs',
      yLabel: 'time',
      series: series(report, backend),
      formatY: (ms) => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`),
    }),
  );
}
