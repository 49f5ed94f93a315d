/**
 * SP1 proofs in Groth16 form. Bytes are selector (4) ‖ body; public inputs are recomputed:
 *
 *     up to v5   body = eight words                                   [vkey, h]
 *     v6         body = exitCode ‖ vkRoot ‖ nonce ‖ eight words       [vkey, h, exitCode, vkRoot, nonce]
 *
 * with words of 32 bytes and h = sha256(publicValues) without its three highest bits (SP1Verifier.sol in
 * succinctlabs/sp1-contracts).
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { type ErrorContext, ProofFormatError, UnsupportedProofError } from '../errors.ts';
import { bigintFromBytesBE, equalBytes, isZeroBytes, toHex } from '../field/bytes.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import { type BatchMember, createMember, type MemberOrigin } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { readBytes, readFixedBytes } from './bytes-field.ts';
import { type Coprocessor, contextOf, requireStatedInputs, requireStatedProof } from './coprocessor.ts';
import { readGnarkBinaryProof } from './gnark-binary.ts';
import { hasAny, type JsonObject, ownField, pick } from './json.ts';
import { SP1_RELEASES, type Sp1Options, type Sp1Release, sp1Key } from './sp1-releases.ts';
import { readVerificationKey } from './verification-keys.ts';

const NAME = 'sp1';
const WHAT = 'SP1 proof';
const SELECTOR_BYTES = 4;
const WORD_BYTES = 32;
const PROOF_BYTES = 8 * WORD_BYTES;
const HEADER_BYTES = 3 * WORD_BYTES;
/** The hash of the public values keeps 253 bits, so that it fits the scalar field. */
const HASH_TOP_MASK = 0x1f;

const PROGRAM_KEY_FIELDS = [
  'vkey',
  'vkeyHash',
  'vkHash',
  'programVKey',
  'programVkey',
  'vkey_hash',
  'vk_hash',
];
const PUBLIC_VALUES_FIELDS = ['publicValues', 'public_values'];
const PUBLIC_HASH_FIELDS = ['publicValuesSha256', 'publicValuesHash', 'publicValuesDigest'];

/** What goes with a proof. */
export interface FromSp1Options extends Sp1Options {
  /** The key of a release that is not built in, in any form. */
  readonly verificationKey?: unknown;
  readonly origin?: MemberOrigin | undefined;
  /** Where curve and subgroup of the proof's points are checked. Default: at once. */
  readonly checks?: PointChecks | undefined;
}

/** The parts of proofBytes; `header` is v6's three words. */
interface Sp1ProofBytes {
  readonly selector: Uint8Array;
  readonly header:
    | { readonly exitCode: Uint8Array; readonly vkRoot: Uint8Array; readonly nonce: Uint8Array }
    | undefined;
  readonly proof: Uint8Array;
}

function splitProofBytes(member: JsonObject, context: ErrorContext): Sp1ProofBytes {
  // "proof" may hold a copy in snarkjs form; as text or bytes it is SP1's own.
  const copy = ownField(member, 'proof');
  const own = typeof copy === 'string' || Array.isArray(copy) || copy instanceof Uint8Array ? ['proof'] : [];
  const stated = pick(member, ['proofBytes', 'proof_bytes', ...own], context);
  const field = stated?.name ?? 'proofBytes';
  const at = { ...context, field };
  if (!stated) {
    throw new ProofFormatError(
      `${WHAT}: expected proofBytes (or proof as hexadecimal), found only its claim.`,
      at,
    );
  }
  const bytes = readBytes(stated.value, `${WHAT}, ${field}`, at);
  const selector = bytes.subarray(0, SELECTOR_BYTES);
  const named = ownField(member, 'selector');
  if (named !== undefined && !equalBytes(readBytes(named, `${WHAT}, selector`, at), selector)) {
    throw new ProofFormatError(
      `${WHAT}: ${field} starts with selector ${toHex(selector)}, the file states another. One of them was altered.`,
      { ...context, field: 'selector' },
    );
  }
  const body = bytes.subarray(SELECTOR_BYTES);
  if (body.length === PROOF_BYTES) return { selector, header: undefined, proof: body };
  if (body.length === HEADER_BYTES + PROOF_BYTES) {
    const word = (i: number): Uint8Array => body.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES);
    return {
      selector,
      header: { exitCode: word(0), vkRoot: word(1), nonce: word(2) },
      proof: body.subarray(HEADER_BYTES),
    };
  }
  throw new ProofFormatError(
    `${WHAT}: expected ${SELECTOR_BYTES + PROOF_BYTES} bytes (up to v5) or ${SELECTOR_BYTES + HEADER_BYTES + PROOF_BYTES} (v6) with the selector in front, got ${bytes.length}. PLONK and compressed proofs are longer; request the groth16 mode.`,
    at,
  );
}

function maskHash(digest: Uint8Array): Uint8Array {
  const out = digest.slice();
  out[0] = (out[0] as number) & HASH_TOP_MASK;
  return out;
}

/** The hash of the public values: recomputed where they are there, taken where only the hash is. */
function readPublicHash(member: JsonObject, context: ErrorContext): Uint8Array {
  const values = pick(member, PUBLIC_VALUES_FIELDS, context);
  const hash = pick(member, PUBLIC_HASH_FIELDS, context);
  const stated =
    hash &&
    maskHash(readFixedBytes(hash.value, 32, `${WHAT}, ${hash.name}`, { ...context, field: hash.name }));
  if (!values) {
    if (stated) return stated;
    throw new ProofFormatError(
      `${WHAT}: expected publicValues in hexadecimal (or their hash, publicValuesSha256).`,
      {
        ...context,
        field: 'publicValues',
      },
    );
  }
  const at = { ...context, field: values.name };
  const recomputed = maskHash(sha256(readBytes(values.value, `${WHAT}, ${values.name}`, at)));
  if (stated && !equalBytes(stated, recomputed)) {
    throw new ProofFormatError(
      `${WHAT}: ${hash?.name} is not the hash of ${values.name}. One of them was altered.`,
      at,
    );
  }
  return recomputed;
}

/** The key and, for proofs that carry one, the root of the recursion keys that must stand in them. */
function findRelease(
  { selector, header }: Sp1ProofBytes,
  { verificationKey, vkRoot }: FromSp1Options,
  context: ErrorContext,
): { key: VerificationKey; vkRoot: Uint8Array | undefined } {
  const name = toHex(selector);
  const release: Sp1Release | undefined = SP1_RELEASES.find((known) => known.selector === name);
  const given = verificationKey === undefined ? undefined : readVerificationKey(verificationKey, context);
  if (release) {
    const key = sp1Key(release);
    if (given && !equalBytes(given.digest, key.digest)) {
      throw new ProofFormatError(
        `${WHAT}: selector ${name} stands for the key of ${release.version}, and the key given is another (${given.id.slice(0, 16)}…). Leave it out, or take the wrong verification_key.json away.`,
        { ...context, field: 'verificationKey' },
      );
    }
    if ((header !== undefined) !== (release.vkRoot !== undefined)) {
      throw new ProofFormatError(
        `${WHAT}: ${release.version} proofs are ${SELECTOR_BYTES + PROOF_BYTES + (release.vkRoot ? HEADER_BYTES : 0)} bytes long with the selector, got ${SELECTOR_BYTES + PROOF_BYTES + (header ? HEADER_BYTES : 0)}.`,
        { ...context, field: 'proofBytes' },
      );
    }
    return { key, vkRoot: release.vkRoot === undefined ? undefined : readRoot(release.vkRoot, context) };
  }
  if (!given) {
    throw new UnsupportedProofError(
      `${WHAT}: no known release has selector ${name}. Known: ${SP1_RELEASES.map((known) => `${known.selector} (${known.version})`).join(', ')}. For another release pass its verification key.`,
      { ...context, field: 'proofBytes' },
    );
  }
  if (header && vkRoot === undefined) {
    throw new UnsupportedProofError(
      `${WHAT}: selector ${name} is not built in and the proof carries a root of recursion keys. Pass the release's VK_ROOT as sp1.vkRoot; it is not taken from the proof, because it decides what the proof means.`,
      { ...context, field: 'vkRoot' },
    );
  }
  return { key: given, vkRoot: vkRoot === undefined ? undefined : readRoot(vkRoot, context) };
}

function readRoot(vkRoot: string, context: ErrorContext): Uint8Array {
  return readFixedBytes(vkRoot, WORD_BYTES, 'sp1.vkRoot', { ...context, field: 'vkRoot' });
}

/** Refuses proofs of a failed run and of other recursion circuits. */
function requireHeader(
  header: Sp1ProofBytes['header'],
  vkRoot: Uint8Array | undefined,
  context: ErrorContext,
): void {
  if (!header || !vkRoot) return;
  if (!isZeroBytes(header.exitCode)) {
    throw new UnsupportedProofError(
      `${WHAT}: the program ended with exit code ${bigintFromBytesBE(header.exitCode)}, not 0, so it proves no result.`,
      { ...context, field: 'exitCode' },
    );
  }
  if (!equalBytes(header.vkRoot, vkRoot)) {
    throw new ProofFormatError(
      `${WHAT}: the root of recursion keys is ${toHex(header.vkRoot)}, expected ${toHex(vkRoot)}. The proof was made by other circuits than the release's.`,
      { ...context, field: 'vkRoot' },
    );
  }
}

/**
 * Makes a batch member of an SP1 Groth16 proof: {proofBytes (or proof), vkey (or vkeyHash, programVKey), publicValues (or
 * publicValuesSha256)}, in hexadecimal or as arrays of bytes. The public inputs are recomputed; `public` and a second copy
 * of the proof are held against them. Points and ranges are checked; the proof itself is not verified here.
 *
 * Throws ProofFormatError, UnsupportedProofError (unknown release, failed run), ScalarOutOfRangeError or a point error.
 */
export function fromSp1(member: JsonObject, options: FromSp1Options = {}): BatchMember {
  const { origin, checks } = options;
  const context = contextOf(origin);
  const bytes = splitProofBytes(member, context);
  const programKey = pick(member, PROGRAM_KEY_FIELDS, context);
  if (!programKey) {
    throw new ProofFormatError(
      `${WHAT}: expected the program's key hash as vkey (or vkeyHash, programVKey).`,
      {
        ...context,
        field: 'vkey',
      },
    );
  }
  const vkey = readFixedBytes(programKey.value, WORD_BYTES, `${WHAT}, ${programKey.name}`, {
    ...context,
    field: programKey.name,
  });
  const { key, vkRoot } = findRelease(bytes, options, context);
  requireHeader(bytes.header, vkRoot, context);
  const { header } = bytes;
  const inputs = [
    vkey,
    readPublicHash(member, context),
    ...(header ? [header.exitCode, header.vkRoot, header.nonce] : []),
  ].map(bigintFromBytesBE);
  requireStatedInputs(WHAT, inputs, member, context);
  const proof = readGnarkBinaryProof(bytes.proof, key.curve, { ...context, field: 'proofBytes' }, checks);
  requireStatedProof(WHAT, proof, member, context, checks);
  return createMember(key, proof, inputs, NAME, origin);
}

/** The adapter. */
export const sp1: Coprocessor = {
  name: NAME,
  fields: 'proofBytes (or proof as hexadecimal), vkey, publicValues',
  takesPublicInputs: false,
  builtinKeys: SP1_RELEASES.map((release) => ({
    system: NAME,
    name: `${NAME}-${release.version}`,
    releases: [release],
    key: () => sp1Key(release),
  })),
  recognises: (member) =>
    hasAny(member, ['proofBytes', 'proof_bytes', ...PUBLIC_VALUES_FIELDS, ...PUBLIC_HASH_FIELDS]) ||
    PROGRAM_KEY_FIELDS.some((field) => /^(?:0x)?[0-9a-fA-F]{64}$/.test(String(ownField(member, field)))),
  read: (member, { key, origin, checks, sp1: options }) =>
    fromSp1(member, { ...options, verificationKey: key, origin, checks }),
};
