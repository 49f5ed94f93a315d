/** Picture of suite `msm`: time against size, a line for each backend and peer. */

import type { Row } from '../lib/report.ts';
import { type Figure, formatDuration, provenance } from './figure.ts';

/** What suite `msm` calls the software adapter, whose times say nothing of GPUs. */
export const SOFTWARE_WEBGPU = 'webgpu (software adapter)';

function nameOf({ backend, threads }: Row): string {
  const own = backend === 'ffjavascript' || backend === SOFTWARE_WEBGPU ? backend : `Sheaf ${backend}`;
  return threads > 1 ? `${own}, ${threads} threads` : own;
}

/** Every backend of the report, and where they cross; where the software adapter does, nobody needs to know. */
export const msmFigure: Figure = (report) => {
  const lines = new Map<string, { x: number; y: number }[]>();
  for (const row of report.rows) {
    const name = nameOf(row);
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
    series: [...lines].map(([name, points]) => ({
      name,
      points,
      ...(name === SOFTWARE_WEBGPU ? { crosses: false } : {}),
    })),
    formatY: formatDuration,
    xMarks: 'powers',
    crossovers: true,
  };
};
