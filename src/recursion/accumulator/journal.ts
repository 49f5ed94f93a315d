/**
 * The accumulator's journal: a header record, then one record per key and per proof, each
 *
 *     length of payload u32le · payload · SHA-256(previous record's hash ‖ payload)
 *
 * so that a record cannot be changed, dropped or moved unnoticed, while a half-written one at the end (all that a crash can
 * leave) is recognised and cut off. Payloads:
 *
 *     header   "sheafacc" · version u8 = 1 · curve u8 · log2 capacity u8 · SRS digest 32 B
 *     key      1 u8 · canonical key
 *     proof    2 u8 · slot u32le · key index u32le · system (u32le length, UTF-8) · origin JSON (u32le length, UTF-8)
 *              · A, B, C in memory form · public inputs · running commitments (4 Fp12)
 */

import { sha256 } from '@noble/hashes/sha2.js';
import type { Curve } from '../../curve/curve.ts';
import { SheafError, StoreError } from '../../errors.ts';
import { ByteReader, block } from '../../field/byte-reader.ts';
import { concatBytes, equalBytes, u32le, utf8 } from '../../field/bytes.ts';
import { checkAtOnce, type PointChecks } from '../../groth16/point-checks.ts';
import { type BatchMember, createMember, createProof } from '../../groth16/proof.ts';
import { readInputs } from '../../groth16/public-input-sums.ts';
import { decodeVerificationKey, type VerificationKey } from '../../groth16/verification-key.ts';

/** What an accumulator is bound to. */
export interface JournalHeader {
  readonly curve: Curve;
  readonly capacity: number;
  readonly srsDigest: Uint8Array;
}

/** One acknowledged proof. */
export interface JournalEntry {
  readonly slot: number;
  readonly member: BatchMember;
  /** Running commitments after this proof: four Miller-loop products in memory form. */
  readonly commitments: Uint8Array;
}

/** What a journal holds. */
export interface JournalContents {
  readonly entries: JournalEntry[];
  readonly keys: VerificationKey[];
  /** Bytes of whole records, and bytes of a half-written one behind them. */
  readonly wholeBytes: number;
  readonly tornBytes: number;
  /** Hash that the next record is chained to. */
  readonly hash: Uint8Array;
}

const MAGIC = utf8('sheafacc');
const HASH_BYTES = 32;
const NO_HASH: Uint8Array = new Uint8Array(HASH_BYTES);
const VERSION = 1;
const KEY = 1;
const PROOF = 2;

function record(previous: Uint8Array, payload: Uint8Array): { bytes: Uint8Array; hash: Uint8Array } {
  const hash = sha256(concatBytes(previous, payload));
  return { bytes: concatBytes(u32le(payload.length), payload, hash), hash };
}

function headerPayload({ curve, capacity, srsDigest }: JournalHeader): Uint8Array {
  return concatBytes(MAGIC, Uint8Array.of(VERSION, curve.id, Math.log2(capacity)), srsDigest);
}

/** Writes records, each chained to the one before. */
export class JournalWriter {
  #hash: Uint8Array;

  constructor(hash: Uint8Array = NO_HASH) {
    this.#hash = hash;
  }

  #chain(payloads: readonly Uint8Array[]): { bytes: Uint8Array; commit: () => void } {
    let hash = this.#hash;
    const parts = payloads.map((payload) => {
      const next = record(hash, payload);
      hash = next.hash;
      return next.bytes;
    });
    return {
      bytes: concatBytes(...parts),
      commit: () => {
        this.#hash = hash;
      },
    };
  }

  /** First record of a new journal. Call `commit` once its bytes are stored. */
  header(header: JournalHeader): { bytes: Uint8Array; commit: () => void } {
    return this.#chain([headerPayload(header)]);
  }

  /** A proof, preceded by its key when that is new. Call `commit` once its bytes are stored. */
  proof(
    entry: JournalEntry,
    keyIndex: number,
    newKey: VerificationKey | undefined,
  ): { bytes: Uint8Array; commit: () => void } {
    const { member, slot, commitments } = entry;
    const { proof, inputs, system, origin } = member;
    const payload = concatBytes(
      Uint8Array.of(PROOF),
      u32le(slot),
      u32le(keyIndex),
      block(utf8(system)),
      block(utf8(JSON.stringify(origin))),
      proof.a,
      proof.b,
      proof.c,
      inputs,
      commitments,
    );
    return this.#chain(newKey ? [concatBytes(Uint8Array.of(KEY), newKey.encoded), payload] : [payload]);
  }
}

function readOrigin(reader: ByteReader): BatchMember['origin'] {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(reader.block('origin')));
  const { file, index } = (parsed ?? {}) as { file?: unknown; index?: unknown };
  return {
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof index === 'number' ? { index } : {}),
  };
}

function readProof(
  curve: Curve,
  reader: ByteReader,
  keys: readonly VerificationKey[],
  checks: PointChecks,
): JournalEntry {
  const slot = reader.u32('slot');
  const key = keys[reader.u32('key index')];
  if (!key) return reader.fail('names a key that was not recorded', 'key index');
  const system = new TextDecoder().decode(reader.block('system'));
  const origin = readOrigin(reader);
  const a = reader.take(curve.g1Bytes, 'A');
  const b = reader.take(curve.g2Bytes, 'B');
  const c = reader.take(curve.g1Bytes, 'C');
  const inputs = readInputs(reader.take(key.inputCount * curve.frBytes, 'public inputs'));
  const commitments = reader.take(4 * curve.gtBytes, 'commitments').slice();
  reader.end();
  return {
    slot,
    member: createMember(key, createProof(curve, { a, b, c }, {}, checks), inputs, system, origin),
    commitments,
  };
}

/** What the first bytes of a log say it is. */
export interface JournalHead {
  /** Whether the log is, or begins like, a journal; an empty log does. */
  readonly isJournal: boolean;
  /** Slots that it was begun with, where the header is whole. */
  readonly capacity: number | undefined;
}

/** Bytes of a log that {@link readJournalHead} looks at. */
export const JOURNAL_HEAD_BYTES: number = 4 + MAGIC.length + 3;

/** Reads the head of a log, of which a crash may have left any part. */
export function readJournalHead(log: Uint8Array): JournalHead {
  const expected = concatBytes(u32le(MAGIC.length + 3 + HASH_BYTES), MAGIC, Uint8Array.of(VERSION));
  const log2 = log[JOURNAL_HEAD_BYTES - 1];
  const isJournal = equalBytes(log.subarray(0, expected.length), expected.subarray(0, log.length));
  return { isJournal, capacity: isJournal && log2 !== undefined ? 2 ** log2 : undefined };
}

/**
 * Whether some record that follows `previous` begins at `offset`, whatever length stands before it: then the length is
 * damaged, and the log is not merely cut short there.
 */
function holdsRecord(log: Uint8Array, offset: number, previous: Uint8Array): boolean {
  const running = sha256.create().update(previous);
  for (let end = offset + 4; end + HASH_BYTES <= log.length; end++) {
    if (equalBytes(running.clone().digest(), log.subarray(end, end + HASH_BYTES))) return true;
    running.update(log.subarray(end, end + 1));
  }
  return false;
}

/** The whole records of a log, in order, up to a half-written one. Throws {@link StoreError} for a damaged one. */
function* wholeRecords(log: Uint8Array): Generator<{ payload: Uint8Array; end: number; hash: Uint8Array }> {
  let offset = 0;
  let previous: Uint8Array = NO_HASH;
  while (log.length - offset >= 4) {
    const length = new DataView(log.buffer, log.byteOffset + offset, 4).getUint32(0, true);
    const end = offset + 4 + length + HASH_BYTES;
    const payload = log.subarray(offset + 4, offset + 4 + length);
    const hash = sha256(concatBytes(previous, payload));
    if (end > log.length || !equalBytes(hash, log.subarray(end - HASH_BYTES, end))) {
      // A crash can leave a part of the last record, its full length with bytes not yet written, or a tail of zeros.
      const torn = end >= log.length || log.subarray(offset).every((byte) => byte === 0);
      if (torn && !holdsRecord(log, offset, previous)) return;
      throw new StoreError(
        `Accumulator journal: the record at byte ${offset} is damaged. Restore the file from a copy.`,
        { offset },
      );
    }
    yield { payload, end, hash };
    offset = end;
    previous = hash;
  }
}

/** Types what is wrong with the record that ends at `end`. */
function inRecord<T>(end: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SheafError) && !(error instanceof SyntaxError)) throw error;
    throw new StoreError(
      `Accumulator journal: the record before byte ${end} cannot be read.`,
      { offset: end },
      error,
    );
  }
}

/**
 * Reads a journal back. Every point and input is checked again, points of proofs where `checks` says. Throws {@link StoreError}
 * when it belongs to another accumulator or is damaged before its end.
 */
export function readJournal(
  log: Uint8Array,
  expected: JournalHeader,
  checks: PointChecks = checkAtOnce,
): JournalContents {
  // Without this, a file of another kind would pass for a journal torn at its first record, and be cut to nothing.
  if (!readJournalHead(log).isJournal && log.some((byte) => byte !== 0)) {
    throw new StoreError(
      'This is not the journal of an accumulator, and is left alone. Name a new file or a journal.',
    );
  }
  const entries: JournalEntry[] = [];
  const keys: VerificationKey[] = [];
  let wholeBytes = 0;
  let hash: Uint8Array = NO_HASH;
  for (const { payload, end, hash: own } of wholeRecords(log)) {
    if (wholeBytes === 0) {
      if (!equalBytes(payload, headerPayload(expected))) {
        throw new StoreError(
          'The journal belongs to another accumulator: curve, capacity and reference string must be those it was begun with.',
        );
      }
    } else {
      checks.within(
        (action) => inRecord(end, action),
        () => {
          if (payload[0] === KEY) {
            keys.push(decodeVerificationKey(payload.subarray(1)));
            return;
          }
          const reader = new ByteReader(payload, 'Accumulator journal');
          if (reader.u8('record type') !== PROOF) reader.fail('unknown record type', 'record type');
          entries.push(readProof(expected.curve, reader, keys, checks));
        },
      );
    }
    wholeBytes = end;
    hash = own;
  }
  return { entries, keys, wholeBytes, tornBytes: log.length - wholeBytes, hash };
}
