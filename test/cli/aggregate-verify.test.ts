import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes, writeBigintBE } from '../../src/field/bytes.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import {
  createWorkspace,
  falseMember,
  inProcess,
  keys,
  memberJson,
  ndjson,
  sheaf,
  trueMember,
  type Workspace,
} from './workspace.ts';

let workspace: Workspace;
/** A composite of the three proofs of the workspace that binds the context 2a. */
let composite: string;
let made: Awaited<ReturnType<typeof sheaf>>;

beforeAll(async () => {
  workspace = await createWorkspace();
  composite = workspace.at('all.sheaf');
  await writeFile(workspace.at('proofs/notes.txt'), 'not a proof');
  await writeFile(workspace.at('proofs/other.json'), '{"unrelated": true}');
  const { proofs, srs } = workspace;
  made = await sheaf(['aggregate', proofs, '--srs', srs, '-o', composite, '--context', '0x2a', '--json']);
});
afterAll(() => workspace.remove());

const insecure = expect.stringMatching(/^INSECURE development reference string/);
const [first, second] = keys.map(({ id }) => id);

function verifyArgs(...more: string[]): string[] {
  return ['verify', composite, '--srs', workspace.srs, ...more];
}

describe('sheaf aggregate', () => {
  it('folds a folder as a process, and says what it did as one JSON object', async () => {
    expect(made.code).toBe(0);
    expect(made.stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
    expect(made.stdout).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(made.stdout)).toEqual({
      output: composite,
      scheme: 'snarkpack',
      curve: 'bn254',
      proofs: 3,
      capacity: 4,
      srs: expect.stringMatching(/^[0-9a-f]{64}$/),
      context: '2a',
      keys: [
        { digest: first, system: 'snarkjs', inputs: 2, proofs: 2 },
        { digest: second, system: 'snarkjs', inputs: 1, proofs: 1 },
      ],
      bytes: { in: expect.any(Number), out: (await readFile(composite)).length },
      ms: expect.any(Number),
      insecure: true,
      warnings: [insecure],
      members: ['circuit-0/proof-0', 'circuit-0/proof-1', 'circuit-1/proof-0'].map((name, i) => ({
        file: expect.stringContaining(`${name}.json`),
        key: i === 2 ? 1 : 0,
      })),
      skipped: expect.arrayContaining([
        { file: expect.stringContaining('notes.txt'), reason: expect.any(String) },
        { file: expect.stringContaining('other.json'), reason: expect.any(String) },
      ]),
    });
  });

  it('keeps lines beside the string where it is told to, and makes the same composite with them', async () => {
    const { proofs, srs } = workspace;
    const kept = `${srs}.4.lines`;
    const fold = async (): Promise<Buffer> => {
      const out = workspace.at('lines.sheaf');
      const made = await sheaf([
        'aggregate',
        proofs,
        '--srs',
        srs,
        '-o',
        out,
        '--context',
        '0x2a',
        '--cache-lines',
      ]);
      expect(made.code).toBe(0);
      return readFile(out);
    };
    const expected = await readFile(composite);
    expect(await fold()).toEqual(expected);
    const lines = await readFile(kept);
    expect(await fold()).toEqual(expected);
    await writeFile(kept, lines.subarray(0, 5000));
    expect(await fold()).toEqual(expected);
    expect(await readFile(kept)).toEqual(lines);
  });

  it('leaves no temporary file', async () => {
    expect((await readdir(workspace.dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('sums up for people, replaces an earlier composite, and takes files, archives and stdin together', async () => {
    const out = workspace.at('mixed.sheaf');
    await copyFile(composite, out);
    const packed = workspace.at('packed.ndjson.gz');
    await writeFile(packed, gzipSync(new TextEncoder().encode(ndjson([trueMember(1, 5)]))));
    const args = ['aggregate', join(workspace.proofs, 'circuit-0/proof-0.json'), packed, '-'];
    const { code, stdout, stderr } = await sheaf(
      [...args, '--srs', workspace.srs, '-o', out, '--no-carry-keys'],
      ndjson([trueMember(1, 6), trueMember(0, 7)]),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote .*mixed\.sheaf: 4 proofs under 2 keys in one composite, verified$/m);
    expect(stdout).toMatch(new RegExp(`^ {2}snarkjs {2}key ${first?.slice(0, 12)}… {2}2 proofs$`, 'm'));
    expect(stdout).toMatch(/kB read, .* kB written, /);
    expect(stdout).toMatch(/INSECURE/);
    expect(stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
    const { keys: found } = JSON.parse((await inProcess(['inspect', out, '--json'])).stdout);
    expect(found).toMatchObject([{ carried: false }, { carried: false }]);
  });

  it('takes the key for all proofs from --key', async () => {
    const key = join(workspace.proofs, 'circuit-1/verification_key.json');
    const out = workspace.at('keyed.sheaf');
    const line = `${JSON.stringify(memberJson(trueMember(1, 8)))}\n`;
    const args = ['aggregate', '-', '--srs', workspace.srs, '-o', out];
    const without = await inProcess(args, { input: line });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/verification key/);
    const { code, stdout } = await inProcess([...args, '--key', key, '--json'], { input: line });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ proofs: 1, keys: [{ digest: second }] });
    const several = await inProcess([...args, '--key', workspace.proofs], { input: line });
    expect(several.code).toBe(2);
    expect(several.stderr).toMatch(/--key takes one verification key/);
  });

  it('names the file and the position of a false proof, whether it is checked before or after folding', async () => {
    const file = workspace.at('false.ndjson');
    await writeFile(file, ndjson([trueMember(0, 0), falseMember(1)]));
    const args = ['aggregate', file, '--srs', workspace.srs, '-o', workspace.at('false.sheaf')];
    for (const flags of [[], ['--trusted']]) {
      const { code, stdout } = await inProcess([...args, ...flags, '--json']);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({
        error: {
          code: 'FALSE_PROOF',
          message: expect.stringMatching(/false\.ndjson, (member|entry) 1/),
          context: { file, index: 1 },
        },
      });
    }
    const { code, stdout, stderr } = await inProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/error: .*false\.ndjson, member 1.*\[FALSE_PROOF\]/);
    expect(await readdir(workspace.dir)).not.toContain('false.sheaf');
  });

  it('names the line of a broken proof', async () => {
    const input = `${ndjson([trueMember(0, 0)])}{"proof": {"pi_a": []}}\n`;
    const args = ['aggregate', '-', '--srs', workspace.srs, '-o', workspace.at('broken.sheaf')];
    const { code, stderr } = await inProcess(args, { input });
    expect(code).toBe(2);
    expect(stderr).toMatch(/standard input, member 1, line 2: /);
  });

  it('refuses what it cannot do with exit code 2 and leaves no file', async () => {
    const { proofs, srs } = workspace;
    const out = workspace.at('refused.sheaf');
    const base = ['aggregate', proofs, '--srs', srs, '-o', out];
    const cases: [string[], RegExp][] = [
      [
        ['aggregate', workspace.at('nope'), '--srs', srs, '-o', out],
        /nope: there is no such file.*UNREADABLE/,
      ],
      [
        ['aggregate', proofs, '--srs', workspace.at('nope.srs'), '-o', out],
        /nope\.srs: no such file.*UNREADABLE/,
      ],
      [['aggregate', proofs, '--srs', composite, '-o', out], /all\.sheaf: .*reference string/],
      [['aggregate', proofs, '--srs', srs, '-o', workspace.at('none/x.sheaf')], /does not exist.*UNWRITABLE/],
      [['aggregate', proofs, '--srs', srs, '-o', srs], /dev\.srs exists already.*OPTION/],
      [['aggregate', proofs, '--srs', srs, '-o', join(proofs, 'other.json')], /other\.json exists already/],
      [[...base, '--capacity', '3'], /power of two/],
      [[...base, '--capacity', '8'], /serves 4 slots.*CAPACITY/],
      [[...base, '--context', 'xyz'], /hexadecimal.*OPTION/],
      [[...base, '--context', '@/nope'], /\/nope: no such file/],
      [[...base, '--from', 'risc0'], /PROOF_FORMAT/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await inProcess(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
    expect(await readdir(workspace.dir)).not.toContain('refused.sheaf');
  });
});

describe('sheaf verify', () => {
  it('says VALID and INSECURE as a process, with exit code 0', async () => {
    const { code, stdout, stderr } = await sheaf(verifyArgs('--keys', workspace.proofs));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^VALID \(INSECURE development reference string.*\): 3 proofs under 2 trusted keys/,
    );
    expect(stdout).toMatch(
      new RegExp(`key ${first?.slice(0, 12)}… {2}2 proofs {2}.*circuit-0/verification_key.json`),
    );
    expect(stdout).toMatch(/context 2a/);
    expect(stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
  });

  it('gives the claims as one JSON object, from the small part of the string and single key files', async () => {
    const small = workspace.at('small.srs');
    await inProcess(['srs', 'verifier', workspace.srs, '-o', small]);
    const files = [1, 0].map((k) => join(workspace.proofs, `circuit-${k}/verification_key.json`));
    const { code, stdout } = await inProcess([
      ...['verify', composite, '--srs', small, '--context', '2A', '--json', '--keys'],
      ...files,
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      valid: true,
      file: composite,
      srs: expect.stringMatching(/^[0-9a-f]{64}$/),
      insecure: true,
      warnings: [insecure],
      ms: expect.any(Number),
      scheme: 'snarkpack',
      curve: 'bn254',
      proofs: 3,
      context: '2a',
      keys: [
        { digest: first, system: 'snarkjs', proofs: 2, source: files[1] },
        { digest: second, system: 'snarkjs', proofs: 1, source: files[0] },
      ],
      claims: [
        { key: first, system: 'snarkjs', inputs: ['1000', '2000'] },
        { key: first, system: 'snarkjs', inputs: ['1001', '2001'] },
        { key: second, system: 'snarkjs', inputs: ['3000'] },
      ],
    });
  });

  it('says INVALID with exit code 1 for an altered claim', async () => {
    const bytes = await readFile(composite);
    const claim = new Uint8Array(32);
    writeBigintBE(3000n, claim, 0, 32);
    const offset = bytes.indexOf(claim);
    expect(offset).toBeGreaterThan(0);
    const altered = workspace.at('altered.sheaf');
    const other = new Uint8Array(32);
    writeBigintBE(3001n, other, 0, 32);
    await writeFile(altered, concatBytes(bytes.subarray(0, offset), other, bytes.subarray(offset + 32)));
    const args = ['verify', altered, '--srs', workspace.srs, '--keys', workspace.proofs];
    const text = await sheaf(args);
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(/^INVALID: the composite does not prove its statement\n$/);
    const json = await inProcess([...args, '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ valid: false, reason: 'proof', insecure: true });
  });

  it('says INVALID with exit code 1 for another context, and which it is', async () => {
    await writeFile(workspace.at('context.bin'), Uint8Array.of(0x2b));
    const args = verifyArgs('--keys', workspace.proofs, '--context', `@${workspace.at('context.bin')}`);
    const text = await inProcess(args);
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(/^INVALID: the composite binds the context 2a/);
    expect(JSON.parse((await inProcess([...args, '--json'])).stdout)).toMatchObject({
      valid: false,
      reason: 'context',
    });
  });

  it('cannot decide without the keys: exit code 2, their digests, and how to mend it', async () => {
    const folder = join(workspace.proofs, 'circuit-0');
    const { code, stdout, stderr } = await inProcess(verifyArgs('--keys', folder));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(second);
    expect(stderr).not.toContain(first);
    expect(stderr).toMatch(/\[KEY_NOT_TRUSTED\]\n {2}hint: .*--keys/);
    const none = await inProcess(verifyArgs('--json'));
    expect(none.code).toBe(2);
    expect(JSON.parse(none.stdout)).toMatchObject({
      error: { code: 'KEY_NOT_TRUSTED', context: { digests: [first, second], file: composite } },
    });
  });

  it('cannot decide under another string, or on files that are no composite', async () => {
    const other = workspace.at('other.srs');
    await inProcess(['srs', 'dev', '--size', '2', '-o', other]);
    await writeFile(workspace.at('cut.sheaf'), (await readFile(composite)).subarray(0, 200));
    const cases: [string, string, RegExp][] = [
      [composite, other, /all\.sheaf: The composite was made under reference string .*\[SRS\]/],
      [workspace.at('cut.sheaf'), workspace.srs, /cut\.sheaf: .*\[ENCODING\]/],
      [workspace.srs, workspace.srs, /dev\.srs: expected a composite.*reference string.*\[ENCODING\]/],
      [workspace.at('nope.sheaf'), workspace.srs, /nope\.sheaf: no such file.*\[UNREADABLE\]/],
      [workspace.dir, workspace.srs, /is a folder, expected a file.*\[UNREADABLE\]/],
      [composite, workspace.at('nope.srs'), /nope\.srs: no such file.*\[UNREADABLE\]/],
    ];
    for (const [file, srs, message] of cases) {
      const { code, stdout, stderr } = await inProcess([
        'verify',
        file,
        '--srs',
        srs,
        '--keys',
        workspace.proofs,
      ]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  it('says nothing but warnings with --quiet', async () => {
    const { code, stdout, stderr } = await inProcess(verifyArgs('--keys', workspace.proofs, '--quiet'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
  });
});

describe('sheaf inspect', () => {
  it('shows keys, claims and sizes without verifying', async () => {
    const json = await sheaf(['inspect', composite, '--json']);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    const found = JSON.parse(json.stdout);
    expect(found).toMatchObject({
      file: composite,
      verified: false,
      proofs: 3,
      capacity: 4,
      context: '2a',
      keys: [
        { digest: first, system: 'snarkjs', inputs: 2, proofs: 2, carried: true },
        { digest: second, system: 'snarkjs', inputs: 1, proofs: 1, carried: true },
      ],
      claims: [
        { key: 0, inputs: ['1000', '2000'] },
        { key: 0, inputs: ['1001', '2001'] },
        { key: 1, inputs: ['3000'] },
      ],
    });
    expect(found.bytes.total).toBe((await readFile(composite)).length);
    expect(found.bytes.proof + found.bytes.statement).toBe(found.bytes.total);
    const { stdout } = await inProcess(['inspect', composite]);
    for (const text of ['nothing here was verified', first, second, '1001 2001'])
      expect(stdout).toContain(text);
  });

  it('refuses a damaged file by name', async () => {
    const damaged = workspace.at('damaged.sheaf');
    await writeFile(damaged, (await readFile(composite)).subarray(0, -1));
    const { code, stderr } = await inProcess(['inspect', damaged]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/damaged\.sheaf: .*\[ENCODING\]/);
  });
});

describeWithVectors('sheaf on proofs of coprocessors', (vectors) => {
  it('folds RISC Zero and SP1 proofs together, and verifies them under the built-in keys', async () => {
    const out = workspace.at('coprocessors.sheaf');
    const risc0 = join(vectors, 'risc0/groth16');
    const receipts = (await readdir(risc0))
      .filter((name) => /^0[01]-/.test(name))
      .map((name) => join(risc0, name));
    const args = [
      'aggregate',
      ...receipts,
      join(vectors, 'sp1/v6.1.0/proof-000.json'),
      '--srs',
      workspace.srs,
      '-o',
      out,
    ];
    expect((await inProcess(args)).code).toBe(0);
    const verify = ['verify', out, '--srs', workspace.srs];
    const valid = await inProcess([...verify, '--json', '--keys', 'builtin:risc0', 'builtin:sp1']);
    expect(valid.code).toBe(0);
    expect(JSON.parse(valid.stdout).keys).toMatchObject([
      { system: 'risc0', proofs: 2, source: 'builtin:risc0' },
      { system: 'sp1', proofs: 1, source: expect.stringMatching(/^builtin:sp1-v6/) },
    ]);
    const missing = await inProcess([...verify, '--keys', 'builtin:sp1']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/hint: .*is built in: --keys builtin:risc0/);
  });

  it('refuses gnark proofs with commitments by name', async () => {
    const args = [
      'aggregate',
      join(vectors, 'gnark-must-refuse'),
      '--srs',
      workspace.srs,
      '-o',
      workspace.at('g.sheaf'),
    ];
    const { code, stderr } = await inProcess(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/Pedersen commitments.*\[UNSUPPORTED_PROOF\]/);
  });

  it('names a member on another curve', async () => {
    const folder = join(vectors, 'bls12-381/vk00-1pub-bls12381');
    const { code, stderr } = await inProcess([
      'aggregate',
      folder,
      '--srs',
      workspace.srs,
      '-o',
      workspace.at('m.sheaf'),
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/proof-000\.json.*bls12-381.*\[MIXED_CURVES\]/);
  });
});
