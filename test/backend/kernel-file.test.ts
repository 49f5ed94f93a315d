import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { kernelFile } from '../../src/backend/wasm/kernel-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sheaf-kernel-'));
const base = pathToFileURL(join(folder, 'code.js')).href;
mkdirSync(join(folder, 'embedded'));
writeFileSync(join(folder, 'embedded/some-form.wasm'), Uint8Array.of(0, 97, 115, 109));

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllGlobals());

it('reads the module beside the code in Node, and is without it elsewhere', () => {
  expect([...(kernelFile('some-form', base) ?? [])]).toEqual([0, 97, 115, 109]);
  expect(kernelFile('other-form', base)).toBeUndefined();
  // Where bundlers know no address of the code.
  expect(kernelFile('some-form', '')).toBeUndefined();
  vi.stubGlobal('process', undefined);
  expect(kernelFile('some-form', base)).toBeUndefined();
});
