/** Lines of a reference string in files beside it: derived data that a run may leave for the next one. */

import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { concatBytes, equalBytes, u32le, utf8 } from '../field/bytes.ts';
import type { LineKey, LineStore } from '../recursion/srs/line-store.ts';

/** Options of {@link openLineFiles}. */
export interface LineFilesOptions {
  /** Told why a file could not be written; folding goes on without. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const MAGIC = utf8('sheaf-lines\x01');
const DIGEST_BYTES = 32;

/** Magic, key with its length before it, and SHA-256 over key and tables. The tables follow. */
function head({ srs, form, slots }: LineKey, tables: Uint8Array): Uint8Array {
  const key = utf8(`${srs}/${form}/${slots}`);
  const digest = createHash('sha256').update(key).update(tables).digest();
  return concatBytes(MAGIC, u32le(key.length), key, digest);
}

/** Length of {@link head}. */
function headBytes({ srs, form, slots }: LineKey): number {
  return MAGIC.length + 4 + utf8(`${srs}/${form}/${slots}`).length + DIGEST_BYTES;
}

/**
 * A store in files `<srs file>.<slots>.lines`. A file that is damaged, or of another string or form, is passed over and
 * replaced; files are written beside their place and moved there whole. The checksum tells accidents, not malice: such a file is to
 * be trusted as far as the reference string beside it.
 *
 * @example
 * const lines = openLineFiles('real.srs');
 * const { bytes } = await aggregate(batch, { srs, lines });
 */
export function openLineFiles(srsPath: string, { onError }: LineFilesOptions = {}): LineStore {
  const pathOf = ({ slots }: LineKey): string => `${srsPath}.${slots}.lines`;
  return {
    load: async (key) => {
      // Whatever keeps the file from being read, the lines can be made anew.
      const file = await readFile(pathOf(key)).catch(() => undefined);
      const length = headBytes(key);
      if (!file || file.length < length) return undefined;
      const tables = new Uint8Array(file.buffer, file.byteOffset + length, file.length - length);
      return equalBytes(file.subarray(0, length), head(key, tables)) ? tables : undefined;
    },
    save: async (key, tables) => {
      const path = pathOf(key);
      const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        const handle = await open(temporary, 'wx');
        try {
          await handle.writeFile(head(key, tables));
          await handle.writeFile(tables);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        onError?.(error);
      }
    },
  };
}
