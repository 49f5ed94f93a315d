/** Real proofs for the tests of intake, and the ways to hand them over. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import type { Batch, NamedFile, ReadBatchOptions } from '../../src/coprocessors/batch.ts';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { SheafError } from '../../src/errors.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import type { BatchMember } from '../../src/groth16/proof.ts';
import { backendOf } from '../helpers/backends.ts';

// biome-ignore lint/suspicious/noExplicitAny: files of other projects, taken apart and altered field by field
export type Json = any;

export const SETS = {
  risc0: 'risc0/groth16',
  sp1v4: 'sp1/v4.0.0-rc.3',
  sp1v5: 'sp1/v5.0.0',
  sp1v6: 'sp1/v6.1.0',
  gnarkPlain: 'nebra-upa/vk02-1pub',
  nebra: 'nebra-upa/vk00-4pub',
  bls: 'bls12-381/vk00-1pub-bls12381',
  blsNoInputs: 'bls12-381/vk01-0pub-bls12381',
} as const;

export function readJson(dir: string, path: string): Json {
  return JSON.parse(readFileSync(join(dir, path), 'utf8'));
}

/** The proof files of a set, by name. */
export function proofsOf(dir: string, set: string): Json[] {
  return readdirSync(join(dir, set))
    .filter((name) => name.endsWith('.json') && !name.startsWith('verification_key'))
    .sort()
    .map((name) => readJson(dir, join(set, name)));
}

export function keyOf(dir: string, set: string): Json {
  return readJson(dir, join(set, 'verification_key.json'));
}

/** Every file below a folder, read. */
export function folderFiles(dir: string): NamedFile[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: relative(dir, path), bytes: new Uint8Array(readFileSync(path)) }));
}

/** A file of JSON (or of text, or of bytes). */
export function file(name: string, content: Json): NamedFile {
  if (content instanceof Uint8Array) return { name, bytes: content };
  return {
    name,
    bytes: new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)),
  };
}

/** Reads and verifies. */
export function read(files: readonly NamedFile[], options: ReadBatchOptions = {}): Promise<Batch> {
  return readBatch(files, { backend: backendOf, ...options });
}

/** Reads and verifies one JSON file. */
export async function readOne(member: Json, options: ReadBatchOptions = {}): Promise<BatchMember> {
  const { members } = await read([file('proof.json', member)], options);
  expect(members).toHaveLength(1);
  return members[0] as BatchMember;
}

export function inputsOf(member: BatchMember): string[] {
  return Array.from({ length: member.inputs.length / 32 }, (_, i) =>
    bigintFromBytesLE(member.inputs.subarray(32 * i, 32 * i + 32)).toString(),
  );
}

/** The typed error that an action throws; anything else fails the test. */
export async function refusal(action: () => unknown): Promise<SheafError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SheafError) return error;
    throw error;
  }
  throw new Error('Expected a typed error, but nothing was thrown.');
}

/** A deep copy to alter. */
export function copy<T>(value: T): T {
  return structuredClone(value);
}

/** Flips the lowest bit of the byte at `index` (negative: from the end) of a hexadecimal string. */
export function flipByte(hex: string, index: number): string {
  const at = 2 * (index < 0 ? hex.length / 2 + index : index);
  const byte = Number.parseInt(hex.slice(at, at + 2), 16) ^ 1;
  return hex.slice(0, at) + byte.toString(16).padStart(2, '0') + hex.slice(at + 2);
}
