/** Files and folders of proofs on disk, as the readers of src/coprocessors take them. */

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { NamedFile } from '../coprocessors/batch.ts';
import { parseFileName } from '../coprocessors/file-roles.ts';
import { InputError, SheafError, throwIfAborted } from '../errors.ts';

/** The name that stands for standard input. */
export const STDIN_NAME = '-';

/** Options of {@link readPaths}. */
export interface ReadPathsOptions {
  /** Where {@link STDIN_NAME} is read from. Default: the process's standard input. */
  readonly stdin?: AsyncIterable<Uint8Array | string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A path as names are written: forward slashes, no `./` in front. */
export function slashes(path: string): string {
  return (sep === '/' ? path : path.replaceAll(sep, '/')).replace(/^\.\//, '');
}

/** Types what the file system refuses; anything else passes through. */
export function unreadable(path: string, error: unknown): unknown {
  if (error instanceof SheafError || !(error instanceof Error && 'code' in error)) return error;
  const why = error.code === 'ENOENT' ? 'there is no such file or folder' : error.message;
  return new InputError('UNREADABLE', `${path}: ${why}.`, { file: path }, error);
}

async function readContent(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function lazyFile(path: string, required: boolean): NamedFile {
  return { name: slashes(path), bytes: () => readContent(path), ...(required ? { required } : {}) };
}

/**
 * Lists the files below a folder, sorted by name. Links are followed; `seen` holds the real paths of the folders so far,
 * so that each is listed once however links cross. Hidden folders and node_modules are left out.
 */
async function listFolder(
  folder: string,
  seen: Set<string>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  throwIfAborted(signal);
  const real = await realpath(folder);
  if (seen.has(real)) return [];
  seen.add(real);
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (kind?.isDirectory()) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      files.push(...(await listFolder(path, seen, signal)));
    } else if (kind?.isFile()) files.push(path);
  }
  return files;
}

/** The files below a path: itself, or all files of a folder. Throws InputError with code UNREADABLE. */
export async function filesBelow(
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly isFolder: boolean; readonly files: readonly string[] }> {
  try {
    if (!(await stat(path)).isDirectory()) return { isFolder: false, files: [path] };
    return { isFolder: true, files: await listFolder(path, new Set(), signal) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The verification keys that lie beside a file: they belong to it though they were not named. */
async function keysBeside(path: string): Promise<string[]> {
  const folder = dirname(path);
  const { stem } = parseFileName(basename(path));
  const names = await readdir(folder).catch(() => []);
  const isKey = (name: string): boolean => {
    const parsed = parseFileName(name);
    return parsed.role === 'key' && (parsed.stem === '' || parsed.stem === stem);
  };
  const files = await Promise.all(
    names
      .filter((name) => name !== basename(path) && isKey(name))
      .map(async (name) =>
        (await stat(join(folder, name)).catch(() => undefined))?.isFile() ? [join(folder, name)] : [],
      ),
  );
  return files.flat().sort();
}

/**
 * Lists proofs on disk for readBatch: files, folders with all that lies below them, and `-` for standard input. Contents
 * are read when they are asked for, so folders may hold large files that are no proofs. Names are the paths given, with
 * what lies below them, and forward slashes. A file that is named itself brings along the verification key beside it.
 *
 * Throws InputError with code UNREADABLE for paths that cannot be read.
 */
export async function readPaths(
  paths: readonly string[],
  options: ReadPathsOptions = {},
): Promise<NamedFile[]> {
  const found = new Map<string, NamedFile>();
  const beside: string[] = [];
  for (const path of paths) {
    throwIfAborted(options.signal);
    if (path === STDIN_NAME) {
      const stdin = options.stdin ?? process.stdin;
      found.set(STDIN_NAME, {
        name: STDIN_NAME,
        bytes: async () => new Uint8Array(await buffer(stdin)),
        required: true,
      });
      continue;
    }
    const { isFolder, files } = await filesBelow(path, options.signal);
    for (const file of files) {
      if (!isFolder || !found.has(slashes(file))) found.set(slashes(file), lazyFile(file, !isFolder));
    }
    if (!isFolder) beside.push(...(await keysBeside(path)));
  }
  for (const key of beside) {
    if (!found.has(slashes(key))) found.set(slashes(key), lazyFile(key, false));
  }
  return [...found.values()];
}
