/** Zip and gzip archives, unpacked within bounds so that a small file cannot fill the memory. */

import { EncodingError, InputError, SheafError, throwIfAborted } from '../errors.ts';
import { concatBytes } from '../field/bytes.ts';
import type { ReadBatchLimits, SkippedFile } from './batch.ts';
import { mayHoldProofs } from './file-roles.ts';

const MIB = 2 ** 20;
const DEFAULT_UNPACKED_BYTES = 256 * MIB;
const DEFAULT_FILES = 100_000;
/** An archive in an archive is unpacked, one in that is not. */
const MAX_NESTING = 2;
/** Compressed bytes handed over at a time: at gzip's best ratio they unpack to 16 MiB before the bound is looked at. */
const GZIP_STEP_BYTES = 16 * 1024;

/** A file after unpacking. */
export interface UnpackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What may still be unpacked; shared by all archives of a batch. */
export class UnpackBudget {
  readonly #byteLimit: number;
  readonly #fileLimit: number;
  #bytes = 0;
  #files = 0;

  constructor(limits: ReadBatchLimits = {}) {
    this.#byteLimit = limits.unpackedBytes ?? DEFAULT_UNPACKED_BYTES;
    this.#fileLimit = limits.files ?? DEFAULT_FILES;
  }

  takeBytes(count: number, file: string): void {
    this.#bytes += count;
    if (this.#bytes <= this.#byteLimit) return;
    throw new InputError(
      'INPUT_LIMIT',
      `${file}: the archives unpack to more than ${this.#byteLimit} bytes. Raise limits.unpackedBytes if they are not a bomb, or unpack them yourself.`,
      { file, limit: this.#byteLimit },
    );
  }

  takeFile(file: string): void {
    this.#files += 1;
    if (this.#files <= this.#fileLimit) return;
    throw new InputError(
      'INPUT_LIMIT',
      `${file}: there are more than ${this.#fileLimit} files. Raise limits.files, or read fewer at a time.`,
      { file, limit: this.#fileLimit },
    );
  }
}

function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 &&
    bytes[1] === 0x4b &&
    ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  );
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Loaded when there is an archive: it builds tables as it is loaded, which most callers never need. */
const loadFflate = (): Promise<typeof import('fflate')> => import('fflate');

/** Runs fflate, whose errors are plain ones, and types what it throws. */
function typed<T>(file: string, kind: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof SheafError) throw error;
    throw new EncodingError(
      `${file}: expected a whole ${kind} archive, but it does not unpack (${error instanceof Error ? error.message : String(error)}).`,
      { file },
      error,
    );
  }
}

async function unzip(
  file: UnpackedFile,
  budget: UnpackBudget,
  skipped: SkippedFile[],
): Promise<UnpackedFile[]> {
  const { unzipSync } = await loadFflate();
  const declared = new Map<string, number>();
  const contents = typed(file.name, 'zip', () =>
    unzipSync(file.bytes, {
      filter: ({ name, originalSize }) => {
        const entry = `${file.name}/${name}`;
        if (name.endsWith('/')) return false;
        budget.takeFile(entry);
        if (!mayHoldProofs(name) || name.startsWith('__MACOSX/')) {
          skipped.push({ file: entry, reason: 'not a kind of file that holds proofs' });
          return false;
        }
        budget.takeBytes(originalSize, entry);
        declared.set(name, originalSize);
        return true;
      },
    }),
  );
  return Object.entries(contents).map(([name, bytes]) => {
    const entry = `${file.name}/${name}`;
    if (bytes.length !== declared.get(name)) {
      throw new EncodingError(
        `${entry}: the archive declares ${declared.get(name)} bytes and holds ${bytes.length}; it is damaged.`,
        { file: entry },
      );
    }
    return { name: entry, bytes };
  });
}

async function gunzip(
  file: UnpackedFile,
  budget: UnpackBudget,
  signal: AbortSignal | undefined,
): Promise<UnpackedFile> {
  const { Gunzip } = await loadFflate();
  const parts: Uint8Array[] = [];
  let ended = false;
  const stream = new Gunzip((part, final) => {
    budget.takeBytes(part.length, file.name);
    parts.push(part);
    ended = final;
  });
  typed(file.name, 'gzip', () => {
    for (let offset = 0; offset < file.bytes.length; offset += GZIP_STEP_BYTES) {
      throwIfAborted(signal);
      const end = offset + GZIP_STEP_BYTES;
      stream.push(file.bytes.subarray(offset, end), end >= file.bytes.length);
    }
    if (!ended) throw new Error('cut short');
  });
  return { name: file.name.replace(/\.gz$/i, ''), bytes: concatBytes(...parts) };
}

/**
 * Unpacks a zip or gzip archive, and archives in it once more; other files come back as they are. Throws EncodingError for
 * a damaged archive and InputError with code INPUT_LIMIT past the bounds.
 */
export async function unpack(
  file: UnpackedFile,
  budget: UnpackBudget,
  skipped: SkippedFile[],
  signal?: AbortSignal,
  nesting = 0,
): Promise<UnpackedFile[]> {
  throwIfAborted(signal);
  const inner = isZip(file.bytes)
    ? await unzip(file, budget, skipped)
    : isGzip(file.bytes)
      ? [await gunzip(file, budget, signal)]
      : undefined;
  if (!inner) return [file];
  if (nesting >= MAX_NESTING) {
    throw new EncodingError(
      `${file.name}: archives are nested deeper than ${MAX_NESTING}. Unpack them first.`,
      {
        file: file.name,
      },
    );
  }
  const unpacked: UnpackedFile[] = [];
  for (const entry of inner) unpacked.push(...(await unpack(entry, budget, skipped, signal, nesting + 1)));
  return unpacked;
}
