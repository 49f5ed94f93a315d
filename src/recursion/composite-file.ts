/**
 * The .sheaf file: magic "sheaf", container version u8 = 1, scheme name (u8 length, ASCII), then
 *
 *     curve u8 · log2 capacity u8 · number of proofs u32le · number of keys u32le · SRS digest 32 B · context (u32le length, bytes)
 *     per key:   digest 32 B · number of inputs u32le · system (u8 length, ASCII) · carried key (u32le length, canonical bytes; 0 if none)
 *     per proof: index of its key u32le
 *     per proof: its public inputs, 32 B big-endian each
 *     proof bytes of the scheme, to the end of the file
 *
 * One composite has one encoding; anything else is an error that names the byte.
 */

import { type Curve, curveById } from '../curve/curve.ts';
import { ByteReader, block } from '../field/byte-reader.ts';
import {
  concatBytes,
  copyBytes,
  equalBytes,
  joinBytes,
  u32le,
  u32leList,
  utf8,
  writeBigintBE,
} from '../field/bytes.ts';
import { isSystemName } from '../groth16/proof.ts';
import { isEncodedKeyFor, type VerificationKey, verificationKeyDigest } from '../groth16/verification-key.ts';
import { MAX_SIZE_LOG2 } from './srs/size.ts';
import { MAX_CONTEXT_BYTES, type Statement, type StatementKey } from './statement.ts';

/**
 * A key as a file carries it: what its digest in the statement names, with its points not looked at yet. decodeVerificationKey
 * reads it, for those who trust it.
 */
export type CarriedKey = Pick<VerificationKey, 'encoded'>;

/** A parsed composite. Parsing proves nothing; see verify.ts. */
export interface Composite {
  /** Name of the scheme that the proof bytes follow. */
  readonly scheme: string;
  readonly statement: Statement;
  /** Keys carried in the file, where they are; shown, and never trusted by default. */
  readonly carriedKeys: readonly (CarriedKey | undefined)[];
  /** Proof bytes of the scheme. */
  readonly proof: Uint8Array;
}

const MAGIC = utf8('sheaf');
const VERSION = 1;
const SCHEME_NAME = /^[a-z0-9-]{1,32}$/;

function shortText(text: string): Uint8Array {
  const bytes = utf8(text);
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

const SCALAR_BYTES = 32;

/** Scalars from big- to little-endian or back. */
function reverseScalars(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const [from, to] = [new DataView(bytes.buffer, bytes.byteOffset, bytes.length), new DataView(out.buffer)];
  // The words of a scalar change places, and so do the bytes of each.
  for (let at = 0; at < bytes.length; at += 8) {
    to.setBigUint64(at ^ (SCALAR_BYTES - 8), from.getBigUint64(at, true), false);
  }
  return out;
}

/** Whether the big-endian scalar at an offset is below a bound: composites hold thousands, and integers of them are not needed. */
function isBelow(bytes: Uint8Array, offset: number, bound: Uint8Array): boolean {
  for (let i = 0; i < SCALAR_BYTES; i++) {
    const difference = (bytes[offset + i] as number) - (bound[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The one encoding of a composite. */
export function encodeComposite(composite: Composite): Uint8Array {
  const { statement, scheme, carriedKeys, proof } = composite;
  const { curve, capacity, keys, keyOf, inputs, srsDigest, context } = statement;
  return joinBytes([
    MAGIC,
    Uint8Array.of(VERSION),
    shortText(scheme),
    Uint8Array.of(curve.id, Math.log2(capacity)),
    u32le(keyOf.length),
    u32le(keys.length),
    srsDigest,
    block(context),
    ...keys.map(({ digest, inputCount, system }, k) =>
      concatBytes(
        digest,
        u32le(inputCount),
        shortText(system),
        block(carriedKeys[k]?.encoded ?? new Uint8Array(0)),
      ),
    ),
    u32leList(keyOf),
    joinBytes(inputs.map(reverseScalars)),
    proof,
  ]);
}

/** True when the bytes begin like a .sheaf file of a version that this one reads. */
export function isComposite(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, MAGIC.length + 1), concatBytes(MAGIC, Uint8Array.of(VERSION)));
}

function readText(reader: ByteReader, field: string, isValid: (text: string) => boolean): string {
  const bytes = reader.take(reader.u8(`${field} length`), field);
  const text = String.fromCharCode(...bytes);
  return isValid(text) ? text : reader.fail(`${field} is not a name of the allowed form`, field);
}

function readKeys(
  reader: ByteReader,
  count: number,
  curve: Curve,
): { keys: StatementKey[]; carriedKeys: (CarriedKey | undefined)[] } {
  const keys: StatementKey[] = [];
  const carriedKeys: (CarriedKey | undefined)[] = [];
  for (let k = 0; k < count; k++) {
    const digest = reader.take(32, `key ${k}, digest`).slice();
    if (keys.some((key) => equalBytes(key.digest, digest)))
      reader.fail(`key ${k} is listed twice`, 'key digest');
    const inputCount = reader.u32(`key ${k}, input count`);
    const system = readText(reader, `key ${k}, system`, isSystemName);
    const carried = copyBytes(reader.block(`key ${k}, carried key`));
    const isNamed =
      equalBytes(verificationKeyDigest(carried), digest) && isEncodedKeyFor(carried, curve, inputCount);
    if (carried.length > 0 && !isNamed) {
      reader.fail(`key ${k}, as carried, is not the one its digest names`, 'carried key');
    }
    keys.push({ digest, inputCount, system });
    carriedKeys.push(carried.length === 0 ? undefined : { encoded: carried });
  }
  return { keys, carriedKeys };
}

/** Indices of keys per proof; keys must be used in the order in which they stand, and all of them. */
function readKeyMap(reader: ByteReader, count: number, keyCount: number): number[] {
  let used = 0;
  const map = reader.take(4 * count, 'key map');
  const view = new DataView(map.buffer, map.byteOffset, map.length);
  const keyOf = Array.from({ length: count }, (_, i) => {
    const k = view.getUint32(4 * i, true);
    if (k >= keyCount) reader.fail(`proof ${i} names key ${k} of ${keyCount}`, 'key map');
    if (k > used)
      reader.fail(`key ${used} is not used before key ${k}; keys stand in order of first use`, 'key map');
    if (k === used) used++;
    return k;
  });
  if (used !== keyCount) reader.fail(`key ${used} is not used by any proof`, 'key map');
  return keyOf;
}

/**
 * Reads a composite. Throws EncodingError, which says which byte and why, for anything but the one encoding of a
 * well-formed statement; the scheme checks the proof bytes.
 */
export function decodeComposite(bytes: Uint8Array): Composite {
  const reader = new ByteReader(bytes, 'Composite');
  if (!equalBytes(reader.take(MAGIC.length, 'magic'), MAGIC))
    reader.fail('not a composite proof file (magic "sheaf")', 'magic');
  const version = reader.u8('version');
  if (version !== VERSION)
    reader.fail(`container version ${version} is not known; expected ${VERSION}`, 'version');
  const scheme = readText(reader, 'scheme', (text) => SCHEME_NAME.test(text));
  const curveId = reader.u8('curve');
  const curve = curveById(curveId);
  if (!curve) return reader.fail(`curve ${curveId} is not known`, 'curve');
  const rounds = reader.u8('capacity');
  if (rounds > MAX_SIZE_LOG2)
    reader.fail(`capacity 2^${rounds} is larger than 2^${MAX_SIZE_LOG2}`, 'capacity');
  const capacity = 2 ** rounds;
  const count = reader.u32('number of proofs');
  if (count < 1 || count > capacity) reader.fail(`${count} proofs in ${capacity} slots`, 'number of proofs');
  const keyCount = reader.u32('number of keys');
  if (keyCount < 1 || keyCount > count) reader.fail(`${keyCount} keys for ${count} proofs`, 'number of keys');
  const srsDigest = reader.take(32, 'SRS digest').slice();
  const context = reader.block('context').slice();
  if (context.length > MAX_CONTEXT_BYTES)
    reader.fail(`context of more than ${MAX_CONTEXT_BYTES} bytes`, 'context');
  const { keys, carriedKeys } = readKeys(reader, keyCount, curve);
  const keyOf = readKeyMap(reader, count, keyCount);
  const order = new Uint8Array(SCALAR_BYTES);
  writeBigintBE(curve.order, order, 0, SCALAR_BYTES);
  const inputs = keyOf.map((k, i) => {
    const length = SCALAR_BYTES * (keys[k] as StatementKey).inputCount;
    const encoded = reader.take(length, `proof ${i}, public inputs`);
    for (let offset = 0; offset < length; offset += SCALAR_BYTES) {
      if (!isBelow(encoded, offset, order)) {
        const j = offset / SCALAR_BYTES;
        reader.fail(`proof ${i}, public input ${j} is not below the group order`, 'public inputs');
      }
    }
    return reverseScalars(encoded);
  });
  const proof = reader.take(reader.remaining, 'proof').slice();
  return {
    scheme,
    statement: { curve, capacity, srsDigest, keys, keyOf, inputs, context },
    carriedKeys,
    proof,
  };
}
