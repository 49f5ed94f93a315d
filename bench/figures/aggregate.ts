/** Picture of suite `aggregate`: the time to verify n proofs, as one composite and by the alternatives. */

import type { Series } from '../lib/chart.ts';
import { type Figure, formatDuration, provenance } from './figure.ts';

const LINES: readonly { readonly op: string; readonly name: string }[] = [
  { op: 'verify one by one', name: 'one by one (snarkjs)' },
  { op: 'verify-batch', name: 'batch (Sheaf)' },
  { op: 'verify', name: 'one composite (Sheaf)' },
];

/** The first backend that verified a composite, on as many threads as it has, and snarkjs. */
export const aggregateFigure: Figure = (report) => {
  const backend = report.rows.find((row) => row.op === 'verify')?.backend;
  if (backend === undefined) return undefined;
  const own = report.rows.filter((row) => row.backend === backend);
  const threads = Math.max(...own.map((row) => row.threads));
  const shown = report.rows.filter(
    (row) => row.backend === 'snarkjs' || (row.backend === backend && row.threads === threads),
  );
  const series = LINES.map(
    ({ op, name }): Series => ({
      name,
      points: shown.filter((row) => row.op === op).map((row) => ({ x: row.n, y: row.medianMs })),
    }),
  );
  return {
    title: 'Time to verify n Groth16 proofs under three keys',
    subtitle: `${backend} backend, ${provenance(report)}`,
    xLabel: 'proofs',
    yLabel: 'time',
    series,
    formatY: formatDuration,
  };
};
