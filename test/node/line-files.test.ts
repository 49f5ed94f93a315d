import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLineFiles } from '../../src/node/line-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-lines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const key = { srs: 'ab'.repeat(32), form: 'bn254-fma-01', slots: 8 };
const tables = Uint8Array.from({ length: 1000 }, (_, i) => (7 * i) % 251);

it('gives back what was saved, under its key alone, and leaves nothing else behind', async () => {
  const store = openLineFiles(join(folder, 'a.srs'));
  expect(await store.load(key)).toBeUndefined();
  await store.save(key, tables);
  expect(await store.load(key)).toEqual(tables);
  expect(await openLineFiles(join(folder, 'a.srs')).load(key)).toEqual(tables);
  for (const other of [
    { ...key, srs: 'ac'.repeat(32) },
    { ...key, form: 'bn254-fma-02' },
    { ...key, form: 'bn254-simd-longer-than-the-other' },
    { ...key, slots: 16 },
  ]) {
    expect(await store.load(other)).toBeUndefined();
  }
  expect(await readdir(folder)).toEqual(['a.srs.8.lines']);
  await store.save({ ...key, form: 'bn254-fma-02' }, tables.subarray(1));
  expect(await store.load(key)).toBeUndefined();
  expect(await store.load({ ...key, form: 'bn254-fma-02' })).toEqual(tables.subarray(1));
});

it('passes over a file with any byte altered, cut short or longer, and replaces it', async () => {
  const store = openLineFiles(join(folder, 'b.srs'));
  const path = join(folder, 'b.srs.8.lines');
  await store.save(key, tables);
  const whole = await readFile(path);
  const places = [0, 11, 12, 15, 16, 60, 100, 130, 160, whole.length - 1];
  for (const place of places) {
    const altered = Uint8Array.from(whole);
    altered[place] = (altered[place] as number) ^ 4;
    await writeFile(path, altered);
    expect(await store.load(key), `byte ${place}`).toBeUndefined();
  }
  for (const bytes of [
    whole.subarray(0, 0),
    whole.subarray(0, 50),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.of(0)]),
  ]) {
    await writeFile(path, bytes);
    expect(await store.load(key)).toBeUndefined();
  }
  await store.save(key, tables);
  expect(await store.load(key)).toEqual(tables);
});

it('tells why a file cannot be written, and throws nothing', async () => {
  const errors: unknown[] = [];
  const nowhere = openLineFiles(join(folder, 'missing', 'c.srs'), { onError: (error) => errors.push(error) });
  await nowhere.save(key, tables);
  expect(errors).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
  await openLineFiles(join(folder, 'missing', 'c.srs')).save(key, tables);
  expect(await nowhere.load(key)).toBeUndefined();
});
