/** A folder with a reference string, keys, proofs and a composite, made once per test file, and ways to run `sheaf` in it. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import type { Shell } from '../../src/cli/console.ts';
import { runCli } from '../../src/cli/program.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import type { BatchMember } from '../../src/groth16/proof.ts';
import { readInputs } from '../../src/groth16/public-input-sums.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import { createDevSrs } from '../../src/recursion/srs/dev-srs.ts';
import { encodeSrs } from '../../src/recursion/srs/srs-file.ts';
import { type KeySecrets, syntheticKey, syntheticMember } from '../helpers/synthetic-groth16.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'src/cli/main.ts');

/** What a run of `sheaf` left. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `sheaf` from source in a process of its own. */
export function start(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', main, ...args], { cwd: root });
}

/** Collects a process's output until it ends. */
export function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Resolves when `text` has come `times` times; rejects when the stream ends before. */
export function seen(stream: NodeJS.ReadableStream, text: string, times = 1): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = '';
    stream.on('data', (chunk) => {
      all += chunk;
      if (all.split(text).length > times) resolve();
    });
    stream.on('end', () =>
      reject(new Error(`Expected "${text}" ${times} times, the stream ended with: ${all}`)),
    );
  });
}

/** Runs `sheaf` in a process of its own. */
export function sheaf(args: readonly string[], input = ''): Promise<Outcome> {
  const child = start(args);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return outcomeOf(child);
}

/** What {@link inProcess} may be given. */
export interface ShellOptions {
  readonly input?: string | (() => AsyncIterable<string>);
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

/** Runs the command line without a process: everything but src/cli/main.ts. */
export async function inProcess(args: readonly string[], options: ShellOptions = {}): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const { input = '', isTTY, columns } = options;
  const shell: Shell = {
    stdin:
      typeof input === 'function'
        ? input
        : async function* () {
            yield input;
          },
    stdout: {
      write: (text) => {
        stdout += text;
      },
    },
    stderr: {
      write: (text) => {
        stderr += text;
      },
      isTTY,
      columns,
    },
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await runCli(args, shell);
  return { code, stdout, stderr };
}

function numbers(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    bigintFromBytesLE(bytes.subarray(32 * i, 32 * i + 32)).toString(),
  );
}

function g1Json(bytes: Uint8Array): string[] {
  return [...numbers(bytes), '1'];
}

function g2Json(bytes: Uint8Array): string[][] {
  const [x0, x1, y0, y1] = numbers(bytes) as [string, string, string, string];
  return [
    [x0, x1],
    [y0, y1],
    ['1', '0'],
  ];
}

/** A BN254 key as snarkjs writes it. */
export function keyJson(key: VerificationKey): Record<string, unknown> {
  return {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: key.inputCount,
    vk_alpha_1: g1Json(key.alpha),
    vk_beta_2: g2Json(key.beta),
    vk_gamma_2: g2Json(key.gamma),
    vk_delta_2: g2Json(key.delta),
    IC: Array.from({ length: key.inputCount + 1 }, (_, i) => g1Json(key.ic.subarray(64 * i, 64 * i + 64))),
  };
}

/** A BN254 member as snarkjs writes it, with its inputs. */
export function memberJson({ proof, inputs }: BatchMember): Record<string, unknown> {
  return {
    public: readInputs(inputs).map(String),
    proof: {
      pi_a: g1Json(proof.a),
      pi_b: g2Json(proof.b),
      pi_c: g1Json(proof.c),
      protocol: 'groth16',
      curve: 'bn128',
    },
  };
}

/** Two keys, one with two inputs and one with one. */
const secrets: readonly [KeySecrets, KeySecrets] = [
  { alpha: 3n, beta: 5n, gamma: 7n, delta: 11n, ic: [13n, 17n, 19n] },
  { alpha: 23n, beta: 29n, gamma: 31n, delta: 37n, ic: [41n, 43n] },
];
export const keys = secrets.map((own) => syntheticKey(BN254, own)) as [VerificationKey, VerificationKey];

/** The i-th true proof under a key. */
export function trueMember(key: 0 | 1, i: number): BatchMember {
  const inputs = key === 0 ? [BigInt(1000 + i), BigInt(2000 + i)] : [BigInt(3000 + i)];
  return syntheticMember(BN254, keys[key], secrets[key], {
    key,
    inputs,
    a: BigInt(47 + i),
    b: BigInt(53 + i),
  });
}

/** A well-formed member whose proof is false. */
export function falseMember(key: 0 | 1): BatchMember {
  const inputs = key === 0 ? [1n, 2n] : [1n];
  return syntheticMember(BN254, keys[key], secrets[key], { key, inputs, a: 47n, b: 53n }, 59n);
}

/** Lines of NDJSON: a member each, with its key in it. */
export function ndjson(members: readonly BatchMember[]): string {
  return members
    .map((member) => `${JSON.stringify({ ...memberJson(member), verificationKey: keyJson(member.key) })}\n`)
    .join('');
}

/** A folder for one test file. */
export interface Workspace {
  readonly dir: string;
  /** Path of a file in it. */
  at(name: string): string;
  /** A development string of 4 slots. */
  readonly srs: string;
  /** A folder with three true proofs, two under the first key and one under the second, with their keys. */
  readonly proofs: string;
  remove(): Promise<void>;
}

/** Makes a workspace. */
export async function createWorkspace(): Promise<Workspace> {
  const dir = await mkdtemp(join(tmpdir(), 'sheaf-cli-'));
  const at = (name: string): string => join(dir, name);
  await writeFile(at('dev.srs'), encodeSrs(await createDevSrs(createReferenceBackend(BN254), 4)));
  for (const key of [0, 1] as const) {
    const folder = join(dir, 'proofs', `circuit-${key}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'verification_key.json'), JSON.stringify(keyJson(keys[key])));
    for (let i = 0; i < 2 - key; i++) {
      await writeFile(join(folder, `proof-${i}.json`), JSON.stringify(memberJson(trueMember(key, i))));
    }
  }
  return {
    dir,
    at,
    srs: at('dev.srs'),
    proofs: at('proofs'),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
