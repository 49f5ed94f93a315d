/** Reads a verification key in any of the forms that it is handed out in. */

import { curveById } from '../curve/curve.ts';
import { type ErrorContext, ProofFormatError } from '../errors.ts';
import { bytesOfHex } from '../field/hex.ts';
import { decodeVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';
import { readGnarkBinaryKey } from './gnark-binary.ts';
import { looksLikeGnarkKey, readGnarkJsonKey } from './gnark-json.ts';
import { looksLikeGnarkSolidity, readGnarkSolidityKey } from './gnark-solidity.ts';
import { describe, isJsonObject, type JsonObject, parseJson } from './json.ts';
import { looksLikeSnarkjsKey, readSnarkjsKey } from './snarkjs-key.ts';

const WHAT = 'Verification key';
const EXPECTED =
  "snarkjs JSON (vk_alpha_1 …), gnark JSON (G1, G2), gnark's binary form, the source of gnark's Solidity verifier, or Sheaf's own encoding";

/** Whether a JSON object has the fields of a verification key. */
export function looksLikeVerificationKey(object: JsonObject): boolean {
  return looksLikeSnarkjsKey(object) || looksLikeGnarkKey(object);
}

function isVerificationKey(value: JsonObject): boolean {
  return (
    value.encoded instanceof Uint8Array && value.digest instanceof Uint8Array && isJsonObject(value.curve)
  );
}

/** Sheaf's encoding starts with a curve id and a little-endian count, and its length follows from both. */
function isCanonicalEncoding(bytes: Uint8Array): boolean {
  const curve = bytes.length > 5 ? curveById(bytes[0] as number) : undefined;
  if (!curve) return false;
  const icCount = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(1, true);
  return bytes.length === 5 + (1 + icCount) * curve.g1CompressedBytes + 3 * curve.g2CompressedBytes;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readText(text: string, context: ErrorContext): VerificationKey {
  if (looksLikeGnarkSolidity(text)) return readGnarkSolidityKey(text, context);
  if (/^\s*\{/.test(text)) return readVerificationKey(parseJson(text, WHAT, context), context);
  if (/^\s*(?:0x)?(?:[0-9a-fA-F]{2})+\s*$/.test(text))
    return readVerificationKey(bytesOfHex(text.trim()), context);
  throw new ProofFormatError(`${WHAT}: expected ${EXPECTED}, got ${describe(text)}.`, context);
}

/**
 * Reads a verification key from parsed JSON (snarkjs or gnark), from text (JSON, hexadecimal, or the source of gnark's
 * Solidity verifier) or from bytes (such text, gnark's binary forms, or {@link VerificationKey.encoded}). A key that is
 * one already is returned as it is. Every point is checked. Throws ProofFormatError, EncodingError, UnsupportedProofError
 * (another protocol, commitments), PublicInputCountError or a point error.
 */
export function readVerificationKey(source: unknown, context: ErrorContext = {}): VerificationKey {
  if (typeof source === 'string') return readText(source, context);
  if (source instanceof Uint8Array) {
    if (isCanonicalEncoding(source)) return decodeVerificationKey(source, context);
    const text = textOf(source);
    return text !== undefined && /^[\s\x20-\x7e\u0080-\uffff]*$/.test(text)
      ? readText(text, context)
      : readGnarkBinaryKey(source, undefined, context);
  }
  if (isJsonObject(source)) {
    if (isVerificationKey(source)) return source as unknown as VerificationKey;
    if (looksLikeSnarkjsKey(source)) return readSnarkjsKey(source, context);
    if (looksLikeGnarkKey(source)) return readGnarkJsonKey(source, context);
  }
  throw new ProofFormatError(`${WHAT}: expected ${EXPECTED}, got ${describe(source)}.`, context);
}
