import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planOutput } from '../../src/cli/output-file.ts';
import { AbortedError } from '../../src/errors.ts';
import { isComposite } from '../../src/recursion/composite-file.ts';

const bytes = new TextEncoder().encode('new content');
const never = new AbortController().signal;

describe('an output file', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sheaf-output-'));
    path = join(dir, 'out.bin');
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const text = (): Promise<string> => readFile(path, 'utf8');

  it('is written whole, with nothing left beside it', async () => {
    await (await planOutput(path, { signal: never })).write(bytes);
    expect(await text()).toBe('new content');
    expect(await readdir(dir)).toEqual(['out.bin']);
  });

  it('is not replaced, unless forced or of a kind that may be', async () => {
    await writeFile(path, 'old');
    const refusal = { code: 'OPTION', message: expect.stringContaining('--force'), context: { file: path } };
    await expect(planOutput(path, { signal: never })).rejects.toMatchObject(refusal);
    const mayReplace = (head: Uint8Array): boolean => head[0] === 0x78;
    await expect(planOutput(path, { mayReplace, signal: never })).rejects.toMatchObject(refusal);
    expect(await text()).toBe('old');
    await (await planOutput(path, { force: true, signal: never })).write(bytes);
    expect(await text()).toBe('new content');
    await writeFile(path, 'x is old');
    await (await planOutput(path, { mayReplace, signal: never })).write(bytes);
    expect(await text()).toBe('new content');
    expect(await readdir(dir)).toEqual(['out.bin']);
  });

  it('does not replace a file that came to be meanwhile', async () => {
    const output = await planOutput(path, { signal: never });
    await writeFile(path, 'somebody else');
    await expect(output.write(bytes)).rejects.toMatchObject({ code: 'OPTION' });
    expect(await text()).toBe('somebody else');
    expect(await readdir(dir)).toEqual(['out.bin']);
  });

  it('is written through a symbolic link', async () => {
    const real = join(dir, 'real.bin');
    await writeFile(real, 'old');
    await symlink(real, path);
    await (await planOutput(path, { force: true, signal: never })).write(bytes);
    expect(await readFile(real, 'utf8')).toBe('new content');
    await writeFile(real, 'changed');
    expect(await text()).toBe('changed');
  });

  it('must be a regular file in a folder that is there', async () => {
    await mkdir(path);
    for (const place of [path, '/dev/null', join(dir, 'none', 'x'), join(path, 'a', 'b')]) {
      await expect(planOutput(place, { force: true, signal: never })).rejects.toMatchObject({
        code: 'UNWRITABLE',
        message: expect.stringContaining(place),
      });
    }
    await expect(planOutput('-', { signal: never })).rejects.toMatchObject({ code: 'OPTION' });
  });

  it('leaves the old file and nothing else when it is interrupted', async () => {
    await writeFile(path, 'old');
    const controller = new AbortController();
    const output = await planOutput(path, { force: true, signal: controller.signal });
    const writing = output.write(new Uint8Array(1 << 24));
    controller.abort();
    await expect(writing).rejects.toSatisfy(
      (error: Error) => error instanceof AbortedError || error.name === 'AbortError',
    );
    await expect(output.write(bytes)).rejects.toThrow(AbortedError);
    expect(await text()).toBe('old');
    expect(await readdir(dir)).toEqual(['out.bin']);
  });

  it('replaces composites, and no reference string, whose magic begins alike', () => {
    const head = (start: string, version: number): Uint8Array =>
      Uint8Array.of(...new TextEncoder().encode(start), version, 0, 0);
    expect(isComposite(head('sheaf', 1))).toBe(true);
    expect(isComposite(head('sheafsrs', 1))).toBe(false);
    expect(isComposite(head('{"pi_a":', 1))).toBe(false);
  });
});
