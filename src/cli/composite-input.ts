/** Reading composites, and telling them from reference strings. */

import { EncodingError } from '../errors.ts';
import { equalBytes, utf8 } from '../field/bytes.ts';
import { readBytes } from './read-bytes.ts';

const SRS_MAGIC = utf8('sheafsrs');

function isSrs(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, SRS_MAGIC.length), SRS_MAGIC);
}

/** Reads a composite's bytes. Throws InputError for a file that cannot be read, EncodingError for a .srs file. */
export async function readComposite(path: string): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  if (isSrs(bytes)) {
    throw new EncodingError(
      `${path}: expected a composite (.sheaf), found a reference string; \`sheaf srs info\` shows what it is.`,
      { file: path, offset: 0, field: 'magic' },
    );
  }
  return bytes;
}
