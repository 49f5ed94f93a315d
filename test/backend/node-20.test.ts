/** On Node 20, relaxed SIMD is behind a flag of V8, which the library sets by itself. Run where a Node 20 is on the PATH. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BN254 } from '../../src/curve/curve.ts';
import { toHex } from '../../src/field/bytes.ts';
import { g1Times, g2Times } from '../helpers/group-elements.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The first Node on the PATH that is of version 20. */
const node20 = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((path) => existsSync(path))
  .find((path) => /^v20\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? ''));

const COUNT = 700;

/**
 * Σ 5^i·(7^i·generator) in both groups, by threads that were started before the flag is set and by threads started after, and
 * the form that is chosen, without setting the flag, before and after the library's backend was created.
 */
const SCRIPT = `
  import { BN254, createWasmBackend } from './src/index.ts';
  import { toHex } from './src/field/bytes.ts';
  import { chooseForm } from './src/wasm/field/index.ts';

  const repeat = (hex) => Uint8Array.from(Buffer.from(hex.repeat(${COUNT}), 'hex'));
  const form = () => chooseForm({ enableRelaxedSimd: () => {} });
  const early = await createWasmBackend(BN254, { form: 'simd', threads: 3 });
  const before = form();
  const late = await createWasmBackend(BN254, { threads: 3 });
  const sums = [];
  for (const backend of [early, late]) {
    const [sevens, fives] = [await backend.powersFr(7n, ${COUNT}), await backend.powersFr(5n, ${COUNT})];
    const g1 = await backend.uploadG1(repeat('${toHex(g1Times(BN254, 1n))}'));
    const g2 = await backend.uploadG2(repeat('${toHex(g2Times(BN254, 1n))}'));
    sums.push(toHex(await backend.msmG1(await backend.scaleG1(g1, sevens), fives)));
    sums.push(toHex(await backend.msmG2(await backend.scaleG2(g2, sevens), fives)));
  }
  console.log(JSON.stringify({ before, after: form(), threads: late.threads, sums }));
`;

const REFUSING = `
  process.getBuiltinModule('node:v8').setFlagsFromString = () => { throw new Error('refused'); };
`;

/** Runs the script; gives what it printed, which is nothing but its result. */
function run(node: string, setUp = ''): unknown {
  const { status, stdout, stderr } = spawnSync(
    node,
    ['--import', 'tsx', '--input-type=module', '--eval', `${setUp}${SCRIPT}`],
    { cwd: root, encoding: 'utf8', timeout: 60_000 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('on Node 20', () => {
  const log = Array.from({ length: COUNT }, (_, i) => 35n ** BigInt(i)).reduce((sum, term) => sum + term);
  const pair = [toHex(g1Times(BN254, log)), toHex(g2Times(BN254, log))];
  const sums = [...pair, ...pair];

  it('or later, a backend gets the fast form by itself', () => {
    expect(run(process.execPath)).toEqual({ before: 'fma', after: 'fma', threads: 3, sums });
  });

  if (node20 !== undefined) {
    it('a backend gets the fast form by itself', () => {
      expect(run(node20)).toEqual({ before: 'simd', after: 'fma', threads: 3, sums });
    });

    it('a backend works where the flag cannot be set', () => {
      expect(run(node20, REFUSING)).toEqual({ before: 'simd', after: 'simd', threads: 3, sums });
    });
  }
});
