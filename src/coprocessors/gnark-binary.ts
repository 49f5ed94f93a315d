/**
 * gnark's binary encodings (`WriteTo`: compressed points, `WriteRawTo`: uncompressed), integers big-endian:
 *
 *     proof    Ar ‖ Bs ‖ Krs [ ‖ u32 n ‖ n commitments ‖ proof of knowledge ]               brackets: gnark ≥ 0.9
 *     key      α1 ‖ β1 ‖ β2 ‖ γ2 ‖ δ1 ‖ δ2 ‖ u32 m ‖ m points K
 *              [ ‖ u32 n ‖ n × (u32 l ‖ l × u64) ]  gnark ≥ 0.9   [ ‖ u32 c ‖ c × (G2 ‖ G2) ]  gnark ≥ 0.11
 *     witness  u32 public ‖ u32 secret ‖ u32 length ‖ length × 32 bytes, public values first
 *
 * Compressed points are those of curve/compressed.ts; uncompressed ones x ‖ y with c1 before c0 and, on BLS12-381, the flag
 * 0x40 for infinity. An uncompressed BN254 proof of gnark < 0.9 is at the same time what Solidity verifiers take: eight
 * words A.x A.y B.x1 B.x0 B.y1 B.y0 C.x C.y.
 */

import { packG1, packG2 } from '../curve/affine.ts';
import { decompressG1, decompressG2 } from '../curve/compressed.ts';
import { CURVES, type Curve } from '../curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../curve/points.ts';
import { EncodingError, type ErrorContext, UnsupportedProofError } from '../errors.ts';
import { bigintFromBytesBE, isZeroBytes } from '../field/bytes.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import { createProof, type Groth16Proof } from '../groth16/proof.ts';
import { createVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';
import { refuseCommitments } from './gnark-json.ts';

const COMPRESSED_FLAG = 0x80;
const RAW_INFINITY_BLS12_381 = 0x40;

function u32be(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(offset);
}

/** Sizes of one encoding: curve and compression. */
interface PointSizes {
  readonly curve: Curve;
  readonly compressed: boolean;
  readonly g1: number;
  readonly g2: number;
}

/** Reads a point where the sizes say, without checking curve and subgroup of an uncompressed one (the maker does). */
function readPoint(
  sizes: PointSizes,
  group: 'g1' | 'g2',
  bytes: Uint8Array,
  offset: number,
  what: string,
  context: ErrorContext,
): Uint8Array {
  const { curve, compressed } = sizes;
  const at = { ...context, offset };
  const encoded = bytes.subarray(offset, offset + sizes[group]);
  if (compressed) {
    return group === 'g1'
      ? g1ToBytes(curve, decompressG1(curve, encoded, what, at))
      : g2ToBytes(curve, decompressG2(curve, encoded, what, at));
  }
  if (
    curve.name === 'bls12-381' &&
    encoded[0] === RAW_INFINITY_BLS12_381 &&
    isZeroBytes(encoded.subarray(1))
  ) {
    return new Uint8Array(group === 'g1' ? curve.g1Bytes : curve.g2Bytes);
  }
  const word = (i: number): bigint =>
    bigintFromBytesBE(encoded.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes));
  return group === 'g1'
    ? packG1(curve, word(0), word(1), what, at)
    : packG2(curve, { c0: word(1), c1: word(0) }, { c0: word(3), c1: word(2) }, what, at);
}

function sizesOn(curve: Curve, bytes: Uint8Array): PointSizes {
  const compressed = ((bytes[0] as number) & COMPRESSED_FLAG) !== 0;
  const g1 = compressed ? curve.g1CompressedBytes : 2 * curve.fpBytes;
  return { curve, compressed, g1, g2: 2 * g1 };
}

/** Finds the one curve under which the lengths add up. */
function findLayout<T extends { curve: Curve }>(
  bytes: Uint8Array,
  curve: Curve | undefined,
  what: string,
  expected: string,
  measure: (sizes: PointSizes, bytes: Uint8Array) => T | undefined,
  context: ErrorContext,
): T {
  const fits = (curve ? [curve] : CURVES).flatMap((candidate) => {
    const layout = bytes.length === 0 ? undefined : measure(sizesOn(candidate, bytes), bytes);
    return layout ? [layout] : [];
  });
  if (fits.length === 1) return fits[0] as T;
  throw new EncodingError(
    fits.length === 0
      ? `${what}: the ${bytes.length} bytes are not laid out as one. Expected ${expected}.`
      : `${what}: the ${bytes.length} bytes read as one on more than one curve; say which curve it is.`,
    context,
  );
}

interface ProofLayout extends PointSizes {
  readonly commitments: number;
}

function measureProof(sizes: PointSizes, bytes: Uint8Array): ProofLayout | undefined {
  const body = 2 * sizes.g1 + sizes.g2;
  if (bytes.length === body) return { ...sizes, commitments: 0 };
  if (bytes.length < body + 4 + sizes.g1) return undefined;
  const commitments = u32be(bytes, body);
  return bytes.length === body + 4 + (commitments + 1) * sizes.g1 ? { ...sizes, commitments } : undefined;
}

/** Whether the bytes have the length and counts of a gnark proof. */
export function looksLikeGnarkBinaryProof(bytes: Uint8Array): boolean {
  return bytes.length > 0 && CURVES.some((curve) => measureProof(sizesOn(curve, bytes), bytes) !== undefined);
}

/**
 * Reads a gnark proof, or a Solidity proof of eight words. Throws {@link EncodingError} for other lengths, the point errors,
 * and {@link UnsupportedProofError} for a proof with commitments.
 */
export function readGnarkBinaryProof(
  bytes: Uint8Array,
  curve?: Curve,
  context: ErrorContext = {},
  checks?: PointChecks,
): Groth16Proof {
  const what = 'gnark proof';
  const expected = '128, 164, 256 or 324 bytes on BN254 and 192, 244, 384 or 484 on BLS12-381';
  const layout = findLayout(bytes, curve, what, expected, measureProof, context);
  if (layout.commitments > 0) refuseCommitments(what, 'Commitments', context);
  const { g1, g2 } = layout;
  return createProof(
    layout.curve,
    {
      a: readPoint(layout, 'g1', bytes, 0, `${what}, Ar`, context),
      b: readPoint(layout, 'g2', bytes, g1, `${what}, Bs`, context),
      c: readPoint(layout, 'g1', bytes, g1 + g2, `${what}, Krs`, context),
    },
    context,
    checks,
  );
}

interface KeyLayout extends PointSizes {
  readonly kOffset: number;
  readonly kCount: number;
  readonly commitments: number;
}

/** Walks the lists after K. Returns how many commitments they tell of, or undefined where the lengths do not add up. */
function measureCommitments(bytes: Uint8Array, start: number, g2: number): number | undefined {
  if (bytes.length === start) return 0;
  let offset = start;
  if (bytes.length < offset + 4) return undefined;
  const committed = u32be(bytes, offset);
  offset += 4;
  for (let i = 0; i < committed; i++) {
    if (bytes.length < offset + 4) return undefined;
    offset += 4 + 8 * u32be(bytes, offset);
  }
  if (bytes.length === offset) return committed;
  if (bytes.length < offset + 4) return undefined;
  const keys = u32be(bytes, offset);
  return bytes.length === offset + 4 + keys * 2 * g2 ? Math.max(committed, keys) : undefined;
}

function measureKey(sizes: PointSizes, bytes: Uint8Array): KeyLayout | undefined {
  const countOffset = 3 * (sizes.g1 + sizes.g2);
  if (bytes.length < countOffset + 4) return undefined;
  const kCount = u32be(bytes, countOffset);
  const kOffset = countOffset + 4;
  const end = kOffset + kCount * sizes.g1;
  if (kCount === 0 || bytes.length < end) return undefined;
  const commitments = measureCommitments(bytes, end, sizes.g2);
  return commitments === undefined ? undefined : { ...sizes, kOffset, kCount, commitments };
}

/**
 * Reads a gnark verification key. β and δ in G1 are there for Bellman's sake and are not looked at. Throws as
 * {@link readGnarkBinaryProof}.
 */
export function readGnarkBinaryKey(
  bytes: Uint8Array,
  curve?: Curve,
  context: ErrorContext = {},
): VerificationKey {
  const what = 'gnark verification key';
  const expected =
    'α1, β1, β2, γ2, δ1, δ2, a count and as many points (WriteTo or WriteRawTo), on BN254 or BLS12-381';
  const layout = findLayout(bytes, curve, what, expected, measureKey, context);
  if (layout.commitments > 0) refuseCommitments(what, 'CommitmentKeys', context);
  const { g1, g2 } = layout;
  return createVerificationKey(
    layout.curve,
    {
      alpha: readPoint(layout, 'g1', bytes, 0, `${what}, alpha`, context),
      beta: readPoint(layout, 'g2', bytes, 2 * g1, `${what}, beta`, context),
      gamma: readPoint(layout, 'g2', bytes, 2 * g1 + g2, `${what}, gamma`, context),
      delta: readPoint(layout, 'g2', bytes, 3 * g1 + 2 * g2, `${what}, delta`, context),
      ic: Array.from({ length: layout.kCount }, (_, i) =>
        readPoint(layout, 'g1', bytes, layout.kOffset + i * g1, `${what}, K[${i}]`, context),
      ),
    },
    context,
  );
}

/** Reads the inputs from a public gnark witness. A witness with secret values is refused: it should not be handed out. */
export function readGnarkWitness(bytes: Uint8Array, context: ErrorContext = {}): bigint[] {
  const [count, secret, length] =
    bytes.length < 12 ? [0, 0, -1] : [u32be(bytes, 0), u32be(bytes, 4), u32be(bytes, 8)];
  if (length !== count + secret || bytes.length !== 12 + 32 * length) {
    throw new EncodingError(
      `gnark witness: expected counts of public, secret and all values and 32 bytes for each, got ${bytes.length} bytes that do not add up.`,
      context,
    );
  }
  if (secret > 0) {
    throw new UnsupportedProofError(
      `gnark witness: expected a public witness, got one with ${secret} secret values. Export it with witness.Public().`,
      context,
    );
  }
  return Array.from({ length }, (_, i) => bigintFromBytesBE(bytes.subarray(12 + 32 * i, 44 + 32 * i)));
}
