import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vectorsDir, vectorsVerdict } from './vectors.ts';

describe('test vectors', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sheaf-vectors-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('are found where SHEAF_VECTORS points, under CI and without', () => {
    expect(vectorsDir({ SHEAF_VECTORS: folder })).toBe(folder);
    expect(vectorsVerdict({ SHEAF_VECTORS: folder, CI: 'true' })).toEqual({ verdict: 'run', dir: folder });
  });

  it('are skipped with a message that names the folder where it is missing', () => {
    const SHEAF_VECTORS = join(folder, 'missing');
    expect(vectorsDir({ SHEAF_VECTORS })).toBeUndefined();
    for (const CI of [undefined, '', 'false', '0']) {
      expect(vectorsVerdict({ SHEAF_VECTORS, CI })).toEqual({
        verdict: 'skip',
        message: expect.stringContaining(SHEAF_VECTORS),
      });
    }
  });

  it('fail the suite under CI where the folder is missing', () => {
    const SHEAF_VECTORS = join(folder, 'missing');
    for (const CI of ['true', '1']) {
      expect(vectorsVerdict({ SHEAF_VECTORS, CI })).toMatchObject({ verdict: 'fail' });
    }
  });
});
