import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheFolder, openCalibrationFiles } from '../../src/node/calibration-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-calibrations-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('keeps texts by key, for the next process too', async () => {
  const place = join(folder, 'deep', 'cache');
  const store = openCalibrationFiles({ folder: place });
  expect(await store.get('a/b c')).toBeUndefined();
  await store.put('a/b c', '1');
  await store.put('a/b-c', '2');
  await store.put('a/b c', '3');
  const next = openCalibrationFiles({ folder: place });
  expect([await next.get('a/b c'), await next.get('a/b-c')]).toEqual(['3', '2']);
  const files = await readdir(place);
  expect(files).toHaveLength(2);
  expect(files.every((file) => /^a-b-c-[0-9a-f]{12}\.json$/.test(file))).toBe(true);
  expect(await readFile(join(place, files[0] as string), 'utf8')).toMatch(/^[23]$/);
});

it('reports what cannot be written, and goes on', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const errors: unknown[] = [];
  const store = openCalibrationFiles({ folder: join(file, 'below'), onError: (error) => errors.push(error) });
  await store.put('a', '1');
  expect(errors).toEqual([expect.objectContaining({ code: 'ENOTDIR' })]);
  expect(await store.get('a')).toBeUndefined();
});

it('has its place where the environment says', () => {
  expect(cacheFolder({ SHEAF_CACHE: '/s', XDG_CACHE_HOME: '/x' })).toBe('/s');
  expect(cacheFolder({ SHEAF_CACHE: '', XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'sheaf'));
  expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'sheaf'));
});
