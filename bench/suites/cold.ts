/**
 * Suite `cold`: what a fresh process pays until its first verified proof, with the built package (`npm run build` first). Each run
 * is a process of its own that imports dist/index.js, creates the default backend and verifies one real RISC Zero receipt on
 * BN254; the start of the process itself is not counted.
 */

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { quartiles } from '../lib/quantiles.ts';
import type { Row } from '../lib/report.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';

const ENTRY = new URL('../../dist/index.js', import.meta.url);
const VECTORS = new URL('../../../shared/vectors/risc0/groth16/', import.meta.url);
const PROOF = '00-9f39696c.json';

/** What is timed, in the order in which it happens; `total` is from before the import to the verified proof. */
const COLD_STEPS = ['import', 'read', 'backend', 'verify', 'total'] as const;
type ColdTimes = Readonly<Record<(typeof COLD_STEPS)[number] | 'threads', number>>;

/** The program of one run. It prints its times as JSON, and fails when the proof is not found true. */
function program(entry: string, name: string, bytes: string): string {
  return `
    const bytes = new Uint8Array(Buffer.from(${JSON.stringify(bytes)}, 'base64'));
    const start = performance.now();
    const { BN254, createBackend, readBatch, verifyBatch } = await import(${JSON.stringify(entry)});
    const imported = performance.now();
    const { members } = await readBatch([{ name: ${JSON.stringify(name)}, bytes }], { trusted: true });
    const read = performance.now();
    const backend = await createBackend(BN254);
    const created = performance.now();
    if (members.length !== 1 || !(await verifyBatch(members, { backend }))) throw new Error('not verified');
    const verified = performance.now();
    console.log(JSON.stringify({
      import: imported - start, read: read - imported, backend: created - read, verify: verified - created,
      total: verified - start, threads: backend.threads, name: backend.name,
    }));
    await backend.dispose();
  `;
}

/** A run's times and what it ran on. */
type ColdRun = ColdTimes & { readonly name: string };

/** One row a step; none without runs. */
function rowsOf(runs: readonly ColdRun[]): Row[] {
  const [first] = runs;
  if (!first) return [];
  return COLD_STEPS.map((step) => ({
    suite: 'cold',
    op: step,
    curve: 'bn254',
    n: 1,
    backend: first.name,
    threads: first.threads,
    warm: false,
    ...quartiles(runs.map((run) => run[step])),
    checked: true,
  }));
}

/** Throws where the package is not built or the vectors are not there. */
async function run({ quick, signal, onStep }: SuiteOptions): Promise<SuiteResult> {
  if (!existsSync(ENTRY)) throw new Error('Expected a built package: run `npm run build` first.');
  const file = readFileSync(new URL(PROOF, VECTORS));
  const source = program(pathToFileURL(fileURLToPath(ENTRY)).href, PROOF, file.toString('base64'));
  const wanted = quick ? 3 : 9;
  const runs: ColdRun[] = [];
  while (runs.length < wanted && !signal.aborted) {
    onStep(runs.length, wanted, 'cold start');
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source]);
    runs.push(JSON.parse(stdout) as ColdRun);
  }
  return { rows: rowsOf(runs), notes: [`${runs.length} fresh processes`], interrupted: runs.length < wanted };
}

/** The first proof of a fresh process. */
export const coldSuite: Suite = {
  name: 'cold',
  description: 'from the import of the built package to the first verified proof, in fresh processes',
  packages: [],
  run,
};
