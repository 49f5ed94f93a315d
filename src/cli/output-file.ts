/** Output files: written beside their place, synced, and moved there whole. */

import { randomBytes } from 'node:crypto';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, OptionError, throwIfAborted } from '../errors.ts';
import { fileError } from './report-error.ts';

/** Options of {@link planOutput}. */
export interface OutputOptions {
  /** Replace whatever file is there. */
  readonly force?: boolean | undefined;
  /** Whether a file that begins like this may be replaced without `force`. Default: none may. */
  readonly mayReplace?: ((head: Uint8Array) => boolean) | undefined;
  readonly signal: AbortSignal;
}

/** A place that a result will be written to. */
export interface OutputFile {
  readonly path: string;
  /** Writes the file: whole, or not at all. */
  write(bytes: Uint8Array): Promise<void>;
}

const HEAD_BYTES = 64;

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function refuseExisting(path: string): never {
  throw new OptionError(`${path} exists already and is not replaced. Choose another name, or pass --force.`, {
    file: path,
    field: 'output',
  });
}

/** Whether the file may be replaced. Throws unless the place is fit to be written. */
async function checkPlace(
  path: string,
  options: OutputOptions,
): Promise<{ target: string; exists: boolean }> {
  if (path === '-') {
    throw new OptionError('Output goes to a file; "-" is not one. Name a file after -o.', {
      field: 'output',
    });
  }
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new InputError(
      'UNWRITABLE',
      `${path}: the folder ${dirname(path)} does not exist. Create it first.`,
      {
        file: path,
        errno: 'ENOENT',
      },
    );
  }
  const present = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!present) return { target: path, exists: false };
  if (!present.isFile()) {
    throw new InputError(
      'UNWRITABLE',
      `${path}: expected a regular file or a free name, found something else.`,
      {
        file: path,
      },
    );
  }
  if (!options.force && present.size > 0 && !options.mayReplace?.(await readHead(path))) refuseExisting(path);
  // Through symbolic links: the file they lead to is replaced, not the link.
  return { target: await realpath(path), exists: true };
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders; there a rename is durable once the file system says so.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives the file its name; a file that came to have it meanwhile is not replaced. */
async function linkNew(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') refuseExisting(target);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error;
    // The file system has no hard links.
    await rename(temporary, target);
    return;
  }
  await rm(temporary);
}

/**
 * Checks now, before the work, that a result can be written to `path` later. Throws OptionError when a file is there that
 * must not be replaced, and InputError when the folder is missing.
 */
export async function planOutput(path: string, options: OutputOptions): Promise<OutputFile> {
  const { target, exists } = await checkPlace(path, options).catch((error: unknown) => {
    throw fileError(error, path, 'UNWRITABLE');
  });
  return {
    path,
    write: async (bytes) => {
      throwIfAborted(options.signal);
      const folder = dirname(target);
      const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
      try {
        const handle = await open(temporary, 'wx');
        try {
          await handle.writeFile(bytes, { signal: options.signal });
          await handle.sync();
        } finally {
          await handle.close();
        }
        throwIfAborted(options.signal);
        if (exists || options.force) await rename(temporary, target);
        else await linkNew(temporary, target);
        await syncFolder(folder);
      } catch (error) {
        await rm(temporary, { force: true });
        throw fileError(error, path, 'UNWRITABLE');
      }
    },
  };
}
