/** Picture of suite `msm`: time against size, a line for each backend and peer. */

import type { Row } from '../lib/report.ts';
import { type Figure, formatDuration, provenance } from './figure.ts';

function nameOf({ backend, threads }: Row): string {
  const own = backend === 'ffjavascript' ? backend : `Sheaf ${backend}`;
  return threads > 1 ? `${own}, ${threads} threads` : own;
}

/** Every backend of the report, and where they cross. */
export const msmFigure: Figure = (report) => {
  const lines = new Map<string, { x: number; y: number }[]>();
  for (const row of report.rows) {
    const points = lines.get(nameOf(row)) ?? [];
    points.push({ x: row.n, y: row.medianMs });
    lines.set(nameOf(row), points);
  }
  if (lines.size === 0) return undefined;
  return {
    title: 'Multi-scalar multiplication in G1 of BN254',
    subtitle: provenance(report),
    xLabel: 'points',
    yLabel: 'time',
    series: [...lines].map(([name, points]) => ({ name, points })),
    formatY: formatDuration,
    xMarks: 'powers',
    crossovers: true,
  };
};
