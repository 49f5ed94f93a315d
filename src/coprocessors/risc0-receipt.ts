/**
 * RISC Zero Groth16 receipts as they are handed out: a flat object {seal, imageId, journal, …} as contracts and Bonsai's
 * users keep it, and the JSON that Rust's serde writes of `risc0_zkvm::Receipt`. Both become the same few digests.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { type ErrorContext, ProofFormatError, UnsupportedProofError } from '../errors.ts';
import { equalBytes, isZeroBytes, toHex } from '../field/bytes.ts';
import { readBytes, readDigest } from './bytes-field.ts';
import { describe, isJsonObject, type JsonObject, ownField, pick, readInteger } from './json.ts';
import { claimDigest, HALTED_OK, outputDigest, type Risc0Exit, systemStateDigest } from './risc0-claim.ts';
import { taggedList, taggedStruct, ZERO_DIGEST } from './risc0-digest.ts';

const WHAT = 'RISC Zero receipt';

/** What a receipt says, before the parameters are looked up. */
export interface Risc0Statement {
  /** The seal without selector, 256 bytes. */
  readonly proof: Uint8Array;
  /** Names of the parameter set: selectors (4 bytes) and digests (32 bytes) that the receipt gives, with their fields. */
  readonly names: readonly { readonly field: string; readonly bytes: Uint8Array }[];
  /** Digest of the claim, recomputed wherever its parts are known. */
  readonly claim: Uint8Array;
  /** How the run ended; undefined when only the claim's digest is known. */
  readonly exit: Risc0Exit | undefined;
}

const SEAL_BYTES = 256;
const SELECTOR_BYTES = 4;

function splitSeal(
  value: unknown,
  context: ErrorContext,
): { proof: Uint8Array; selector: Uint8Array | undefined } {
  const seal = readBytes(value, `${WHAT}, seal`, { ...context, field: 'seal' });
  if (seal.length === SEAL_BYTES) return { proof: seal, selector: undefined };
  if (seal.length === SEAL_BYTES + SELECTOR_BYTES) {
    return { proof: seal.subarray(SELECTOR_BYTES), selector: seal.subarray(0, SELECTOR_BYTES) };
  }
  throw new ProofFormatError(
    `${WHAT}: expected a seal of ${SEAL_BYTES} bytes, or ${SEAL_BYTES + SELECTOR_BYTES} with its selector, got ${seal.length}. Other seals are no Groth16 proofs; compress the receipt to Groth16 first.`,
    { ...context, field: 'seal' },
  );
}

function readWord(value: unknown, what: string, context: ErrorContext): number {
  const word = readInteger(value, what, context);
  if (word >= 2n ** 32n)
    throw new ProofFormatError(`${what}: expected a number below 2^32, got ${word}.`, context);
  return Number(word);
}

/** An exit code: the guest's code of a halted run, {system, user}, or serde's {"Halted": 0}. */
function readExit(value: unknown, context: ErrorContext): Risc0Exit {
  const at = { ...context, field: 'exitCode' };
  const what = `${WHAT}, exit code`;
  if (isJsonObject(value)) {
    const halted = ownField(value, 'Halted');
    const paused = ownField(value, 'Paused');
    if (halted !== undefined) return { system: 0, user: readWord(halted, what, at) };
    if (paused !== undefined) return { system: 1, user: readWord(paused, what, at) };
    const system = ownField(value, 'system');
    if (system !== undefined) {
      return { system: readWord(system, what, at), user: readWord(ownField(value, 'user') ?? 0, what, at) };
    }
  } else if (value === 'SystemSplit') return { system: 2, user: 0 };
  else if (value === 'SessionLimit') return { system: 2, user: 2 };
  else if (typeof value === 'number' || typeof value === 'string')
    return { system: 0, user: readWord(value, what, at) };
  throw new ProofFormatError(
    `${what}: expected a number, {"system", "user"} or {"Halted": 0}, got ${describe(value)}.`,
    at,
  );
}

/** Refuses where a digest that the receipt states is not the one that follows from its parts. */
function requireDigest(
  stated: Uint8Array,
  recomputed: Uint8Array,
  field: string,
  of: string,
  context: ErrorContext,
): void {
  if (equalBytes(stated, recomputed)) return;
  throw new ProofFormatError(
    `${WHAT}: ${field} is ${toHex(stated)}, but ${of} give ${toHex(recomputed)}. One of them was altered.`,
    { ...context, field },
  );
}

function optionalDigest(receipt: JsonObject, field: string, context: ErrorContext): Uint8Array | undefined {
  const value = ownField(receipt, field);
  return value === undefined ? undefined : readDigest(value, `${WHAT}, ${field}`, { ...context, field });
}

function readJournalDigest(receipt: JsonObject, context: ErrorContext): Uint8Array | undefined {
  const stated = optionalDigest(receipt, 'journalDigest', context);
  const journal = ownField(receipt, 'journal');
  if (journal === undefined) return stated;
  const bytes = isJsonObject(journal) ? ownField(journal, 'bytes') : journal;
  const digest = sha256(readBytes(bytes, `${WHAT}, journal`, { ...context, field: 'journal' }));
  if (stated) requireDigest(stated, digest, 'journalDigest', 'the journal', context);
  return digest;
}

/** The claim of a flat receipt: recomputed from image id and journal, or taken as the digest that is all there is. */
function readFlatClaim(receipt: JsonObject, context: ErrorContext): Pick<Risc0Statement, 'claim' | 'exit'> {
  const stated = optionalDigest(receipt, 'claimDigest', context);
  const pre = optionalDigest(receipt, 'imageId', context);
  const journal = readJournalDigest(receipt, context);
  if (pre === undefined || journal === undefined) {
    if (stated !== undefined && pre === undefined && journal === undefined)
      return { claim: stated, exit: undefined };
    throw new ProofFormatError(
      `${WHAT}: expected imageId and journal (or journalDigest), or claimDigest alone, got ${
        [pre && 'imageId', journal && 'journal', stated && 'claimDigest'].filter(Boolean).join(', ') ||
        'none of them'
      }. Half a claim cannot be checked against its digest.`,
      { ...context, field: pre === undefined ? 'imageId' : 'journal' },
    );
  }
  const exitCode = ownField(receipt, 'exitCode');
  const exit = exitCode === undefined ? HALTED_OK : readExit(exitCode, context);
  const post = optionalDigest(receipt, 'postStateDigest', context) ?? systemStateDigest();
  const claim = claimDigest({ pre, post, exit, input: ZERO_DIGEST, output: outputDigest(journal) });
  if (stated)
    requireDigest(stated, claim, 'claimDigest', 'image id, journal, exit code and final state', context);
  return { claim, exit };
}

/** Reads serde's enum MaybePruned: {"Value": …} hashed by `digestOf`, or {"Pruned": digest}. */
function readMaybePruned(
  value: unknown,
  field: string,
  digestOf: (value: unknown, field: string) => Uint8Array,
  context: ErrorContext,
): Uint8Array {
  if (isJsonObject(value)) {
    const pruned = ownField(value, 'Pruned');
    if (pruned !== undefined) return readDigest(pruned, `${WHAT}, ${field}`, { ...context, field });
    if (Object.hasOwn(value, 'Value')) return digestOf(value.Value, field);
  }
  throw new ProofFormatError(
    `${WHAT}, ${field}: expected {"Value": …} or {"Pruned": …}, got ${describe(value)}.`,
    {
      ...context,
      field,
    },
  );
}

function readObject(value: unknown, field: string, context: ErrorContext): JsonObject {
  if (isJsonObject(value)) return value;
  throw new ProofFormatError(`${WHAT}, ${field}: expected an object, got ${describe(value)}.`, {
    ...context,
    field,
  });
}

/** Digests of the parts of `risc0_zkvm::ReceiptClaim` as serde writes them. */
function readSerdeClaim(
  value: JsonObject,
  journal: Uint8Array | undefined,
  context: ErrorContext,
): { pre: Uint8Array; claim: Uint8Array; exit: Risc0Exit } {
  const state = (part: unknown, field: string): Uint8Array => {
    const object = readObject(part, field, context);
    const root = readDigest(ownField(object, 'merkle_root'), `${WHAT}, ${field}.merkle_root`, {
      ...context,
      field,
    });
    return systemStateDigest(
      root,
      readWord(ownField(object, 'pc'), `${WHAT}, ${field}.pc`, { ...context, field }),
    );
  };
  const assumption = (part: unknown, field: string): Uint8Array => {
    const object = readObject(part, field, context);
    return taggedStruct('risc0.Assumption', [
      readDigest(ownField(object, 'claim'), `${WHAT}, ${field}.claim`, context),
      readDigest(ownField(object, 'control_root'), `${WHAT}, ${field}.control_root`, context),
    ]);
  };
  const assumptions = (part: unknown, field: string): Uint8Array => {
    if (!Array.isArray(part)) {
      throw new ProofFormatError(`${WHAT}, ${field}: expected an array, got ${describe(part)}.`, {
        ...context,
        field,
      });
    }
    const items = part.map((item, i) => readMaybePruned(item, `${field}[${i}]`, assumption, context));
    return taggedList('risc0.Assumptions', items);
  };
  const output = (part: unknown, field: string): Uint8Array => {
    if (part === null) return ZERO_DIGEST;
    const object = readObject(part, field, context);
    const journalOf = (bytes: unknown, name: string): Uint8Array =>
      sha256(readBytes(bytes, `${WHAT}, ${name}`, context));
    const open = readMaybePruned(
      ownField(object, 'assumptions'),
      `${field}.assumptions`,
      assumptions,
      context,
    );
    if (!isZeroBytes(open)) {
      throw new UnsupportedProofError(
        `${WHAT}: the claim rests on assumptions that were not resolved, so the proof alone proves nothing. Resolve them before compressing to Groth16.`,
        { ...context, field: `${field}.assumptions` },
      );
    }
    return outputDigest(
      readMaybePruned(ownField(object, 'journal'), `${field}.journal`, journalOf, context),
      open,
    );
  };
  const absent = (part: unknown, field: string): Uint8Array => {
    if (part === null) return ZERO_DIGEST;
    throw new ProofFormatError(`${WHAT}, ${field}: expected null, got ${describe(part)}.`, {
      ...context,
      field,
    });
  };
  const rawInput = ownField(value, 'input');
  const exit = readExit(ownField(value, 'exit_code'), context);
  const parts = {
    pre: readMaybePruned(ownField(value, 'pre'), 'claim.pre', state, context),
    post: readMaybePruned(ownField(value, 'post'), 'claim.post', state, context),
    exit,
    // Releases before 1.0 wrote the digest itself.
    input: Array.isArray(rawInput)
      ? readDigest(rawInput, `${WHAT}, claim.input`, context)
      : readMaybePruned(rawInput, 'claim.input', absent, context),
    output: readMaybePruned(ownField(value, 'output'), 'claim.output', output, context),
  };
  if (journal)
    requireDigest(
      parts.output,
      outputDigest(journal),
      'claim.output',
      'the journal and no assumptions',
      context,
    );
  return { pre: parts.pre, claim: claimDigest(parts), exit };
}

/** The Groth16 part of serde's `Receipt`, or undefined where the object is not one. Refuses other receipts by name. */
function serdeGroth16(receipt: JsonObject, context: ErrorContext): JsonObject | undefined {
  const inner = ownField(receipt, 'inner');
  if (inner === undefined) return undefined;
  const object = readObject(inner, 'inner', context);
  const groth16 = ownField(object, 'Groth16');
  if (groth16 !== undefined) return readObject(groth16, 'inner.Groth16', context);
  throw new UnsupportedProofError(
    `${WHAT}: expected a Groth16 receipt, got ${Object.keys(object)[0] ?? 'an empty object'}. Compress it with ProverOpts::groth16() or through the proving service.`,
    { ...context, field: 'inner' },
  );
}

/** Reads a receipt in either form. Throws {@link ProofFormatError} or {@link UnsupportedProofError}. */
export function readRisc0Receipt(receipt: JsonObject, context: ErrorContext = {}): Risc0Statement {
  const groth16 = serdeGroth16(receipt, context);
  const { proof, selector } = splitSeal(ownField(groth16 ?? receipt, 'seal'), context);
  const names: { field: string; bytes: Uint8Array }[] = selector ? [{ field: 'seal', bytes: selector }] : [];
  const stated = pick(receipt, ['selector'], context);
  if (stated) {
    const bytes = readBytes(stated.value, `${WHAT}, selector`, { ...context, field: 'selector' });
    if (bytes.length !== SELECTOR_BYTES) {
      throw new ProofFormatError(`${WHAT}: expected a selector of 4 bytes, got ${bytes.length}.`, {
        ...context,
        field: 'selector',
      });
    }
    names.push({ field: 'selector', bytes });
  }
  const metadata = ownField(receipt, 'metadata');
  for (const [object, field] of [
    [groth16, 'verifier_parameters'],
    [isJsonObject(metadata) ? metadata : undefined, 'verifier_parameters'],
    [receipt, 'verifierParameters'],
  ] as const) {
    const digest = object && optionalDigest(object, field, context);
    if (digest) names.push({ field, bytes: digest });
  }
  if (!groth16) return { proof, names, ...readFlatClaim(receipt, context) };

  const journal = readJournalDigest(receipt, context);
  const imageId = optionalDigest(receipt, 'imageId', context);
  const claim = readObject(ownField(groth16, 'claim'), 'inner.Groth16.claim', context);
  const value = ownField(claim, 'Value');
  if (value !== undefined) {
    const opened = readSerdeClaim(readObject(value, 'inner.Groth16.claim', context), journal, context);
    if (imageId) requireDigest(imageId, opened.pre, 'imageId', "the claim's state before the run", context);
    return { proof, names, claim: opened.claim, exit: opened.exit };
  }
  const flat: JsonObject = {
    imageId: ownField(receipt, 'imageId'),
    journal: ownField(receipt, 'journal'),
    claimDigest: ownField(claim, 'Pruned'),
  };
  return { proof, names, ...readFlatClaim(flat, context) };
}
