import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BN254 } from '../../../src/curve/curve.ts';
import { StoreError } from '../../../src/errors.ts';
import type { BatchMember } from '../../../src/groth16/proof.ts';
import { openFileStore } from '../../../src/node/file-store.ts';
import { createAccumulator } from '../../../src/recursion/accumulator/accumulator.ts';
import { readJournal } from '../../../src/recursion/accumulator/journal.ts';
import { aggregate } from '../../../src/recursion/aggregate.ts';
import { backendOf } from '../../helpers/backends.ts';
import { forAll } from '../../helpers/seeded.ts';
import { journalBatch } from './journal-batch.ts';

const backend = backendOf(BN254);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const addProofs = fileURLToPath(new URL('./add-proofs.ts', import.meta.url));
const holdJournal = fileURLToPath(new URL('./hold-journal.ts', import.meta.url));

let folder: string;
let path: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-journal-'));
  path = join(folder, 'deep', 'requests.journal');
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** A script in a process of its own, and what it has written so far, line by line. */
function start(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { cwd: root });
  children.push(child);
  let output = '';
  let errors = '';
  const waiting: (() => void)[] = [];
  child.stdout.on('data', (chunk) => {
    output += chunk;
    for (const wake of waiting.splice(0)) wake();
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve();
      for (const wake of waiting.splice(0)) wake();
    });
  });
  const lines = (): string[] => output.split('\n').slice(0, -1);
  return {
    child,
    exited,
    lines,
    /** Waits for a state of the output, or the end of the process. */
    until: async (state: (own: string[]) => boolean): Promise<string[]> => {
      while (!state(lines()) && child.exitCode === null && child.signalCode === null) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
      expect(errors).toBe('');
      return lines();
    },
  };
}

describe('a journal file', () => {
  it('is made with its folder, appended to, cut, and read back by the next to open it', async () => {
    const store = await openFileStore(path);
    expect(await store.read()).toHaveLength(0);
    await store.append(Uint8Array.of(1, 2, 3));
    await store.append(new Uint8Array(0));
    await store.append(Uint8Array.of(4, 5));
    expect(await store.read()).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    await store.truncate(4);
    await store.append(Uint8Array.of(9));
    await store.close();
    expect(new Uint8Array(await readFile(path))).toEqual(Uint8Array.of(1, 2, 3, 4, 9));
    await expect(stat(`${path}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
    const again = await openFileStore(path);
    expect(await again.read()).toEqual(Uint8Array.of(1, 2, 3, 4, 9));
    await again.close();
  });

  it('is open once in a process', async () => {
    const store = await openFileStore(path);
    await expect(openFileStore(path)).rejects.toThrow(StoreError);
    await expect(openFileStore(join(folder, 'deep', '..', 'deep', 'requests.journal'))).rejects.toThrow(
      StoreError,
    );
    await store.close();
    await (await openFileStore(path)).close();
  });

  it('is open in one process at a time, and free again when that is done or dead', async () => {
    const holder = start(holdJournal, path);
    holder.child.stdin.write('0\n');
    await holder.until((lines) => lines.includes('open'));
    const error = await openFileStore(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).message).toContain(`process ${holder.child.pid}`);
    holder.child.kill('SIGKILL');
    await holder.exited;
    // The lock of the dead process is still there, and is taken over.
    expect(await readFile(`${path}.lock`, 'utf8')).toContain(String(holder.child.pid));
    const store = await openFileStore(path);
    const refused = start(holdJournal, path);
    refused.child.stdin.write('0\n');
    expect(await refused.until((lines) => lines.length > 1)).toEqual(['ready', 'refused']);
    await store.close();
    const next = start(holdJournal, path);
    next.child.stdin.write('0\n');
    expect(await next.until((lines) => lines.length > 1)).toEqual(['ready', 'open']);
    next.child.stdin.end();
    await next.exited;
    await (await openFileStore(path)).close();
  });

  it.each([
    ['of a process that is no more', '999999999 1'],
    ['without an owner', ''],
    ['that is no lock', 'hello'],
    ['with our own number, left by an earlier process', String(process.pid)],
  ])('with a lock %s is taken over', async (_, content) => {
    await (await openFileStore(path)).close();
    await writeFile(`${path}.lock`, content);
    await (await openFileStore(path)).close();
  });

  it.each([
    ['without a lock', undefined],
    ['with the lock of a dead process', '999999999 1'],
  ])('goes to one of several processes that open it at the same moment, %s', async (_, lock) => {
    await (await openFileStore(path)).close();
    for (let round = 0; round < 3; round++) {
      if (lock !== undefined) await writeFile(`${path}.lock`, lock);
      const rivals = Array.from({ length: 4 }, () => start(holdJournal, path));
      for (const { until } of rivals) await until((lines) => lines.includes('ready'));
      const time = Date.now() + 200;
      for (const { child } of rivals) child.stdin.write(`${time}\n`);
      const outcomes = await Promise.all(
        rivals.map(async ({ until }) => (await until((lines) => lines.length > 1))[1]),
      );
      expect(outcomes.sort(), `round ${round}`).toEqual(['open', 'refused', 'refused', 'refused']);
      for (const { child } of rivals) child.stdin.end();
      await Promise.all(rivals.map(({ exited }) => exited));
    }
  });
});

describe('a process that is killed while it adds', () => {
  it('loses nothing that it acknowledged, and the next goes on from there', async () => {
    const drawn = fc.record({
      seed: fc.nat(),
      // After how many acknowledgements in a process it is killed, and how many milliseconds later.
      kills: fc.array(fc.record({ after: fc.nat(2), delayMs: fc.nat(90) }), { minLength: 4, maxLength: 4 }),
    });
    await forAll(drawn, 1, async ({ seed, kills }) => {
      const { srs, members } = await journalBatch(seed);
      const header = { curve: BN254, capacity: 8, srsDigest: srs.digest };
      const claim = ({ proof }: BatchMember): Uint8Array => proof.a;
      let acknowledged = 0;
      for (const kill of [...kills, undefined]) {
        const writer = start(addProofs, path, String(seed));
        const count = (lines: readonly string[]): number => lines.filter((line) => /^\d+$/.test(line)).length;
        if (kill) {
          await writer.until((lines) => lines.includes('open') && count(lines) >= kill.after);
          await new Promise((resolve) => {
            setTimeout(resolve, kill.delayMs);
          });
          writer.child.kill('SIGKILL');
        }
        await writer.exited;
        const lines = writer.lines();
        acknowledged = Math.max(
          acknowledged,
          ...lines.filter((line) => /^\d+$/.test(line)).map((line) => 1 + Number(line)),
        );
        const { entries } = readJournal(new Uint8Array(await readFile(path)), header);
        // One more than acknowledged may have been stored when the process died.
        expect(entries.length).toBeGreaterThanOrEqual(acknowledged);
        expect(entries.length).toBeLessThanOrEqual(acknowledged + 1);
        expect(entries.map(({ slot }) => slot)).toEqual(entries.map((_, i) => i));
        expect(entries.map(({ member }) => claim(member))).toEqual(
          members.slice(0, entries.length).map(claim),
        );
        acknowledged = entries.length;
        if (!kill) expect(lines.at(-1)).toBe('done');
      }
      expect(acknowledged).toBe(members.length);

      const store = await openFileStore(path);
      const accumulator = await createAccumulator({ srs, store, backend });
      expect(accumulator.recovered).toEqual({ proofs: 8, tornBytes: 0 });
      const closed = await accumulator.close();
      await store.close();
      expect(closed.bytes).toEqual((await aggregate(members, { srs, backend })).bytes);
    });
  });
});
