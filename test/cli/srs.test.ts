import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithVectors } from '../helpers/vectors.ts';
import { createWorkspace, inProcess, sheaf, type Workspace } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

const insecure = expect.stringMatching(/^INSECURE development reference string/);
const digest = expect.stringMatching(/^[0-9a-f]{64}$/);

describe('sheaf srs', () => {
  it('makes a development string as a process, loudly', async () => {
    const path = workspace.at('own.srs');
    const json = await sheaf(['srs', 'dev', '--size', '2', '-o', path, '--json']);
    expect(json.code).toBe(0);
    expect(json.stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
    expect(JSON.parse(json.stdout)).toEqual({
      output: path,
      bytes: (await stat(path)).size,
      type: 'srs',
      part: 'prover',
      curve: 'bn254',
      size: 2,
      digest,
      insecure: true,
      strings: [{ kind: 'development' }, { kind: 'development' }],
      contributions: [],
      warnings: [insecure],
    });
  });

  it('makes one on BLS12-381', async () => {
    const path = workspace.at('bls.srs');
    const args = ['srs', 'dev', '--size', '2', '--curve', 'bls12-381', '-o', path];
    const { code, stdout, stderr } = await inProcess(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/DEVELOPMENT, INSECURE/);
    expect(stderr).toMatch(/warning: INSECURE/);
    expect(JSON.parse((await inProcess(['srs', 'info', path, '--json'])).stdout)).toMatchObject({
      curve: 'bls12-381',
      size: 2,
    });
  });

  it('does not replace a string without --force', async () => {
    const path = workspace.at('kept.srs');
    await copyFile(workspace.srs, path);
    const before = await readFile(path);
    for (const args of [
      ['srs', 'dev', '--size', '2'],
      ['srs', 'contribute', path],
      ['srs', 'verifier', path],
    ]) {
      const { code, stderr } = await inProcess([...args, '-o', path]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/kept\.srs exists already.*--force.*\[OPTION\]/);
      expect(await readFile(path)).toEqual(before);
    }
    expect((await inProcess(['srs', 'dev', '--size', '2', '-o', path, '--force'])).code).toBe(0);
    expect(await readFile(path)).not.toEqual(before);
  });

  it('refuses a size that is no power of two, and leaves no file', async () => {
    const path = workspace.at('three.srs');
    const { code, stdout } = await inProcess(['srs', 'dev', '--size', '3', '-o', path, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPTION', context: { field: 'size' } } });
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it("writes and recognises the verifier's part, and refuses to prove with it", async () => {
    const path = workspace.at('verifier.srs');
    const made = await inProcess(['srs', 'verifier', workspace.srs, '-o', path, '--json']);
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({
      part: 'verifier',
      size: 0,
      insecure: true,
      warnings: [insecure],
    });
    const infos = await Promise.all(
      [workspace.srs, path].map(async (file) =>
        JSON.parse((await inProcess(['srs', 'info', file, '--json'])).stdout),
      ),
    );
    expect(infos).toMatchObject([
      { part: 'prover', size: 4, insecure: true, warnings: [insecure] },
      { part: 'verifier', size: 0, insecure: true, warnings: [insecure] },
    ]);
    expect(infos[0].digest).toBe(infos[1].digest);
    expect((await stat(path)).size).toBeLessThan(1500);
    for (const args of [
      ['srs', 'contribute', path],
      ['aggregate', workspace.proofs, '--srs', path],
    ]) {
      const { code, stderr } = await inProcess([...args, '-o', workspace.at('none')]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/verifier\.srs: .*verifier's part.*\[SRS\]/);
    }
  });

  it('adds contributions with their notes, also to a head longer than is read at first', async () => {
    const [one, two] = [workspace.at('one.srs'), workspace.at('two.srs')];
    const long = 'x'.repeat(70_000);
    expect((await inProcess(['srs', 'contribute', workspace.srs, '-o', one, '--note', long])).code).toBe(0);
    expect((await inProcess(['srs', 'contribute', one, '-o', two, '--note', 'Bea'])).code).toBe(0);
    const { stdout } = await inProcess(['srs', 'info', two, '--json']);
    const { contributions } = JSON.parse(stdout);
    expect(contributions).toMatchObject([{ note: long }, { note: 'Bea' }]);
    expect(contributions[1].before).toBe(contributions[0].after);
    const part = await inProcess(['srs', 'verifier', two, '-o', workspace.at('two-verifier.srs'), '--json']);
    expect(JSON.parse(part.stdout)).toMatchObject({ digest: JSON.parse(stdout).digest });
  });

  it('refuses files that are damaged or something else, by name', async () => {
    const damaged = await readFile(workspace.srs);
    const last = damaged.length - 40;
    damaged[last] = (damaged[last] as number) ^ 1;
    await writeFile(workspace.at('damaged.srs'), damaged);
    await writeFile(workspace.at('text.srs'), 'not a reference string');
    await writeFile(workspace.at('empty.srs'), '');
    for (const [name, message] of [
      ['damaged.srs', /checksum/],
      ['text.srs', /expected a \.srs file .* or a \.ptau file/],
      ['empty.srs', /expected a \.srs file/],
      ['missing.srs', /no such file/],
    ] as const) {
      const { code, stdout, stderr } = await inProcess(['srs', 'info', workspace.at(name)]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toContain(name);
    }
  });
});

describeWithVectors('sheaf srs on ceremony files', (vectors) => {
  const [small, large] = ['08', '11'].map((power) =>
    join(vectors, 'ptau', `powersOfTau28_hez_final_${power}.ptau`),
  ) as [string, string];

  it('shows what a file says of itself', async () => {
    const { code, stdout, stderr } = await inProcess(['srs', 'info', large, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      file: large,
      type: 'ptau',
      curve: 'bn254',
      power: 11,
      ceremonyPower: 28,
      maxSize: 1024,
      bytes: (await stat(large)).size,
    });
  });

  it.each([[[small, large]], [[small]]])(
    'refuses one ceremony, hinting at --contribute: %j',
    async (files) => {
      const args = ['srs', 'import', ...files, '--size', '2', '-o', workspace.at('hez.srs')];
      const { code, stderr } = await inProcess(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/\[SRS\]\n {2}hint: .*--contribute/);
      const json = await inProcess([...args, '--json']);
      expect(JSON.parse(json.stdout)).toMatchObject({
        error: { code: 'SRS', context: { hint: expect.stringContaining('--contribute') } },
      });
      await expect(stat(workspace.at('hez.srs'))).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('imports one ceremony with a contribution: a string that is not insecure', async () => {
    const path = workspace.at('real.srs');
    const args = [
      'srs',
      'import',
      small,
      large,
      '--size',
      '2',
      '--contribute',
      '--note',
      'ops',
      '-o',
      path,
      '--json',
    ];
    const { code, stdout, stderr } = await sheaf(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      insecure: false,
      warnings: [],
      strings: [
        { kind: 'ptau', power: 8 },
        { kind: 'ptau', power: 11 },
      ],
      contributions: [{ note: 'ops' }],
    });
  });

  it('says which file is too small or none at all', async () => {
    const importing = (file: string, size: string) =>
      inProcess(['srs', 'import', file, '--size', size, '--contribute', '-o', workspace.at('no.srs')]);
    expect((await importing(small, '256')).stderr).toMatch(
      /hez_final_08\.ptau: power 8 serves at most 128 slots/,
    );
    expect((await importing(workspace.srs, '2')).stderr).toMatch(/dev\.srs: expected a powers-of-tau file/);
    expect((await importing(workspace.at('nope.ptau'), '2')).stderr).toMatch(/nope\.ptau: no such file/);
  });
});
