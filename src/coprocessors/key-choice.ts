/** Which verification key a member is read under. */

import { ProofFormatError } from '../errors.ts';
import { equalBytes } from '../field/bytes.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import type { Document } from './documents.ts';
import { foldersUpwards } from './file-roles.ts';
import { isJsonObject, type JsonObject, jsonText, ownField, pick } from './json.ts';
import { atPlace } from './name-error.ts';
import { readVerificationKey } from './verification-keys.ts';

/** Fields of a member that hold its key. */
const KEY_FIELDS = ['verificationKey', 'verification_key', 'vk', 'vkey', 'key'];

/** No key is shorter than this in hexadecimal or JSON. */
const MIN_KEY_TEXT = 256;

/** Keys are many bytes and few: each is read once, and equal ones become one object. */
export class KeyReader {
  readonly #bySource = new Map<unknown, VerificationKey>();
  readonly #byId = new Map<string, VerificationKey>();

  read(source: unknown): VerificationKey {
    const name = isJsonObject(source) && !(source.encoded instanceof Uint8Array) ? jsonText(source) : source;
    let key = this.#bySource.get(name);
    if (!key) {
      const fresh = readVerificationKey(source);
      key = this.#byId.get(fresh.id) ?? fresh;
      this.#byId.set(key.id, key);
      this.#bySource.set(name, key);
    }
    return key;
  }
}

/** The key files of a batch, by folder, and by folder and stem. */
export class KeyFiles {
  readonly #reader: KeyReader;
  readonly #byFolder = new Map<string, Document[]>();
  readonly #byStem = new Map<string, Document>();
  readonly #used = new Set<Document>();

  constructor(documents: readonly Document[], reader: KeyReader) {
    this.#reader = reader;
    for (const document of documents) {
      if (document.content.kind !== 'key') continue;
      const { folder, role, stem } = document.name;
      if (role === 'key' && stem === '') {
        this.#byFolder.set(folder, [...(this.#byFolder.get(folder) ?? []), document]);
      } else if (role === 'key') this.#byStem.set(`${folder}/${stem}`, document);
    }
  }

  #read(document: Document): VerificationKey {
    this.#used.add(document);
    const { content, file } = document;
    return atPlace({ file }, () => this.#reader.read(content.kind === 'key' ? content.source : undefined));
  }

  /** The key in the folder itself; several key files there must hold the same one. */
  #inFolder(folder: string): VerificationKey | undefined {
    const documents = this.#byFolder.get(folder) ?? [];
    const [first, ...others] = documents.map((document) => this.#read(document));
    if (first && others.some((key) => !equalBytes(key.digest, first.digest))) {
      throw new ProofFormatError(
        `There are different verification keys beside it: ${documents.map(({ file }) => file).join(', ')}. Keep one per folder, or name them like the proofs (x.vk.json beside x.proof.json).`,
        { field: 'verificationKey' },
      );
    }
    return first;
  }

  /** The key for a proof file: of the same stem beside it, or of the nearest folder that has one. */
  find({ folder, stem }: { readonly folder: string; readonly stem: string }): VerificationKey | undefined {
    const own = this.#byStem.get(`${folder}/${stem}`);
    if (own) return this.#read(own);
    for (const above of foldersUpwards(folder)) {
      const key = this.#inFolder(above);
      if (key) return key;
    }
    return undefined;
  }

  /** Whether a key file served any proof. */
  isUsed(document: Document): boolean {
    return this.#used.has(document);
  }
}

/** Finds a key in a table by name. */
function fromTable(name: string, keys: unknown, reader: KeyReader): VerificationKey {
  const entry = isJsonObject(keys) ? ownField(keys, name) : undefined;
  if (entry !== undefined) return reader.read(entry);
  const names = isJsonObject(keys) ? Object.keys(keys) : [];
  throw new ProofFormatError(
    `The member names the key "${name}", and ${names.length === 0 ? 'the file has no "keys"' : `"keys" holds ${names.join(', ')}`}.`,
    { field: 'key' },
  );
}

/** Whether a field's value is a key: an object, or text long enough for one. Shorter text names programs and the like. */
function isKeyValue(value: unknown): boolean {
  return isJsonObject(value) || (typeof value === 'string' && value.length >= MIN_KEY_TEXT);
}

/**
 * The key that comes with a member or its list: in a field of its own, by name in the list's `keys`, one for the whole
 * list, or the table's only one.
 */
export function keyInFile(
  member: JsonObject,
  table: JsonObject,
  reader: KeyReader,
): VerificationKey | undefined {
  const keys = ownField(table, 'keys');
  const reference = ownField(member, 'key');
  if (typeof reference === 'string') return fromTable(reference, keys, reader);
  for (const object of [member, table]) {
    const own = pick(
      object,
      KEY_FIELDS.filter((name) => isKeyValue(ownField(object, name))),
    );
    if (own) return reader.read(own.value);
  }
  if (isJsonObject(keys) && Object.keys(keys).length === 1)
    return fromTable(Object.keys(keys)[0] as string, keys, reader);
  return undefined;
}
