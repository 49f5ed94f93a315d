/**
 * `node --import tsx bench/cold-start.ts [--runs N] [--json]`: what a fresh process pays until its first verified proof, with the built
 * package (`npm run build` first). Each run is a process of its own that imports dist/index.js, creates the default backend
 * and verifies one real RISC Zero receipt on BN254; the start of the process itself is not counted.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { quartiles } from './lib/quantiles.ts';
import { formatTable, type Row } from './lib/report.ts';

const ENTRY = new URL('../dist/index.js', import.meta.url);
const VECTORS = new URL('../../shared/vectors/risc0/groth16/', import.meta.url);
const PROOF = '00-9f39696c.json';

/** What is timed, in the order in which it happens; `total` is from before the import to the verified proof. */
export const COLD_STEPS = ['import', 'read', 'backend', 'verify', 'total'] as const;
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

/** Runs fresh processes and returns one row a step. Throws where the package is not built or the vectors are not there. */
export function measureColdStart(runs: number): Row[] {
  if (!existsSync(ENTRY)) throw new Error('Expected a built package: run `npm run build` first.');
  const file = readFileSync(new URL(PROOF, VECTORS));
  const source = program(pathToFileURL(fileURLToPath(ENTRY)).href, PROOF, file.toString('base64'));
  const times = Array.from({ length: runs }, () => {
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
      encoding: 'utf8',
    });
    return JSON.parse(output) as ColdTimes & { readonly name: string };
  });
  const [first] = times;
  if (!first) return [];
  return COLD_STEPS.map((step) => ({
    suite: 'cold-start',
    op: step,
    curve: 'bn254',
    n: 1,
    backend: first.name,
    threads: first.threads,
    warm: false,
    ...quartiles(times.map((run) => run[step])),
    checked: true,
  }));
}

function main(): void {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '9' }, json: { type: 'boolean', default: false } },
  });
  const rows = measureColdStart(Number(values.runs));
  process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : `${formatTable(rows)}\n`);
}

if (import.meta.main) main();
