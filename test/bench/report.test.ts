import { describe, expect, it } from 'vitest';
import { formatTable } from '../../bench/lib/report.ts';
import { rowOf } from './rows.ts';

/** Cells by title, for one line of a table. */
function cells(table: string, line: number): Record<string, string> {
  const lines = table.split('\n');
  const [titles = '', rules = ''] = lines;
  const spans = [...rules.matchAll(/-+/g)].map(({ index, 0: rule }) => [index, index + rule.length] as const);
  return Object.fromEntries(
    spans.map(([from, to]) => [
      titles.slice(from, to).trim(),
      (lines[line + 2] ?? '').slice(from, to).trim(),
    ]),
  );
}

describe('formatTable', () => {
  it('keeps every value under its title', () => {
    const table = formatTable([
      rowOf({ form: 'fma', ratio: 6.348, medianMs: 4.96 }),
      rowOf({ op: 'field-mul independent', curve: 'bls12-381', n: 1_000_000, medianMs: 1234.5, bytes: 64 }),
    ]);
    expect(cells(table, 0)).toMatchObject({
      op: 'msm-g1',
      form: 'fma',
      threads: '2',
      'median ms': '5.0',
      ratio: '6.35',
      bytes: '',
      checked: 'yes',
    });
    expect(cells(table, 1)).toMatchObject({
      op: 'field-mul independent',
      curve: 'bls12-381',
      n: '1000000',
      form: '',
      'median ms': '1235',
      ratio: '',
      bytes: '64',
    });
  });

  it('leaves out columns that no row fills', () => {
    const [titles] = formatTable([rowOf()]).split('\n');
    expect(titles).not.toMatch(/form|ratio|bytes/);
    expect(titles).toMatch(/median ms {2}p25 ms {2}p75 ms {2}checked$/);
  });

  it('shows a row that was not checked', () => {
    expect(cells(formatTable([rowOf({ checked: false })]), 0).checked).toBe('NO');
  });

  it('is a header when there are no rows', () => {
    expect(formatTable([]).split('\n')).toHaveLength(2);
  });
});
