import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import {
  AbortedError,
  InputError,
  OptionError,
  PointNotOnCurveError,
  ProofFormatError,
} from '../../src/errors.ts';
import { readPaths } from '../../src/node/files.ts';
import { readKeys } from '../../src/node/key-files.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { copy, type Json, keyOf, proofsOf, refusal, SETS } from './real-proofs.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sheaf-files-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, content: Json): string {
  const full = join(root, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
  return full;
}

describe('paths', () => {
  it('of a folder give all files below it, sorted, without hidden folders', async () => {
    for (const name of ['b.json', 'a/2.json', 'a/1.json', '.git/x.json', 'node_modules/y.json'])
      write(`list/${name}`, {});
    const files = await readPaths([join(root, 'list')]);
    expect(files.map(({ name }) => name)).toEqual(
      ['a/1.json', 'a/2.json', 'b.json'].map((name) => `${root}/list/${name}`),
    );
    expect(files.every(({ required }) => !required)).toBe(true);
  });

  it('follow links once, and no loops', async () => {
    write('loop/a/x.json', {});
    symlinkSync(join(root, 'loop'), join(root, 'loop/a/back'));
    symlinkSync(join(root, 'loop/a'), join(root, 'loop/again'));
    symlinkSync(join(root, 'nowhere'), join(root, 'loop/dangling.json'));
    symlinkSync(join(root, 'loop/a/x.json'), join(root, 'loop/linked.json'));
    const names = (await readPaths([join(root, 'loop')])).map(({ name }) => name.slice(root.length));
    expect(names).toEqual(['/loop/a/x.json', '/loop/linked.json']);
  });

  it('of files bring along the key beside them and are required', async () => {
    const proof = write('beside/proof.json', {});
    write('beside/verification_key.json', {});
    write('beside/other.json', {});
    const files = await readPaths([proof, proof]);
    expect(files.map(({ name, required = false }) => [name.slice(root.length), required])).toEqual([
      ['/beside/proof.json', true],
      ['/beside/verification_key.json', false],
    ]);
  });

  it('open no file before it is asked for, nor one that cannot hold a proof', async () => {
    write('lazy/proof.json', '{"proof": {}}');
    write('lazy/big.zkey', 'x');
    const files = await readPaths([join(root, 'lazy')]);
    rmSync(join(root, 'lazy'), { recursive: true });
    const error = await refusal(() => readBatch(files, { trusted: true }));
    expect(error.code).toBe('UNREADABLE');
    expect(error.message).toMatch(/lazy\/proof\.json: there is no such file/);
  });

  it('that cannot be read are refused by name', async () => {
    const error = await refusal(() => readPaths([join(root, 'missing')]));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: 'UNREADABLE', context: { file: join(root, 'missing') } });
    expect(await refusal(() => readPaths([root], { signal: AbortSignal.abort() }))).toBeInstanceOf(
      AbortedError,
    );
  });
});

describeWithVectors('real files', (dir) => {
  it('are read from standard input, from disk and from a single path', async () => {
    const [first, second] = proofsOf(dir, SETS.nebra);
    const lines = [first, second].map((proof) =>
      JSON.stringify({ ...proof, verificationKey: keyOf(dir, SETS.nebra) }),
    );
    const stdin = Readable.from([
      Buffer.from(`${lines[0]}\n${lines[1]?.slice(0, 50)}`),
      Buffer.from(lines[1]?.slice(50) ?? ''),
    ]);
    const fromStdin = await readBatch(await readPaths(['-'], { stdin }), { trusted: true });
    expect(fromStdin.members.map((member) => member.origin)).toEqual([
      { file: '-', index: 0 },
      { file: '-', index: 1 },
    ]);
    const one = await readBatch(await readPaths([join(dir, SETS.nebra, 'proof-000.json')]), {
      trusted: true,
    });
    expect(one.members[0]?.key.id).toBe(fromStdin.members[0]?.key.id);
  });

  it('give their verification keys, each once', async () => {
    const keys = await readKeys([
      join(dir, 'sp1'),
      'builtin:sp1',
      'builtin:risc0',
      join(dir, SETS.nebra, 'verification_key.json'),
    ]);
    expect(keys.map(({ name }) => name.replace(dir, ''))).toEqual([
      '/sp1/v4.0.0-rc.3/verification_key.json',
      '/sp1/v5.0.0/verification_key.json',
      '/sp1/v6.1.0/verification_key.json',
      'builtin:risc0',
      '/nebra-upa/vk00-4pub/verification_key.json',
    ]);
    expect((await readKeys(['builtin:sp1-v5.0.0'])).map(({ key }) => key.id)).toEqual([keys[1]?.key.id]);
  });

  it('that are no keys are refused by name', async () => {
    const broken = copy(keyOf(dir, SETS.nebra));
    broken.vk_alpha_1[0] = '1';
    const path = write('keys/verification_key.json', broken);
    for (const paths of [[path], [join(root, 'keys')]]) {
      const error = await refusal(() => readKeys(paths));
      expect(error).toBeInstanceOf(PointNotOnCurveError);
      expect(error.message.startsWith(path)).toBe(true);
    }
    mkdirSync(join(root, 'empty'));
    expect(await refusal(() => readKeys([join(root, 'empty')]))).toBeInstanceOf(ProofFormatError);
    expect(await refusal(() => readKeys([join(dir, SETS.nebra, 'proof-000.json')]))).toBeInstanceOf(
      ProofFormatError,
    );
    expect(await refusal(() => readKeys(['builtin:halo2']))).toBeInstanceOf(OptionError);
    expect(await refusal(() => readKeys([join(root, 'missing')]))).toMatchObject({ code: 'UNREADABLE' });
  });
});
