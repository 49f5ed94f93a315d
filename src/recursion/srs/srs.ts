/**
 * The structured reference string of composite proofs: two independent strings of powers, τ₁ and τ₂, of which a verifier
 * needs four points. Binding needs that nobody knows τ₁, τ₂ or their ratio; see docs/SECURITY.md.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { compressG1, compressG2 } from '../../curve/compressed.ts';
import type { Curve } from '../../curve/curve.ts';
import { g1FromBytes, g2FromBytes } from '../../curve/points.ts';
import { concatBytes, toHex, utf8 } from '../../field/bytes.ts';

/** Powers of one secret τ: τ^i·g for 0 ≤ i < 2·size and τ^i·h for 0 ≤ i < max(size, 2), in memory form. */
export interface PowersOfTau {
  readonly g1: Uint8Array;
  readonly g2: Uint8Array;
}

/** A proof that someone multiplied τ₂ by a secret s: e(after, h) = e(before, s·h). Points compressed, in hexadecimal. */
export interface Contribution {
  /** τ₂·g before and after. */
  readonly before: string;
  readonly after: string;
  /** s·h. */
  readonly factorG2: string;
  /** When, as an ISO date; informative. */
  readonly date: string;
  /** Who or why, in the contributor's words; informative. */
  readonly note?: string;
}

/** Where one string came from. */
export type StringSource =
  | { readonly kind: 'development' }
  | {
      readonly kind: 'ptau';
      readonly file: string;
      readonly power: number;
      readonly ceremonyPower: number;
      /** SHA-256 over the bytes of the header and the imported prefixes, as they stand in the file. */
      readonly prefixSha256: string;
    }
  /** The second string began as a copy of the first; only the contributions set it apart. */
  | { readonly kind: 'copy-of-first' };

/** Where a reference string came from. */
export interface SrsProvenance {
  /** Stands in every development string, so that a look at the file shows it. */
  readonly warning?: string;
  readonly strings: readonly [StringSource, StringSource];
  /** Local contributions to the second string, oldest first. */
  readonly contributions: readonly Contribution[];
}

/** What the verifier holds: four points and what they are worth. */
export interface VerifierSrs {
  readonly curve: Curve;
  /** True for a development string, whose secrets were known to one process: anyone who kept them can prove anything. */
  readonly insecure: boolean;
  /** τ₁·g, τ₂·g in G1 and τ₁·h, τ₂·h in G2, in memory form. */
  readonly tau1G1: Uint8Array;
  readonly tau2G1: Uint8Array;
  readonly tau1G2: Uint8Array;
  readonly tau2G2: Uint8Array;
  /** SHA-256 over domain tag, curve, kind and the four points compressed: what composites name. */
  readonly digest: Uint8Array;
  /** The digest in hexadecimal. */
  readonly id: string;
  readonly provenance: SrsProvenance;
}

/** What the prover holds. */
export interface Srs extends VerifierSrs {
  /** Largest number of slots N that it serves. */
  readonly size: number;
  readonly tau1: PowersOfTau;
  readonly tau2: PowersOfTau;
}

/** Shown wherever a development string is used. */
export const INSECURE_WARNING =
  'INSECURE development reference string: its secrets were made by one process on one machine. Use it for tests and demos only; import ceremony files for anything of value.';

const DIGEST_TAG = utf8('sheaf/srs/1');

type Points = Pick<VerifierSrs, 'tau1G1' | 'tau2G1' | 'tau1G2' | 'tau2G2'>;

/** Makes the verifier's part from its four points. Their consistency is checked in check-srs.ts. */
export function createVerifierSrs(
  curve: Curve,
  points: Points,
  insecure: boolean,
  provenance: SrsProvenance,
): VerifierSrs {
  const g1 = (bytes: Uint8Array): Uint8Array => compressG1(curve, g1FromBytes(curve, bytes));
  const g2 = (bytes: Uint8Array): Uint8Array => compressG2(curve, g2FromBytes(curve, bytes));
  const digest = sha256(
    concatBytes(
      DIGEST_TAG,
      Uint8Array.of(curve.id, insecure ? 1 : 0),
      g1(points.tau1G1),
      g1(points.tau2G1),
      g2(points.tau1G2),
      g2(points.tau2G2),
    ),
  );
  return { curve, insecure, ...points, digest, id: toHex(digest), provenance };
}

/** Makes a prover's string from its powers. */
export function createSrs(
  curve: Curve,
  size: number,
  tau1: PowersOfTau,
  tau2: PowersOfTau,
  insecure: boolean,
  provenance: SrsProvenance,
): Srs {
  const { g1Bytes, g2Bytes } = curve;
  const points: Points = {
    tau1G1: tau1.g1.slice(g1Bytes, 2 * g1Bytes),
    tau2G1: tau2.g1.slice(g1Bytes, 2 * g1Bytes),
    tau1G2: tau1.g2.slice(g2Bytes, 2 * g2Bytes),
    tau2G2: tau2.g2.slice(g2Bytes, 2 * g2Bytes),
  };
  return { ...createVerifierSrs(curve, points, insecure, provenance), size, tau1, tau2 };
}

/** How many G1 and G2 powers each string of a given size has. */
export function powerCounts(size: number): { g1: number; g2: number } {
  return { g1: 2 * size, g2: Math.max(size, 2) };
}
