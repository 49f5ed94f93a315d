/** Picture of suite `msm`: time against size, a line for each backend and peer. */

import type { Row } from '../lib/report.ts';
import { type Figure, formatDuration, provenance } from './figure.ts';

function nameOf({ backend, threads }: Row, isSoftware: boolean): string {
  if (backend === 'webgpu' && isSoftware) return 'webgpu, software adapter';
  const own = backend === 'ffjavascript' ? backend : `Sheaf ${backend}`;
  return threads > 1 ? `${own}, ${threads} threads` : own;
}

/** Every backend of the report, and where they cross. */
export const msmFigure: Figure = (report) => {
  const lines = new Map<string, { x: number; y: number }[]>();
  for (const row of report.rows) {
    const name = nameOf(row, report.adapter?.isSoftware ?? false);
    const points = lines.get(name) ?? [];
    points.push({ x: row.n, y: row.medianMs });
    lines.set(name, points);
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
