/** Reading reference strings for a command, with the warning that a development string calls for. */

import type { Backend } from '../backend/backend.ts';
import { type BackendChoice, createBackend } from '../backend/create-backend.ts';
import { addContext, EncodingError } from '../errors.ts';
import { openFileSource } from '../node/file-source.ts';
import { openLineFiles } from '../node/line-files.ts';
import type { LineStore } from '../recursion/srs/line-store.ts';
import { INSECURE_WARNING, type Srs, type VerifierSrs } from '../recursion/srs/srs.ts';
import { decodeSrs, decodeVerifierSrs, encodeVerifierSrs, srsFileCurve } from '../recursion/srs/srs-file.ts';
import type { Console } from './console.ts';
import { openBackend } from './open-backend.ts';
import { readBytes } from './read-bytes.ts';
import { fileError } from './report-error.ts';

/** Longer than any head of a .srs file that was not stuffed with notes. */
const HEAD_BYTES = 1 << 16;

/** Warns when the string is one for development. Returns the warnings, for the JSON output. */
export function warnIfInsecure(console: Console, srs: VerifierSrs): string[] {
  if (!srs.insecure) return [];
  console.warn(INSECURE_WARNING);
  return [INSECURE_WARNING];
}

async function inFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw addContext(fileError(error, path), { file: path });
  }
}

/** Where lines of the string are kept when `--cache-lines` is given. */
export function lineCache(
  console: Console,
  path: string,
  cacheLines: boolean | undefined,
): LineStore | undefined {
  if (!cacheLines) return undefined;
  const onError = (error: unknown): void =>
    console.warn(`The lines of ${path} could not be kept: ${error instanceof Error ? error.message : error}`);
  return openLineFiles(path, { onError });
}

/** Reads the string that a prover needs, and makes the backend for its curve. */
export function readSrs(
  path: string,
  choice: BackendChoice | undefined,
): Promise<{ srs: Srs; backend: Backend }> {
  return inFile(path, async () => {
    const bytes = await readBytes(path);
    const backend = await openBackend(srsFileCurve(bytes), choice);
    return { srs: await decodeSrs(bytes, backend), backend };
  });
}

/** The first bytes of a file; all of them when there are no more than `limit`. */
async function readPrefix(path: string, limit: number): Promise<Uint8Array> {
  const source = await openFileSource(path);
  try {
    return await source.read(0, Math.min(source.size, limit));
  } finally {
    await source.close();
  }
}

/** Reads what a verifier needs of a .srs file, which is its head, and makes the backend for its curve. */
export function readVerifierSrs(
  path: string,
  choice: BackendChoice | undefined,
): Promise<{ srs: VerifierSrs; backend: Backend }> {
  const decode = async (bytes: Uint8Array): Promise<{ srs: VerifierSrs; backend: Backend }> => {
    const backend = await openBackend(srsFileCurve(bytes), choice);
    return { srs: await decodeVerifierSrs(bytes, backend), backend };
  };
  return inFile(path, async () => {
    const prefix = await readPrefix(path, HEAD_BYTES);
    try {
      return await decode(prefix);
    } catch (error) {
      // The notes of many contributions can make the head longer than the prefix.
      if (!(error instanceof EncodingError) || prefix.length < HEAD_BYTES) throw error;
      return decode(await readBytes(path));
    }
  });
}

/** Reads a .srs file of either kind with all its checks. `size` is 0 for a file with the verifier's part alone. */
export function readAnySrs(path: string): Promise<{ srs: VerifierSrs; size: number; bytes: number }> {
  return inFile(path, async () => {
    const bytes = await readBytes(path);
    const backend = await createBackend(srsFileCurve(bytes));
    const verifier = await decodeVerifierSrs(bytes, backend);
    if (bytes.length === encodeVerifierSrs(verifier).length) {
      return { srs: verifier, size: 0, bytes: bytes.length };
    }
    const srs = await decodeSrs(bytes, backend);
    return { srs, size: srs.size, bytes: bytes.length };
  });
}
