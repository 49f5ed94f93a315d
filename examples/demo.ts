/**
 * The demo: proves fresh instances of three example circuits, folds all proofs into one composite, verifies it, and shows that
 * an altered claim is refused. `npm run demo` runs it; results stay in demo-output/ for the command line to play with.
 */

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onInterruption } from '../src/cli/interruption.ts';
import {
  aggregate,
  type BatchMember,
  BN254,
  createBackend,
  createDevSrs,
  encodeSrs,
  readBatch,
  type Srs,
  type VerificationKey,
  verify,
} from '../src/index.ts';
import { readPaths } from '../src/node/index.ts';
import { snarkjs, terminateWorkers } from './lib/snarkjs.ts';
import { type ExampleSet, proveExamples } from './prove-examples.ts';

const OUTPUT = 'demo-output';
const PROOFS = join(OUTPUT, 'proofs');

function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

async function timed<T>(action: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await action();
  return [result, performance.now() - start];
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function bytes(count: number): string {
  return `${count.toLocaleString('en-US')} B`;
}

/** Proofs, keys and public inputs as files, and what they weigh. */
async function prove(signal: AbortSignal): Promise<{ sets: ExampleSet[]; bytesIn: number }> {
  say('Proving (circom circuits, snarkjs; the first run also compiles them and makes demo keys)');
  const sets = await proveExamples({
    outDir: PROOFS,
    signal,
    onProgress: ({ circuit, step, done, total, elapsedMs }) => {
      if (step !== 'prove') say(`  ${circuit}: ${step}, ${seconds(elapsedMs)}`);
      else if (done === total) say(`  ${circuit}: ${total} proofs, the last in ${seconds(elapsedMs)}`);
    },
  });
  for (const { circuit, statement, constraints } of sets)
    say(`  · ${circuit} (${constraints} constraints): ${statement}`);
  const sizes = await Promise.all(
    sets.flatMap(({ proofs }) => proofs).map(async (path) => (await stat(path)).size),
  );
  return { sets, bytesIn: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Verifies each proof file with snarkjs, one by one, as a user without Sheaf would. */
async function verifyOneByOne(sets: readonly ExampleSet[]): Promise<void> {
  for (const { folder, proofs } of sets) {
    const key = JSON.parse(await readFile(join(folder, 'verification_key.json'), 'utf8'));
    for (const path of proofs) {
      const file = JSON.parse(await readFile(path, 'utf8'));
      if (!(await snarkjs.groth16.verify(key, file.public, file.proof)))
        throw new Error(`snarkjs refuses ${path}.`);
    }
  }
}

/** A composite in which one public input was changed must not verify. Every file offset of the inputs would do. */
async function alterOneInput(composite: Uint8Array, member: BatchMember): Promise<Uint8Array> {
  const input = member.inputs.slice(0, 32).reverse();
  const altered = composite.slice();
  const at = Buffer.from(altered.buffer, altered.byteOffset, altered.length).indexOf(input);
  altered[at + 31] = (altered[at + 31] ?? 0) ^ 1;
  return altered;
}

/** Writes everything a verifier needs, for trying the command line. */
async function save(composite: Uint8Array, srs: Srs): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  await writeFile(join(OUTPUT, 'all.sheaf'), composite);
  await writeFile(join(OUTPUT, 'dev.srs'), encodeSrs(srs));
}

function table(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) say(`  ${name.padEnd(width)}  ${value}`);
}

async function main(signal: AbortSignal): Promise<void> {
  const { sets, bytesIn } = await prove(signal);
  const backend = await createBackend(BN254);

  say('\nReading and checking every proof');
  const { members } = await readBatch(await readPaths([PROOFS]), { backend: () => backend, signal });
  const keys: VerificationKey[] = [...new Map(members.map(({ key }) => [key.id, key])).values()];

  say('Making a development reference string (insecure, for this demo only)');
  const srs = await createDevSrs(backend, 2 ** Math.ceil(Math.log2(members.length)), { signal });

  say('Folding');
  const [{ bytes: composite, composite: parsed }, foldMs] = await timed(() =>
    aggregate(members, { srs, backend, signal }),
  );
  await save(composite, srs);

  say('Verifying');
  const [answer, verifyMs] = await timed(() => verify(composite, { keys, srs, backend, signal }));
  if (answer === false) throw new Error('The composite did not verify.');
  const altered = await verify(await alterOneInput(composite, members[0] as BatchMember), {
    keys,
    srs,
    backend,
  });
  if (altered !== false) throw new Error('An altered composite verified.');
  const [, oneByOneMs] = await timed(() => verifyOneByOne(sets));
  await terminateWorkers();

  say('\nOne composite of real proofs; with one public input changed it is refused.\n');
  table([
    ['proofs', String(members.length)],
    ['verification keys', String(keys.length)],
    ['bytes in (proof files)', bytes(bytesIn)],
    ['bytes out (composite)', `${bytes(composite.length)}, of which proof ${bytes(parsed.proof.length)}`],
    ['time to fold', seconds(foldMs)],
    ['time to verify', `${seconds(verifyMs)} (${backend.name} backend)`],
    ['time to verify one by one', `${seconds(oneByOneMs)} (snarkjs)`],
  ]);
  for (const warning of answer.warnings) say(`\n${warning}`);
  say(`\nTry: npm run sheaf -- inspect ${OUTPUT}/all.sheaf`);
  say(`     npm run sheaf -- verify ${OUTPUT}/all.sheaf --srs ${OUTPUT}/dev.srs --keys ${PROOFS}`);
}

const controller = new AbortController();
onInterruption(() => controller.abort(new Error('interrupted')));
main(controller.signal).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 1;
});
