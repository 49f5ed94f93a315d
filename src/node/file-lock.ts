/** Exclusive use of a file among processes, by a lock file that names its owner and outlives no owner. */

import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { StoreError } from '../errors.ts';

/** Files that this process has locked: a lock with our own pid that is not among them is a dead process's. */
const lockedHere = new Set<string>();

const ATTEMPTS = 5;

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, on systems that tell: its pid alone may have been given to another since. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22; the second, the name in parentheses, may hold spaces.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** The pid in a lock if the process that wrote it still runs. */
async function livingOwner(content: string): Promise<number | undefined> {
  const [owner = '', start = ''] = content.split(' ');
  const pid = /^[1-9]\d*$/.test(owner) ? Number(owner) : undefined;
  if (pid === undefined || pid === process.pid || !exists(pid)) return undefined;
  const now = await startOf(pid);
  return start === '' || now === '' || start === now ? pid : undefined;
}

/** A file beside the lock that names this process as owner; linked to its place, it is there whole or not at all. */
async function writeClaim(lockPath: string): Promise<string> {
  const claim = `${lockPath}.${process.pid}.${crypto.randomUUID()}`;
  await writeFile(claim, `${process.pid} ${await startOf(process.pid)}`, { flag: 'wx' });
  return claim;
}

/** Links `claim` to `path` unless something is there. */
async function linkNew(claim: string, path: string): Promise<boolean> {
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Puts `claim` in the place of a dead owner's lock. Only the one process that holds the takeover file of that very owner may
 * do so, and it looks again once it holds it: a rival that read the dead lock earlier finds the new one.
 */
async function takeOver(claim: string, lockPath: string, content: string): Promise<boolean> {
  const takeover = `${lockPath}.takeover`;
  if (!(await linkNew(claim, takeover))) return false;
  try {
    if ((await readFile(lockPath, 'utf8').catch(() => undefined)) !== content) return false;
    await rename(claim, lockPath);
    return true;
  } finally {
    await rm(takeover, { force: true });
  }
}

/**
 * Takes `path`.lock, also from a process that is dead. Throws {@link StoreError} while a live process, or this one, has it.
 * @returns what releases it
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  if (lockedHere.has(path)) throw new StoreError(`${path} is open already in this process.`, { file: path });
  lockedHere.add(path);
  const lockPath = `${path}.lock`;
  let claim: string | undefined;
  const release = async (): Promise<void> => {
    await rm(lockPath, { force: true });
    lockedHere.delete(path);
  };
  try {
    claim = await writeClaim(lockPath);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await linkNew(claim, lockPath)) return release;
      const content = await readFile(lockPath, 'utf8').catch(() => undefined);
      if (content === undefined) continue;
      const owner = await livingOwner(content);
      if (owner !== undefined) {
        throw new StoreError(`${path} is in use by process ${owner}; wait for it or stop it.`, {
          file: path,
        });
      }
      if (await takeOver(claim, lockPath, content)) return release;
      await setTimeout(20);
    }
    throw new StoreError(
      `${path} could not be locked: other processes keep taking ${lockPath}. If none runs, delete ${lockPath} and ${lockPath}.takeover.`,
      { file: path },
    );
  } catch (error) {
    lockedHere.delete(path);
    throw error;
  } finally {
    if (claim !== undefined) await rm(claim, { force: true });
  }
}
