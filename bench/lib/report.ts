/** What a benchmark run writes: the same form for every suite, so that runs and machines can be compared. */

/** One measured operation. Times are wall-clock milliseconds of one whole call, transfers included. */
export interface Row {
  readonly suite: string;
  readonly op: string;
  readonly curve: string;
  readonly n: number;
  /** `reference`, `wasm`, `webgpu`, `gpujs` or a peer's name. */
  readonly backend: string;
  readonly threads: number;
  /** False for a first call in the process. */
  readonly warm: boolean;
  readonly medianMs: number;
  readonly p25Ms: number;
  readonly p75Ms: number;
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

/** A whole run. */
export interface Report {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** ISO date and time. */
  readonly date: string;
  readonly rows: readonly Row[];
}

function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}

/** The rows as a table for people. */
export function formatTable(rows: readonly Row[]): string {
  const header = [
    'op',
    'curve',
    'n',
    'backend',
    'threads',
    'warm',
    'median ms',
    'p25 ms',
    'p75 ms',
    'bytes',
    'checked',
  ];
  const cells = rows.map((row) => [
    row.op,
    row.curve,
    String(row.n),
    row.backend,
    String(row.threads),
    row.warm ? 'yes' : 'no',
    milliseconds(row.medianMs),
    milliseconds(row.p25Ms),
    milliseconds(row.p75Ms),
    row.bytes === undefined ? '' : String(row.bytes),
    row.checked ? 'yes' : 'NO',
  ]);
  const widths = header.map((title, c) =>
    Math.max(title.length, ...cells.map((line) => (line[c] ?? '').length)),
  );
  const left = new Set([0, 1, 3, 5, 10]);
  const line = (values: readonly string[]): string =>
    values
      .map((value, c) => (left.has(c) ? value.padEnd(widths[c] ?? 0) : value.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}
