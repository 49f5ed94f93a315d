/** Files as snarkjs' functions take them: a path, a URL, bytes, a Blob, or an object of its file layer. */

import { OptionError } from '../../errors.ts';
import {
  blobSource,
  bytesSource,
  handleSource,
  type OpenSource,
  type ReadableHandle,
} from '../../field/byte-source.ts';
import { nodeBuiltin } from '../../wasm/pool/index.ts';

/**
 * A file: its bytes; a Blob; `{ type: 'mem', data }` or `{ type: 'file', fileName }` as snarkjs' file layer has them; a URL; or a
 * string, which is a path in Node and a URL elsewhere (`http:`, `https:`, `blob:` and `data:` are URLs everywhere).
 */
export type FileArgument =
  | string
  | URL
  | Uint8Array
  | Blob
  | { readonly type: 'mem'; readonly data?: Uint8Array | undefined }
  | { readonly type: 'file'; readonly fileName: string };

/** Whether a file's bytes are the caller's own memory, of which views are read. */
export function isCallersMemory(file: FileArgument): boolean {
  return file instanceof Uint8Array || (typeof file === 'object' && 'type' in file && file.type === 'mem');
}

type OpenFile = (path: string, flags: string) => Promise<ReadableHandle>;

const URL_START = /^(https?|blob|data):/i;

function unclosed(source: ReturnType<typeof bytesSource>): OpenSource {
  return { ...source, close: async () => {} };
}

async function fetchSource(url: string, name: string, signal: AbortSignal | undefined): Promise<OpenSource> {
  const response = await fetch(url, signal === undefined ? {} : { signal });
  if (!response.ok) {
    throw new OptionError(`${name}: expected a file at this URL, got status ${response.status}.`, {
      file: name,
    });
  }
  return unclosed(bytesSource(name, new Uint8Array(await response.arrayBuffer())));
}

async function openPath(path: string): Promise<OpenSource> {
  const { open } = nodeBuiltin<{ open: OpenFile }>('node:fs/promises') as { open: OpenFile };
  let handle: ReadableHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    throw new OptionError(
      `${path}: cannot be opened (${String(code ?? error)}). Give the path of a readable file.`,
      {
        file: path,
        reason: code,
      },
    );
  }
  try {
    return await handleSource(path, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens a file for reading by ranges; close it when done. `what` names it in messages where it has no name of its own.
 * Throws {@link OptionError} for what is no file or cannot be opened.
 */
export async function openFile(file: FileArgument, what: string, signal?: AbortSignal): Promise<OpenSource> {
  if (file instanceof Uint8Array) return unclosed(bytesSource(what, file));
  if (file instanceof Blob) {
    const name = 'name' in file && typeof file.name === 'string' ? file.name : what;
    return unclosed(blobSource(name, file));
  }
  if (file instanceof URL) {
    if (file.protocol !== 'file:') return fetchSource(file.href, file.href, signal);
    const { fileURLToPath } = nodeBuiltin<{ fileURLToPath: (url: URL) => string }>('node:url') ?? {};
    if (fileURLToPath) return openPath(fileURLToPath(file));
  }
  if (typeof file === 'string') {
    if (URL_START.test(file) || nodeBuiltin('node:fs/promises') === undefined) {
      return fetchSource(file, file.length > 200 ? what : file, signal);
    }
    return openPath(file);
  }
  if (typeof file === 'object' && file !== null && 'type' in file) {
    if (file.type === 'mem' && file.data instanceof Uint8Array) return unclosed(bytesSource(what, file.data));
    if (file.type === 'file' && typeof file.fileName === 'string')
      return openFile(file.fileName, what, signal);
  }
  throw new OptionError(
    `${what}: expected a path, URL, Uint8Array, Blob or { type: 'mem', data }, got ${file === null ? 'null' : typeof file}.`,
    { field: what },
  );
}

/** Opens a file, hands it to `action`, and closes it. */
export async function withFile<T>(
  file: FileArgument,
  what: string,
  signal: AbortSignal | undefined,
  action: (source: OpenSource) => Promise<T>,
): Promise<T> {
  const source = await openFile(file, what, signal);
  try {
    return await action(source);
  } finally {
    await source.close();
  }
}
