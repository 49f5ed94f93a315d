/** What pictures of a report share. */

import type { Chart } from '../lib/chart.ts';
import type { Report } from '../lib/report.ts';

/** Draws a report; undefined when it holds too little to draw. */
export type Figure = (report: Report) => Chart | undefined;

/** Machine, runtime and day of a run. */
export function provenance({ machine, versions, date }: Report): string {
  return `${machine.cores} × ${machine.cpu}${machine.gpu ? `, ${machine.gpu}` : ''}, Node ${versions.node ?? '?'}, ${date.slice(0, 10)}; medians`;
}

/** Milliseconds as a mark on an axis. */
export function formatDuration(ms: number): string {
  if (ms >= 1000) return `${ms / 1000} s`;
  return ms >= 1 ? `${ms} ms` : `${Number((ms * 1000).toPrecision(1))} µs`;
}
