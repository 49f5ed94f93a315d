/** `npm run bench:plot -- REPORT.json OUT.svg`: draws a report of a suite that has a picture. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderChart } from './lib/chart.ts';
import type { Report } from './lib/report.ts';
import { SUITES } from './suites/index.ts';

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined) {
  process.stderr.write('Usage: npm run bench:plot -- REPORT.json OUT.svg\n');
  process.exitCode = 2;
} else {
  const report = JSON.parse(readFileSync(input, 'utf8')) as Report;
  const chart = SUITES.find(({ name }) => name === report.rows[0]?.suite)?.figure?.(report);
  if (!chart) throw new Error(`${input} holds nothing to draw: expected rows of suite aggregate or msm.`);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, renderChart(chart));
}
