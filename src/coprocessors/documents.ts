/** Tells what a file is: a key, one member, a list of members, public inputs, a binary proof, or none of these. */

import { ProofFormatError } from '../errors.ts';
import { bytesOfHex } from '../field/hex.ts';
import { type FileName, parseFileName } from './file-roles.ts';
import { looksLikeGnarkBinaryProof } from './gnark-binary.ts';
import { looksLikeGnarkSolidity } from './gnark-solidity.ts';
import { describe, hasAny, isJsonObject, type JsonObject, ownField, parseJson } from './json.ts';
import { COPROCESSORS } from './registry.ts';
import type { UnpackedFile } from './unpack.ts';
import { looksLikeVerificationKey } from './verification-keys.ts';

/** One member of a list, parsed when it is its turn. */
export interface ListItem {
  readonly value: () => unknown;
  /** Line in a file of lines, from 1. */
  readonly line?: number;
}

/** What a file holds. */
export type DocumentContent =
  | { readonly kind: 'key'; readonly source: unknown }
  | { readonly kind: 'member'; readonly member: JsonObject }
  | { readonly kind: 'list'; readonly items: readonly ListItem[]; readonly table: JsonObject }
  | { readonly kind: 'inputs'; readonly inputs: unknown }
  | { readonly kind: 'other'; readonly reason: string };

/** A file with its name taken apart. */
export interface Document {
  readonly file: string;
  readonly name: FileName;
  readonly content: DocumentContent;
}

/** Fields that mark a proof even where no system is recognised, so that a broken one is an error and not passed over. */
const PROOF_FIELDS = ['proof', 'proofs', 'receipt', 'points', 'semaphoreProof'];
const PROTOCOLS = ['groth16', 'plonk', 'fflonk', 'groth', 'pinocchio'];
/** The same for text that does not even parse. */
const PROOF_WORDS = /proof|receipt|pi_a|pi_b|pi_c|"Ar"|"Krs"|seal|journal|publicSignals|publicValues|vkey/i;

/** Whether an object is meant as a proof, be it whole or broken. */
export function looksLikeMember(object: JsonObject): boolean {
  const protocol = ownField(object, 'protocol');
  return (
    COPROCESSORS.some((system) => system.recognises(object)) ||
    hasAny(object, PROOF_FIELDS) ||
    (typeof protocol === 'string' && PROTOCOLS.includes(protocol))
  );
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function other(reason: string): DocumentContent {
  return { kind: 'other', reason };
}

function readObject(object: JsonObject, { role, stem }: FileName): DocumentContent {
  const proofs = ownField(object, 'proofs');
  if (Array.isArray(proofs))
    return { kind: 'list', items: proofs.map((value) => ({ value: () => value })), table: object };
  if (looksLikeVerificationKey(object)) return { kind: 'key', source: object };
  if (looksLikeMember(object)) return { kind: 'member', member: object };
  if (role === 'key' && stem === '') return { kind: 'key', source: object };
  return other(`JSON without the fields of a proof (${describe(object)})`);
}

function readArray(array: readonly unknown[], { role }: FileName): DocumentContent {
  if (array.some(isJsonObject) || (array.length === 0 && role !== 'public')) {
    return { kind: 'list', items: array.map((value) => ({ value: () => value })), table: {} };
  }
  return role === 'public'
    ? { kind: 'inputs', inputs: array }
    : other(`JSON without proofs (${describe(array)} that holds no objects)`);
}

/** Splits lines of JSON objects, or returns undefined for text that is not made of them. */
function splitLines(text: string, extension: string): ListItem[] | undefined {
  const lines = text.split('\n').flatMap((raw, i) => {
    const line = raw.trim();
    return line === '' ? [] : [{ line, number: i + 1 }];
  });
  const isObject = ({ line }: { line: string }): boolean => line.startsWith('{') && line.endsWith('}');
  const asNamed = extension === 'ndjson' || extension === 'jsonl';
  if (!asNamed && !(lines.length > 1 && lines.slice(0, 2).every(isObject))) return undefined;
  return lines.map(({ line, number }) => ({ value: () => parseJson(line, 'Line'), line: number }));
}

function readJsonText(text: string, file: string, name: FileName): DocumentContent {
  const lines = splitLines(text, name.extension);
  if (lines) return { kind: 'list', items: lines, table: {} };
  let value: unknown;
  try {
    value = parseJson(text, 'File');
  } catch (error) {
    if (PROOF_WORDS.test(file) || PROOF_WORDS.test(text)) throw error;
    return other('JSON that does not parse and speaks of no proof');
  }
  if (Array.isArray(value)) return readArray(value, name);
  return isJsonObject(value)
    ? readObject(value, name)
    : other(`JSON without the fields of a proof (${describe(value)})`);
}

function readBinary(bytes: Uint8Array, { role }: FileName): DocumentContent {
  if (role === 'key') return { kind: 'key', source: bytes };
  if (role === 'public') return { kind: 'inputs', inputs: bytes };
  if (role === 'proof') {
    if (looksLikeGnarkBinaryProof(bytes)) return { kind: 'member', member: { proof: bytes } };
    throw new ProofFormatError(
      `Expected JSON or a proof in gnark's binary form (128, 164, 256 or 324 bytes on BN254 and 192, 244, 384 or 484 on BLS12-381, more with commitments), got ${bytes.length} bytes.`,
    );
  }
  return other('neither JSON nor a binary file named proof, public or vk');
}

/** Reads what a file is. Throws ProofFormatError for one that is broken and looks like a proof. */
export function readDocument({ name: file, bytes }: UnpackedFile): Document {
  const name = parseFileName(file);
  const text = decodeText(bytes);
  const content = ((): DocumentContent => {
    if (text === undefined) return readBinary(bytes, name);
    if (/^\s*[{[]/.test(text)) return readJsonText(text, file, name);
    if (looksLikeGnarkSolidity(text)) return { kind: 'key', source: text };
    const digits = text.trim();
    if (name.role !== undefined && /^(?:0x)?(?:[0-9a-fA-F]{2})+$/.test(digits))
      return readBinary(bytesOfHex(digits), name);
    if (name.extension === 'json' || name.extension === 'ndjson' || name.extension === 'jsonl') {
      return readJsonText(text, file, name);
    }
    return readBinary(bytes, name);
  })();
  return { file, name, content };
}
