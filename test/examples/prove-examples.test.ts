import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type SnarkjsProof,
  type SnarkjsVerificationKey,
  snarkjs,
  terminateWorkers,
} from '../../examples/lib/snarkjs.ts';
import { type ExampleProgress, proveExamples } from '../../examples/prove-examples.ts';
import { AbortedError, OptionError } from '../../src/errors.ts';

interface ProofFile {
  source: { circuit: string; statement: Record<string, string> };
  public: string[];
  proof: SnarkjsProof;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-examples-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
afterAll(terminateWorkers);

function readJson<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

describe('proveExamples', () => {
  test('writes keys and proofs of every circuit that snarkjs accepts, and for no other statement', async () => {
    const sets = await proveExamples({
      outDir: folder,
      counts: { storageProof: 1, oracleMedian: 1, vrf: 1 },
    });
    expect(sets.map(({ circuit }) => circuit)).toEqual(['storage-proof', 'oracle-median', 'vrf']);
    for (const { circuit, folder: own, proofs, publicNames } of sets) {
      expect(readdirSync(own).sort()).toEqual(['proof-000.json', 'verification_key.json']);
      expect(proofs).toEqual([join(folder, circuit, 'proof-000.json')]);
      const key = readJson<SnarkjsVerificationKey>(own, 'verification_key.json');
      const file = readJson<ProofFile>(own, 'proof-000.json');
      expect(key).toMatchObject({ protocol: 'groth16', curve: 'bn128', nPublic: publicNames.length });
      expect(file.source).toMatchObject({ circuit });
      expect(Object.entries(file.source.statement)).toEqual(
        publicNames.map((name, i) => [name, file.public[i]]),
      );
      expect(await snarkjs.groth16.verify(key, file.public, file.proof)).toBe(true);
      for (const i of publicNames.keys()) {
        const other = file.public.with(i, String(BigInt(file.public[i] as string) + 1n));
        expect(await snarkjs.groth16.verify(key, other, file.proof)).toBe(false);
      }
    }
  });

  test('starts from nothing, and keeps what it made for the next run', async () => {
    const cacheDir = join(folder, 'cache');
    const run = async (outDir: string): Promise<ExampleProgress[]> => {
      const progress: ExampleProgress[] = [];
      const counts = { storageProof: 0, oracleMedian: 0, vrf: 2 };
      await proveExamples({ outDir, cacheDir, counts, onProgress: (step) => progress.push(step) });
      return progress;
    };
    const first = await run(join(folder, 'first'));
    const artefacts = readdirSync(cacheDir).sort();
    const second = await run(join(folder, 'second'));

    expect(artefacts).toHaveLength(2);
    expect(readdirSync(cacheDir).sort()).toEqual(artefacts);
    const steps = ['compile 1/1', 'setup 1/1', 'prove 1/2', 'prove 2/2'];
    for (const progress of [first, second]) {
      expect(progress.map(({ step, done, total }) => `${step} ${done}/${total}`)).toEqual(steps);
    }
    expect(readdirSync(join(folder, 'first'))).toEqual(['vrf']);
    const key = readJson(folder, 'first', 'vrf', 'verification_key.json');
    expect(readJson(folder, 'second', 'vrf', 'verification_key.json')).toEqual(key);

    const statements = ['first', 'second'].flatMap((run) =>
      ['proof-000.json', 'proof-001.json'].map((file) =>
        readJson<ProofFile>(folder, run, 'vrf', file).public.join(),
      ),
    );
    expect(new Set(statements).size).toBe(4);
  });

  test('refuses counts that are none, and stops for an abort signal', async () => {
    for (const vrf of [-1, 1.5, 257, Number.NaN]) {
      await expect(
        proveExamples({ outDir: folder, counts: { storageProof: 0, oracleMedian: 0, vrf } }),
      ).rejects.toThrow(OptionError);
    }
    await expect(proveExamples({ outDir: folder, signal: AbortSignal.abort() })).rejects.toThrow(
      AbortedError,
    );

    const controller = new AbortController();
    const cut = proveExamples({
      outDir: folder,
      cacheDir: join(folder, 'cache'),
      counts: { vrf: 1, storageProof: 0, oracleMedian: 0 },
      onProgress: () => controller.abort(),
      signal: controller.signal,
    });
    await expect(cut).rejects.toThrow(AbortedError);
    expect(readdirSync(join(folder, 'cache')).filter((name) => name.startsWith('draft-'))).toEqual([]);
  });
});
