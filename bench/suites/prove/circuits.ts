/** What is proven: circuits made for the purpose, kept between runs, and a real one. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDemoProvingKey } from '../../../examples/lib/demo-setup.ts';
import { resolveBackend } from '../../../src/backend/create-backend.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { zKey } from '../../../src/drop-in/zkey.ts';
import { type CircuitKind, syntheticCircuit, writeWitness } from '../../../test/helpers/synthetic-circuit.ts';
import { vectorsDir } from '../../../test/helpers/vectors.ts';
import type { ProverJob } from './contest.ts';

/** Files of a circuit, as a job has them. */
export type CircuitFiles = Omit<ProverJob, 'prover' | 'warmRuns'>;

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/sheaf-bench', import.meta.url));
const SOURCES = ['../../../test/helpers/synthetic-circuit.ts', '../../../examples/lib/demo-setup.ts'];
const PUBLICS = 4;

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of SOURCES) hash.update(await readFile(new URL(file, import.meta.url)));
  return hash.digest('hex').slice(0, 12);
}

/** A circuit that fills a domain of `size` rows. Made once; takes a minute for 2^18. */
export async function syntheticFiles(
  kind: CircuitKind,
  size: number,
  signal: AbortSignal,
): Promise<CircuitFiles> {
  const folder = join(CACHE, `${kind}-${size}-${await sourceHash()}`);
  if (!existsSync(folder)) {
    const { r1cs, witness } = syntheticCircuit({
      curve: BN254,
      kind,
      constraints: size - PUBLICS - 1,
      publics: PUBLICS,
    });
    const zkey = await makeDemoProvingKey(r1cs, await resolveBackend(BN254), signal);
    const draft = `${folder}.${process.pid}`;
    await mkdir(draft, { recursive: true });
    await writeFile(join(draft, 'circuit.zkey'), zkey);
    await writeFile(join(draft, 'witness.wtns'), writeWitness(BN254, witness));
    await writeFile(
      join(draft, 'verification_key.json'),
      JSON.stringify(await zKey.exportVerificationKey(zkey)),
    );
    await rename(draft, folder);
  }
  return {
    zkey: join(folder, 'circuit.zkey'),
    wtns: join(folder, 'witness.wtns'),
    verificationKey: join(folder, 'verification_key.json'),
  };
}

/** Depth of the Semaphore circuit that is proven, and rows of its domain. */
export const SEMAPHORE_DEPTH = 20;
export const SEMAPHORE_SIZE: number = 2 ** 13;

/** Semaphore with inputs; undefined where its files are missing. */
export function semaphoreFiles(): CircuitFiles | undefined {
  const vectors = vectorsDir();
  if (vectors === undefined) return undefined;
  const name = join(vectors, `zkeys/semaphore/semaphore-${SEMAPHORE_DEPTH}`);
  return {
    zkey: `${name}.zkey`,
    wasm: `${name}.wasm`,
    verificationKey: `${name}.json`,
    inputs: {
      secret: '12345',
      merkleProofLength: SEMAPHORE_DEPTH,
      merkleProofIndex: 1,
      merkleProofSiblings: Array.from({ length: SEMAPHORE_DEPTH }, (_, i) => String(7 + i)),
      message: '16',
      scope: '5',
    },
  };
}
