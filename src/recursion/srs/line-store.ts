/**
 * Lines of a reference string's G2 powers, kept between runs. They are the same for every fold under the string with as many slots,
 * and they are derived data: whoever can alter them can make folds fail, which the check of each composite by its maker notices.
 */

import type { Backend, G2Vector, OperationOptions } from '../../backend/backend.ts';
import { MemoryLimitError } from '../../errors.ts';
import { concatBytes } from '../../field/bytes.ts';
import type { Srs } from './srs.ts';

/** What tables are of. Tables of any other key are of no use. */
export interface LineKey {
  /** Digest of the reference string, in hexadecimal. */
  readonly srs: string;
  /** Form of the bytes, see LineTables.form. */
  readonly form: string;
  /** Slots N: lines of the first N powers of both strings. */
  readonly slots: number;
}

/** Keeps tables. A store may forget them at any time; what it gives back must be what was saved under the key, to the byte. */
export interface LineStore {
  load(key: LineKey): Promise<Uint8Array | undefined>;
  save(key: LineKey, tables: Uint8Array): Promise<void>;
}

/** A store in memory, for a process that folds again and again: about 14 KB on BN254 and 18 KB on BLS12-381 a power. */
export function createMemoryLineStore(): LineStore {
  const tables = new Map<string, Uint8Array>();
  const name = ({ srs, form, slots }: LineKey): string => `${srs}/${form}/${slots}`;
  return {
    load: async (key) => tables.get(name(key)),
    save: async (key, bytes) => {
      tables.set(name(key), bytes);
    },
  };
}

/**
 * Gives the vectors of both strings' first powers their lines: from the store, or made now and saved there. Where there is no room for
 * them they stay away, and each Miller loop makes its own.
 */
export async function attachLines(
  backend: Backend,
  srs: Srs,
  vectors: readonly [G2Vector, G2Vector],
  store: LineStore,
  options: OperationOptions = {},
): Promise<void> {
  const { lines } = backend;
  if (!lines) return;
  const [first, second] = vectors;
  const key: LineKey = { srs: srs.id, form: lines.form, slots: first.length };
  const half = lines.byteLength(first.length);
  const saved = await store.load(key);
  try {
    if (saved?.length === 2 * half) {
      await lines.load(first, saved.subarray(0, half));
      await lines.load(second, saved.subarray(half));
      return;
    }
    for (const vector of vectors) await lines.prepare(vector, { signal: options.signal });
  } catch (error) {
    if (!(error instanceof MemoryLimitError)) throw error;
    for (const vector of vectors) await lines.drop(vector);
    return;
  }
  await store.save(key, concatBytes(await lines.save(first), await lines.save(second)));
}
