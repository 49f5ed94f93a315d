import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileCircuit } from '../../examples/lib/artefacts.ts';
import { makeDemoProvingKey } from '../../examples/lib/demo-setup.ts';
import { resolveBackend } from '../../src/backend/create-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { loadWitnessGenerator, zKey } from '../../src/index.ts';
import { circuitFiles } from '../drop-in/circuits.ts';
import { endPeers, peerVerify } from '../drop-in/peer.ts';
import { writeWitness } from '../helpers/synthetic-circuit.ts';
import { inProcess, outcomeOf, seen, start } from './workspace.ts';

/** Inputs of shapes.circom with secrets that must not show up anywhere. */
const SECRET = 987654321987654321n;
function inputs(i: number): object {
  return {
    grid: [
      [1, '2', '0x3'],
      [4, -5, String(SECRET + BigInt(i))],
    ],
    small: '13',
    any: '77',
  };
}

let dir: string;
let zkey: string;
let wasm: string;
let vk: object;
const at = (...names: string[]): string => join(dir, ...names);
const json = async <T = unknown>(...path: string[]): Promise<T> =>
  JSON.parse(await readFile(at(...path), 'utf8')) as T;
interface Line {
  readonly event: string;
  readonly code?: string;
}
const lines = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-cli-prove-'));
  const source = fileURLToPath(new URL('../groth16/witness/shapes.circom', import.meta.url));
  const compiled = await compileCircuit(source, dir);
  [zkey, wasm] = [at('shapes.zkey'), at('shapes.wasm')];
  await writeFile(wasm, compiled.wasm);
  await writeFile(zkey, await makeDemoProvingKey(compiled.r1cs, await resolveBackend(BN254)));
  vk = await zKey.exportVerificationKey(zkey);
  await writeFile(at('vk.json'), JSON.stringify(vk));
  await writeFile(at('input.json'), JSON.stringify(inputs(0)));
  const generator = await loadWitnessGenerator(wasm);
  const { values } = await generator.calculate(inputs(0) as never);
  await generator.dispose();
  const numbers = Array.from({ length: values.length / 32 }, (_, i) =>
    bigintFromBytesLE(values.subarray(32 * i, 32 * i + 32)),
  );
  await writeFile(at('w.wtns'), writeWitness(BN254, numbers));
});
beforeEach(async () => {
  await rm(at('out'), { recursive: true, force: true });
  await rm(at('in'), { recursive: true, force: true });
  await mkdir(at('in', 'more'), { recursive: true });
  for (let i = 0; i < 3; i++) await writeFile(at('in', `${i}.json`), JSON.stringify(inputs(i)));
  await writeFile(at('in', 'more', '3.json'), JSON.stringify(inputs(3)));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await endPeers();
});

const batch = (...more: string[]): string[] => [
  ...['prove', '--zkey', zkey, '--wasm', wasm, '--batch', ...more, '--out-dir', at('out')],
];

describe('sheaf prove', () => {
  it.each([
    ['a witness', () => ['--wtns', at('w.wtns')]],
    ['inputs', () => ['--input', at('input.json'), '--wasm', wasm]],
  ])('makes one proof of %s in files that snarkjs takes, and replaces earlier ones', async (_, from) => {
    for (let round = 0; round < 2; round++) {
      const args = [
        'prove',
        '--zkey',
        zkey,
        ...from(),
        '-o',
        at('proof.json'),
        '--public',
        at('public.json'),
      ];
      const { code, stdout, stderr } = await inProcess(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/proof\.json: proof with \d+ public signals?, verified/);
      const [proof, signals] = [await json<object>('proof.json'), await json<string[]>('public.json')];
      expect(await peerVerify(vk, signals, proof)).toBe(true);
    }
    const verify = ['verify-groth16', at('vk.json'), at('public.json'), at('proof.json')];
    expect(await inProcess(verify)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^VALID/) });
    const signals = await json<string[]>('public.json');
    await writeFile(at('other.json'), JSON.stringify(signals.with(0, '4')));
    expect(await inProcess(verify.with(2, at('other.json')))).toMatchObject({
      code: 1,
      stdout: 'INVALID: Invalid proof\n',
    });
    expect(
      JSON.parse((await inProcess([...verify.with(2, at('other.json')), '--json'])).stdout),
    ).toMatchObject({
      valid: false,
      reason: 'Invalid proof',
    });
    expect((await inProcess(verify.with(3, at('vk.json')))).code).toBe(2);
    expect((await inProcess(verify.with(3, at('none.json')))).code).toBe(2);
  });

  it('replaces no file of another kind, and says so before it proves', async () => {
    await writeFile(at('precious.txt'), 'precious');
    const args = [
      'prove',
      '--zkey',
      zkey,
      '--wtns',
      at('w.wtns'),
      '-o',
      at('precious.txt'),
      '--public',
      at('p.json'),
    ];
    const { code, stderr } = await inProcess(args);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect(await readFile(at('precious.txt'), 'utf8')).toBe('precious');
    expect((await inProcess([...args, '--force'])).code).toBe(0);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing to prove', ['-o', 'p', '--public', 'q'], /either --wtns/],
    [
      'witness and inputs',
      ['--wtns', 'w', '--input', 'i', '--wasm', 'm', '-o', 'p', '--public', 'q'],
      /either --wtns/,
    ],
    ['inputs without a generator', ['--input', 'i', '-o', 'p', '--public', 'q'], /go together/],
    ['nowhere to write', ['--wtns', 'w', '-o', 'p'], /--public/],
    ['a batch without a folder', ['--batch', 'i'], /--out-dir/],
    ['a folder without a batch', ['--wtns', 'w', '--out-dir', 'd'], /--batch/],
    ['a batch with a witness', ['--batch', 'i', '--out-dir', 'd', '--wtns', 'w'], /leave --wtns/],
  ])('refuses %s', async (_, flags, message) => {
    const { code, stderr } = await inProcess(['prove', '--zkey', zkey, ...flags]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  it('never repeats inputs in its errors', async () => {
    const secret = String(SECRET);
    await writeFile(at('bad.json'), `{"grid": ${secret}, nonsense`);
    await writeFile(at('list.json'), `[${secret}]`);
    await writeFile(at('unsatisfied.json'), JSON.stringify({ ...inputs(0), small: secret }));
    for (const name of ['bad.json', 'list.json', 'unsatisfied.json']) {
      const out = ['-o', at('never.json'), '--public', at('never2.json'), '--json'];
      const args = ['prove', '--zkey', zkey, '--wasm', wasm, '--input', at(name), ...out];
      const { code, stdout, stderr } = await inProcess(args);
      expect(code, name).toBe(2);
      expect(stdout + stderr, name).not.toContain(secret);
    }
    expect(await readdir(dir)).not.toContain('never.json');
  });
});

describe('sheaf prove --batch', () => {
  it('proves folders and files, writes each as it comes, and keeps what is there', async () => {
    await writeFile(at('in', 'w.wtns'), await readFile(at('w.wtns')));
    const first = await inProcess([...batch(at('in')), '--json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(lines(first.stdout).map(({ event }) => event)).toEqual([...new Array(5).fill('proved'), 'done']);
    const names = ['0', '1', '2', 'more-3', 'w'].map((name) => `${name}.proof.json`);
    expect((await readdir(at('out'))).sort()).toEqual([...names, 'verification_key.json'].sort());
    for (const name of names) {
      const { proof, public: signals } = await json<{ proof: object; public: string[] }>('out', name);
      expect(await peerVerify(await json('out', 'verification_key.json'), signals, proof), name).toBe(true);
    }
    const kept = await readFile(at('out', '1.proof.json'));
    await rm(at('out', '2.proof.json'));
    const second = await inProcess(batch(at('in')));
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain('1 proof made, 4 there before, 0 failed');
    expect(await readFile(at('out', '1.proof.json'))).toEqual(kept);
    await inProcess([...batch(at('in', '1.json')), '--force']);
    expect(await readFile(at('out', '1.proof.json'))).not.toEqual(kept);
  });

  it('goes on after it was killed', async () => {
    for (let i = 10; i < 40; i++) await writeFile(at('in', `${i}.json`), JSON.stringify(inputs(i)));
    const child = start(batch(at('in')));
    const ended = outcomeOf(child);
    await seen(child.stdout, 'proved in', 2);
    child.kill('SIGKILL');
    await ended;
    const done = (await readdir(at('out'))).filter((name) => /^[^.].*\.proof\.json$/.test(name));
    expect(done.length).toBeGreaterThanOrEqual(2);
    expect(done.length).toBeLessThan(34);
    const before = new Map<string, Buffer>();
    for (const name of done) before.set(name, await readFile(at('out', name)));
    const again = await inProcess(batch(at('in')));
    expect(again.stdout).toContain(`${34 - done.length} proofs made, ${done.length} there before`);
    for (const [name, bytes] of before) expect(await readFile(at('out', name))).toEqual(bytes);
  });

  it('stops at an interruption and says what is complete', async () => {
    for (let i = 10; i < 40; i++) await writeFile(at('in', `${i}.json`), JSON.stringify(inputs(i)));
    const child = start(batch(at('in')));
    const ended = outcomeOf(child);
    await seen(child.stdout, 'proved in', 2);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/Interrupted by SIGINT; \d+ written before are complete/);
  });

  it('takes NDJSON from standard input, and goes on past bad lines where told to', async () => {
    const input = `${JSON.stringify(inputs(0))}\n{"grid": ${SECRET}\n${JSON.stringify({ ...inputs(1), small: 1e6 })}\n${JSON.stringify(inputs(2))}\n`;
    const stopped = await inProcess(batch('-'), { input });
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toContain('standard input, line 2');
    const { code, stdout } = await inProcess([...batch('-'), '--keep-going', '--json'], { input });
    expect(code).toBe(2);
    expect(lines(stdout).map(({ event, code: error }) => error ?? event)).toEqual([
      'kept',
      'CIRCUIT_INPUT',
      'UNSATISFIED_CIRCUIT',
      'proved',
      'done',
    ]);
    expect(stdout).not.toContain(String(SECRET));
    expect(await readdir(at('out'))).toContain('line-000004.proof.json');
  });

  it('refuses a folder of another key, files that are no proofs, and one name twice', async () => {
    const other = await circuitFiles({ curve: BN254, kind: 'dense', constraints: 3, publics: 1 });
    await writeFile(at('other.zkey'), other.zkey);
    await writeFile(at('other.wtns'), other.wtns);
    const args = ['prove', '--zkey', at('other.zkey'), '--batch', at('other.wtns'), '--out-dir', at('out')];
    expect((await inProcess(args)).code).toBe(0);
    expect(await inProcess(batch(at('in')))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another key'),
    });
    await writeFile(at('out', 'other.proof.json'), '{}');
    expect(await inProcess(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    await rm(at('out'), { recursive: true });
    await writeFile(at('in', 'more-3.json'), JSON.stringify(inputs(9)));
    expect(await inProcess(batch(at('in')))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('more-3'),
    });
  });

  it('makes a folder that aggregate folds', async () => {
    await inProcess(batch(at('in')));
    expect((await inProcess(['srs', 'dev', '--size', '4', '-o', at('dev.srs'), '--force'])).code).toBe(0);
    const composite = ['-o', at('all.sheaf'), '--srs', at('dev.srs')];
    expect((await inProcess(['aggregate', at('out'), ...composite])).code).toBe(0);
    const verify = ['verify', at('all.sheaf'), '--srs', at('dev.srs'), '--keys', at('out')];
    expect(await inProcess(verify)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/VALID.*4 proofs/),
    });
  });
});
