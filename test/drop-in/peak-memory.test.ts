/** Memory that proving takes beyond its files, in a process of its own: 2^18 rows in a campaign, 2^15 in the fast suite. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BN254 } from '../../src/curve/curve.ts';
import { zKey } from '../../src/index.ts';
import { inCampaign } from '../helpers/fuzz.ts';
import { circuitFiles } from './circuits.ts';
import type { Measured } from './prove-and-measure.ts';

const PROGRAM = fileURLToPath(new URL('prove-and-measure.ts', import.meta.url));
const MB = 1_000_000;
const PUBLICS = 4;

/** Peak memory of a proof of a circuit that fills `size` rows, less the bytes of key and witness. */
async function bytesBeyondFiles(size: number): Promise<number> {
  const { zkey, wtns } = await circuitFiles({
    curve: BN254,
    kind: 'dense',
    constraints: size - PUBLICS - 1,
    publics: PUBLICS,
  });
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-memory-'));
  try {
    const paths = ['circuit.zkey', 'witness.wtns', 'key.json'].map((name) => join(folder, name));
    const contents = [zkey, wtns, JSON.stringify(await zKey.exportVerificationKey(zkey))];
    for (const [i, path] of paths.entries()) await writeFile(path, contents[i] as string | Uint8Array);
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, ...paths]);
    const { peakBytes, valid } = JSON.parse(stdout) as Measured;
    expect(valid).toBe(true);
    return peakBytes - zkey.length - wtns.length;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('peak memory of a proof, beyond key and witness', () => {
  it('is below 250 MB for 2^15 rows', async () => {
    expect(await bytesBeyondFiles(2 ** 15)).toBeLessThan(250 * MB);
  }, 300_000);

  it.runIf(inCampaign())('is below 600 MB for 2^18 rows', async () => {
    expect(await bytesBeyondFiles(2 ** 18)).toBeLessThan(600 * MB);
  });
});
