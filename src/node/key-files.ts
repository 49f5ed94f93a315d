/** Verification keys on disk: what a verifier trusts. */

import { readFile } from 'node:fs/promises';
import { parseFileName } from '../coprocessors/file-roles.ts';
import { atPlace } from '../coprocessors/name-error.ts';
import { builtinKeysNamed } from '../coprocessors/registry.ts';
import { readVerificationKey } from '../coprocessors/verification-keys.ts';
import { ProofFormatError } from '../errors.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { filesBelow, slashes, unreadable } from './files.ts';

/** A key and where it came from. */
export interface NamedKey {
  /** Path with forward slashes, or `builtin:` and the key's name. */
  readonly name: string;
  readonly key: VerificationKey;
}

const BUILTIN_PREFIX = 'builtin:';

async function readKeyFile(path: string): Promise<NamedKey> {
  const name = slashes(path);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    throw unreadable(path, error);
  }
  return { name, key: atPlace({ file: name }, () => readVerificationKey(bytes)) };
}

/** Whether a file below a folder is named as a key; verification_key.source.json and the like say where one came from. */
function isKeyFile(path: string): boolean {
  const { role, stem } = parseFileName(slashes(path));
  return role === 'key' && !stem.split('/').includes('source');
}

/**
 * Collects verification keys: from files in any form that readVerificationKey takes, from folders (every
 * verification_key.json, x.vk.json, vk.bin … below them), and by built-in name (`builtin:risc0`, `builtin:sp1`,
 * `builtin:sp1-v5.0.0`). The same key is listed once.
 *
 * Throws ProofFormatError for a folder without keys and whatever readVerificationKey throws, with the file's name;
 * OptionError for an unknown built-in name; InputError with code UNREADABLE.
 */
export async function readKeys(paths: readonly string[], signal?: AbortSignal): Promise<NamedKey[]> {
  const keys = new Map<string, NamedKey>();
  const add = (named: NamedKey): void => {
    if (!keys.has(named.key.id)) keys.set(named.key.id, named);
  };
  for (const path of paths) {
    if (path.startsWith(BUILTIN_PREFIX)) {
      for (const builtin of builtinKeysNamed(path.slice(BUILTIN_PREFIX.length))) {
        add({ name: `${BUILTIN_PREFIX}${builtin.name}`, key: builtin.key() });
      }
      continue;
    }
    const { isFolder, files } = await filesBelow(path, signal);
    const keyFiles = isFolder ? files.filter(isKeyFile) : files;
    if (keyFiles.length === 0) {
      throw new ProofFormatError(
        `${path}: expected verification keys below the folder (verification_key.json, x.vk.json, vk.bin), found none.`,
        { file: path },
      );
    }
    for (const file of keyFiles) add(await readKeyFile(file));
  }
  return [...keys.values()];
}
