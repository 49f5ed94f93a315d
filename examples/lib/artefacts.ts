/** Compiled circuits and their proving keys, cached under the hash of everything they depend on. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sha256 } from '@noble/hashes/sha2.js';
import { resolveBackend } from '../../src/backend/create-backend.ts';
import type { SnarkjsKeyJson } from '../../src/coprocessors/snarkjs-write.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { zKey } from '../../src/drop-in/zkey.ts';
import { InternalError, throwIfAborted } from '../../src/errors.ts';
import { toHex, utf8 } from '../../src/field/bytes.ts';
import type { ExampleCircuit } from './circuits.ts';
import { makeDemoProvingKey } from './demo-setup.ts';
import { type R1cs, readR1cs } from './r1cs.ts';

/** A circuit after circom. */
export interface CompiledCircuit {
  r1cs: R1cs;
  /** The witness generator. */
  wasm: Uint8Array;
}

/** Proving and verification key of the demo setup. */
export interface DemoKeys {
  zkey: Uint8Array;
  verificationKey: SnarkjsKeyJson;
}

/** circom runs here: its sandbox resolves the includes only of sources below the folder that it runs in. */
const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const CIRCUITS = fileURLToPath(new URL('../circuits/', import.meta.url));
const CIRCOM_OPTIONS = ['--r1cs', '--wasm', '--O2', '--inspect'] as const;
/** What the layout and the values of a proving key depend on. */
const SETUP_SOURCES = ['demo-setup.ts', 'iden3-file.ts', 'r1cs.ts'] as const;
const require = createRequire(import.meta.url);

/** Where artefacts are kept unless the caller says otherwise: out of the repository's sight. */
export const DEFAULT_CACHE: string = join(REPOSITORY, 'node_modules/.cache/sheaf-examples');

/** The compiled circuit, from the cache or from {@link compileCircuit}. */
export async function compiledCircuit(
  circuit: ExampleCircuit,
  cacheDir: string,
  signal?: AbortSignal,
): Promise<CompiledCircuit> {
  const folder = await cached(
    cacheDir,
    `${circuit.name}-circuit`,
    [await sourceHash()],
    signal,
    async (target) => {
      await compileCircuit(join(CIRCUITS, `${circuit.name}.circom`), target, signal);
    },
  );
  return readCompiled(circuit.name, folder);
}

async function readCompiled(name: string, folder: string): Promise<CompiledCircuit> {
  const [r1cs, wasm] = await Promise.all([
    readFile(join(folder, `${name}.r1cs`)),
    readFile(join(folder, `${name}_js`, `${name}.wasm`)),
  ]);
  return { r1cs: readR1cs(r1cs), wasm };
}

/** The demo keys of a compiled circuit, from the cache or from a fresh setup. */
export async function demoKeys(
  circuit: ExampleCircuit,
  { r1cs }: CompiledCircuit,
  cacheDir: string,
  signal?: AbortSignal,
): Promise<DemoKeys> {
  const inputs = [await sourceHash(), ...(await Promise.all(SETUP_SOURCES.map(sourceOf)))];
  const folder = await cached(cacheDir, `${circuit.name}-keys`, inputs, signal, async (target) => {
    const zkey = await makeDemoProvingKey(r1cs, await resolveBackend(BN254), signal);
    const verificationKey = await zKey.exportVerificationKey(zkey);
    await writeFile(join(target, 'demo.zkey'), zkey);
    await writeFile(join(target, 'verification_key.json'), JSON.stringify(verificationKey));
  });
  const [zkey, verificationKey] = await Promise.all([
    readFile(join(folder, 'demo.zkey')),
    readFile(join(folder, 'verification_key.json'), 'utf8'),
  ]);
  return { zkey, verificationKey: JSON.parse(verificationKey) as SnarkjsKeyJson };
}

function sourceOf(file: string): Promise<string> {
  return readFile(new URL(file, import.meta.url), 'utf8');
}

/** A digest of all circuit sources, the compiler's version and its options. */
async function sourceHash(): Promise<string> {
  const files = (await readdir(CIRCUITS, { recursive: true }))
    .filter((file) => file.endsWith('.circom'))
    .sort();
  const contents = await Promise.all(files.map((file) => readFile(join(CIRCUITS, file), 'utf8')));
  const { version } = require('circom2/package.json') as { version: string };
  return toHex(sha256(utf8(JSON.stringify([files, contents, version, CIRCOM_OPTIONS]))));
}

/** The folder for `inputs`, which `make` fills once. It appears under its name only when it is complete. */
async function cached(
  cacheDir: string,
  name: string,
  inputs: readonly string[],
  signal: AbortSignal | undefined,
  make: (target: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheDir, `${name}-${toHex(sha256(utf8(inputs.join()))).slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  throwIfAborted(signal);
  await mkdir(cacheDir, { recursive: true });
  const draft = await mkdtemp(join(cacheDir, 'draft-'));
  try {
    await make(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process may have finished the same work first: a folder that is not empty cannot be replaced.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/**
 * Compiles a .circom file of this repository into the folder `target`. Throws {@link InternalError} when
 * circom refuses it or warns, which with --inspect it also does of signals without a constraint.
 */
export async function compileCircuit(
  source: string,
  target: string,
  signal?: AbortSignal,
): Promise<CompiledCircuit> {
  const args = [
    require.resolve('circom2/cli.js'),
    relative(REPOSITORY, source),
    ...CIRCOM_OPTIONS,
    '-o',
    target,
  ];
  const options = { cwd: REPOSITORY, ...(signal === undefined ? {} : { signal }) };
  let report: string;
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
    report = stdout + stderr;
  } catch (error) {
    throwIfAborted(signal);
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new InternalError(`circom could not compile ${source}: ${stderr || stdout || String(error)}`);
  }
  if (report.includes('warning')) throw new InternalError(`circom warns about ${source}: ${report}`);
  return readCompiled(basename(source, '.circom'), target);
}
