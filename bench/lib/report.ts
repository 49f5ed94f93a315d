/** What a benchmark run writes: the same form for every suite, so that runs and machines can be compared. */

import type { AdapterDescription } from '../../src/gpu/adapter.ts';

/** One measured operation. Times are wall-clock milliseconds of one whole call, transfers included. */
export interface Row {
  readonly suite: string;
  readonly op: string;
  readonly curve: string;
  readonly n: number;
  /** `reference`, `wasm`, `webgpu`, `gpujs` or a peer's name. */
  readonly backend: string;
  /** Multiplier form of the kernels, where a suite compares them: `fma`, `simd`, `scalar`; on GPUs `word32`, `limb13` … */
  readonly form?: string;
  readonly threads: number;
  /** False for a first call in the process. */
  readonly warm: boolean;
  readonly medianMs: number;
  readonly p25Ms: number;
  readonly p75Ms: number;
  /** Times as long as this row that the peer takes, from paired rounds: above 1, this row is the faster one. */
  readonly ratio?: number;
  /** Processor time of one whole call on all threads, median, where a suite measures processes. */
  readonly cpuMs?: number;
  /** Peak resident memory of the process, median, where a suite measures processes. */
  readonly peakBytes?: number;
  /** Size of the result, where it is one of the points. */
  readonly bytes?: number;
  /** Whether the result was checked, in this run, before it was timed. */
  readonly checked: boolean;
}

/** The machine a run was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  /** Name and driver of the GPU adapter, for suites that use one. */
  readonly gpu?: string;
}

/** The GPU a run was made on, as WebGPU describes it. */
export interface Adapter extends AdapterDescription {
  /** What the driver calls itself. */
  readonly driver: string;
}

/** A whole run. */
export interface Report {
  readonly machine: Machine;
  /** Where a suite used a GPU. Times of software adapters say nothing of GPUs. */
  readonly adapter?: Adapter;
  readonly versions: Readonly<Record<string, string>>;
  /** ISO date and time. */
  readonly date: string;
  /** Whether the run was interrupted: `rows` are those that were complete by then. */
  readonly interrupted?: true;
  readonly rows: readonly Row[];
}

function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}

/** A column of the table. Optional ones are left out where no row has a value. */
interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly optional?: true;
  readonly text: (row: Row) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'op', align: 'left', text: (row) => row.op },
  { title: 'curve', align: 'left', text: (row) => row.curve },
  { title: 'n', align: 'right', text: (row) => String(row.n) },
  { title: 'backend', align: 'left', text: (row) => row.backend },
  { title: 'form', align: 'left', optional: true, text: (row) => row.form ?? '' },
  { title: 'threads', align: 'right', text: (row) => String(row.threads) },
  { title: 'warm', align: 'left', text: (row) => (row.warm ? 'yes' : 'no') },
  { title: 'median ms', align: 'right', text: (row) => milliseconds(row.medianMs) },
  { title: 'p25 ms', align: 'right', text: (row) => milliseconds(row.p25Ms) },
  { title: 'p75 ms', align: 'right', text: (row) => milliseconds(row.p75Ms) },
  { title: 'ratio', align: 'right', optional: true, text: (row) => row.ratio?.toFixed(2) ?? '' },
  {
    title: 'cpu ms',
    align: 'right',
    optional: true,
    text: (row) => (row.cpuMs === undefined ? '' : milliseconds(row.cpuMs)),
  },
  {
    title: 'peak MB',
    align: 'right',
    optional: true,
    text: (row) => (row.peakBytes === undefined ? '' : (row.peakBytes / 1e6).toFixed(0)),
  },
  { title: 'bytes', align: 'right', optional: true, text: (row) => row.bytes?.toString() ?? '' },
  { title: 'checked', align: 'left', text: (row) => (row.checked ? 'yes' : 'NO') },
];

/** The rows as a table for people. */
export function formatTable(rows: readonly Row[]): string {
  const columns = COLUMNS.map((column) => ({ ...column, cells: rows.map(column.text) })).filter(
    ({ optional, cells }) => !optional || cells.some((cell) => cell !== ''),
  );
  const padded = columns.map(({ title, align, cells }) => {
    const width = Math.max(title.length, ...cells.map((cell) => cell.length));
    const pad = (text: string): string => (align === 'left' ? text.padEnd(width) : text.padStart(width));
    return [pad(title), '-'.repeat(width), ...cells.map(pad)];
  });
  return Array.from({ length: rows.length + 2 }, (_, line) =>
    padded
      .map((cells) => cells[line])
      .join('  ')
      .trimEnd(),
  ).join('\n');
}
