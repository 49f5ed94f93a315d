/** Calibrations in files of the user's cache folder: derived data that a process may leave for the next one. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CalibrationStore } from '../backend/calibration-store.ts';

/** Options of {@link openCalibrationFiles}. */
export interface CalibrationFilesOptions {
  /** Where files are kept. Default: `SHEAF_CACHE` of the environment, else `sheaf` in `XDG_CACHE_HOME`, else `~/.cache/sheaf`. */
  readonly folder?: string | undefined;
  /** Told why a file could not be written; measuring again is all that comes of it. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The folder that is meant when none is named. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { SHEAF_CACHE, XDG_CACHE_HOME } = environment;
  return SHEAF_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'sheaf');
}

/**
 * A store in files, one a key. They are written beside their place and moved there whole; one that cannot be read counts as none.
 *
 * @example
 * const backend = await createBackend(BN254, 'auto', { calibrations: openCalibrationFiles() });
 */
export function openCalibrationFiles(options: CalibrationFilesOptions = {}): CalibrationStore {
  const { folder = cacheFolder(), onError } = options;
  const pathOf = (key: string): string => {
    const name = key.replace(/[^A-Za-z0-9.]+/g, '-').slice(0, 60);
    const digest = createHash('sha256').update(key).digest('hex').slice(0, 12);
    return join(folder, `${name}-${digest}.json`);
  };
  return {
    get: (key) => readFile(pathOf(key), 'utf8').catch(() => undefined),
    put: async (key, text) => {
      const path = pathOf(key);
      const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(temporary, text, { flag: 'wx' });
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        onError?.(error);
      }
    },
  };
}
