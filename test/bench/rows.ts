import type { Row } from '../../bench/lib/report.ts';

/** A row with the fields given and plain ones otherwise. */
export function rowOf(fields: Partial<Row> = {}): Row {
  return {
    suite: 'cpu',
    op: 'msm-g1',
    curve: 'bn254',
    n: 1024,
    backend: 'wasm',
    threads: 2,
    warm: true,
    medianMs: 12.34,
    p25Ms: 12,
    p75Ms: 13,
    checked: true,
    ...fields,
  };
}
