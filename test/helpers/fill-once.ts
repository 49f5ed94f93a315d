/** Folders that are made once and then used by all. */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Has `fill` fill the folder if it is not there. It is there as a whole or not at all: processes that fill it at once work
 * each on a draft of its own, and the first to be ready wins.
 */
export function fillOnce(folder: string, fill: (draft: string) => void): void {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    fill(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // A folder that is not empty is not replaced: another process was faster.
    if (!existsSync(folder)) throw error;
  }
}
