/**
 * `npm run bench -- SUITE [--quick] [--only OP,OP…] [--sizes 8,64] [--out FILE.json]`: runs a suite, prints a table, writes the
 * rows and, for suites that have one, a picture of the same name. Ctrl-C ends it after the call that runs and writes what is
 * complete; a second one ends it at once. SHEAF_GPU chooses the GPU: lib/gpu-environment.ts.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { onInterruption } from '../src/cli/interruption.ts';
import { AbortedError } from '../src/errors.ts';
import { renderChart } from './lib/chart.ts';
import { adapterName, missingVariables, runAgain } from './lib/gpu-environment.ts';
import { describeMachine, describeVersions } from './lib/machine.ts';
import { progressTo } from './lib/progress.ts';
import { formatTable, type Report } from './lib/report.ts';
import type { Suite } from './lib/suite.ts';
import { SUITES } from './suites/index.ts';

/** What a shell expects of a process that ended because of SIGINT. */
const INTERRUPTED = 130;

function usage(): string {
  return [
    'Usage: npm run bench -- SUITE [--quick] [--only OP,OP…] [--sizes N,N…] [--out FILE.json]',
    '',
    'Suites:',
    ...SUITES.map(({ name, description }) => `  ${name.padEnd(12)}${description}`),
    '',
    'Operations that --only takes:',
    ...SUITES.flatMap(({ name, operations }) =>
      operations ? [`  ${name.padEnd(12)}${operations.join(', ')}`] : [],
    ),
  ].join('\n');
}

function parseSizes(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const sizes = text.split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new Error(`--sizes takes whole numbers from 1 on, separated by commas; got ${text}.`);
  }
  return sizes;
}

function parseOnly(text: string | undefined, { name, operations = [] }: Suite): string[] | undefined {
  if (text === undefined) return undefined;
  const only = text.split(',');
  const unknown = only.find((op) => !operations.includes(op));
  if (unknown !== undefined) {
    throw new Error(
      operations.length > 0
        ? `--only ${unknown}: suite ${name} has ${operations.join(', ')}.`
        : `Suite ${name} takes no --only.`,
    );
  }
  return only;
}

/** Writes rows as JSON and, where the suite draws them, the picture beside. */
function writeReport(file: string, report: Report, suite: Suite): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  const chart = suite.figure?.(report);
  if (chart) writeFileSync(`${file.replace(/\.json$/, '')}.svg`, renderChart(chart));
}

/** A signal that the first Ctrl-C (or SIGTERM) aborts. */
function interruptionSignal(): AbortSignal {
  const controller = new AbortController();
  onInterruption(() => {
    process.stderr.write('\nInterrupted: ending after the call that runs (again to end at once).\n');
    controller.abort();
  });
  return controller.signal;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      sizes: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const suite = SUITES.find(({ name }) => name === positionals[0]);
  if (values.help || !suite || positionals.length !== 1) {
    process.stderr.write(`${usage()}\n`);
    return values.help ? 0 : 2;
  }
  const variables = await missingVariables(suite.gpu);
  if (variables) return runAgain(variables);
  const sizes = parseSizes(values.sizes);
  const only = parseOnly(values.only, suite);
  const progress = progressTo(process.stderr);
  const { rows, notes, interrupted, adapter } = await suite.run({
    quick: values.quick,
    ...(sizes ? { sizes } : {}),
    ...(only ? { only } : {}),
    signal: interruptionSignal(),
    onStep: progress.step,
  });
  progress.clear();
  const report: Report = {
    machine: { ...describeMachine(), ...(adapter ? { gpu: adapterName(adapter) } : {}) },
    ...(adapter ? { adapter } : {}),
    versions: describeVersions(suite.packages),
    date: new Date().toISOString(),
    ...(interrupted ? { interrupted } : {}),
    rows,
  };
  const { cpu, cores, gpu } = report.machine;
  process.stdout.write(
    `${suite.name} on ${cores} × ${cpu}${gpu === undefined ? '' : `, ${gpu}`}, Node ${process.versions.node}\n\n${formatTable(rows)}\n`,
  );
  for (const note of notes) process.stdout.write(`\n${note}`);
  process.stdout.write('\n');
  if (values.out !== undefined) writeReport(values.out, report, suite);
  if (!interrupted) return 0;
  process.stderr.write(`Interrupted: ${rows.length} rows are complete, the others were not measured.\n`);
  return INTERRUPTED;
}

// snarkjs leaves worker threads behind, so the end has to be said.
process.exit(
  await main().catch((error: unknown) => {
    if (!(error instanceof AbortedError)) throw error;
    process.stderr.write('Interrupted before anything was complete: nothing is written.\n');
    return INTERRUPTED;
  }),
);
