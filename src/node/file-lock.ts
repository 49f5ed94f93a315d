/** Exclusive use of a file among processes, by a lock file that names its owner and outlives no owner. */

import { open, readFile, rename, rm } from 'node:fs/promises';
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

async function create(lockPath: string): Promise<boolean> {
  try {
    const handle = await open(lockPath, 'wx');
    await handle.writeFile(`${process.pid} ${await startOf(process.pid)}`);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead owner's lock away; puts it back when another process has replaced it in the meantime. */
async function removeStale(lockPath: string, content: string): Promise<void> {
  const aside = `${lockPath}.${process.pid}`;
  try {
    await rename(lockPath, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) === content) await rm(aside, { force: true });
  else await rename(aside, lockPath);
}

/**
 * Takes `path`.lock, also from a process that is dead. Throws {@link StoreError} while a live process, or this one, has it.
 * @returns what releases it
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  if (lockedHere.has(path)) throw new StoreError(`${path} is open already in this process.`, { file: path });
  lockedHere.add(path);
  const lockPath = `${path}.lock`;
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await create(lockPath)) {
        return async () => {
          await rm(lockPath, { force: true });
          lockedHere.delete(path);
        };
      }
      const content = await readFile(lockPath, 'utf8').catch(() => undefined);
      if (content === undefined) continue;
      const owner = await livingOwner(content);
      if (owner !== undefined) {
        throw new StoreError(`${path} is in use by process ${owner}; wait for it or stop it.`, {
          file: path,
        });
      }
      await removeStale(lockPath, content);
    }
    throw new StoreError(`${path} could not be locked: other processes keep taking ${lockPath}.`, {
      file: path,
    });
  } catch (error) {
    lockedHere.delete(path);
    throw error;
  }
}
