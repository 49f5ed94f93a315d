/**
 * The .srs file. Head (what a verifier reads): magic "sheafsrs", version u8 = 1, curve u8, kind u8 (0 ceremony, 1 development),
 * size u32le, provenance as length-prefixed JSON, τ₁g, τ₂g, τ₁h, τ₂h in memory form, SHA-256 of all that. Body (what a prover reads): the G1 and G2 powers of τ₁,
 * then of τ₂, and SHA-256 of the body.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import type { Backend } from '../../backend/backend.ts';
import { type Curve, curveById } from '../../curve/curve.ts';
import { EncodingError, SrsError } from '../../errors.ts';
import { ByteReader, block } from '../../field/byte-reader.ts';
import { concatBytes, equalBytes, u32le, utf8 } from '../../field/bytes.ts';
import { checkVerifierSrs } from './check-srs.ts';
import { assertSrsSize } from './size.ts';
import {
  createSrs,
  createVerifierSrs,
  powerCounts,
  type Srs,
  type SrsProvenance,
  type VerifierSrs,
} from './srs.ts';

const MAGIC = utf8('sheafsrs');
const VERSION = 1;

function encodeHead(srs: VerifierSrs, size: number): Uint8Array {
  const head = concatBytes(
    MAGIC,
    Uint8Array.of(VERSION, srs.curve.id, srs.insecure ? 1 : 0),
    u32le(size),
    block(utf8(JSON.stringify(srs.provenance))),
    srs.tau1G1,
    srs.tau2G1,
    srs.tau1G2,
    srs.tau2G2,
  );
  return concatBytes(head, sha256(head));
}

/** The whole file of a prover's string. */
export function encodeSrs(srs: Srs): Uint8Array {
  const body = concatBytes(srs.tau1.g1, srs.tau1.g2, srs.tau2.g1, srs.tau2.g2);
  return concatBytes(encodeHead(srs, srs.size), body, sha256(body));
}

/** A file with the verifier's part alone (size 0): under a kilobyte and a half, all that `verify` needs. */
export function encodeVerifierSrs(srs: VerifierSrs): Uint8Array {
  return encodeHead(srs, 0);
}

/** A head whose checksum is right, with its provenance unread. */
interface Head {
  readonly reader: ByteReader;
  readonly curve: Curve;
  readonly size: number;
  readonly insecure: boolean;
  readonly provenance: Uint8Array;
  /** Where the provenance ends. */
  readonly provenanceEnd: number;
  readonly points: Parameters<typeof createVerifierSrs>[1];
}

async function readProvenance({ provenance, provenanceEnd, insecure }: Head): Promise<SrsProvenance> {
  // Loaded when needed: what checks documents is larger than all else that a verifier loads.
  const { parseProvenance } = await import('./provenance-schema.ts');
  let parsed: SrsProvenance;
  try {
    parsed = parseProvenance(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(provenance)));
  } catch (error) {
    throw new EncodingError(
      'Reference string: the provenance is not the JSON that was expected.',
      { offset: provenanceEnd, field: 'provenance' },
      error,
    );
  }
  if (parsed.strings.some((source) => source.kind === 'development') !== insecure) {
    throw new EncodingError(
      'Reference string: the kind of the string contradicts its provenance; the file was altered.',
      { offset: provenanceEnd, field: 'kind' },
    );
  }
  return parsed;
}

/** The verifier's part. */
async function readVerifier(head: Head): Promise<VerifierSrs> {
  return createVerifierSrs(head.curve, head.points, head.insecure, await readProvenance(head));
}

function readHead(bytes: Uint8Array): Head {
  const reader = new ByteReader(bytes, 'Reference string');
  if (!equalBytes(reader.take(MAGIC.length, 'magic'), MAGIC)) {
    reader.fail('not a Sheaf reference string; make one with `sheaf srs dev` or `sheaf srs import`', 'magic');
  }
  const version = reader.u8('version');
  if (version !== VERSION) reader.fail(`version ${version} is not known; expected ${VERSION}`, 'version');
  const curveId = reader.u8('curve');
  const curve = curveById(curveId);
  if (!curve) return reader.fail(`curve ${curveId} is not known`, 'curve');
  const kind = reader.u8('kind');
  if (kind > 1) reader.fail(`kind ${kind} is not known; expected 0 or 1`, 'kind');
  const size = reader.u32('size');
  if (size !== 0) assertSrsSize(size);
  const provenance = reader.block('provenance');
  const provenanceEnd = reader.offset;
  const points = {
    tau1G1: reader.take(curve.g1Bytes, 'tau1 in G1').slice(),
    tau2G1: reader.take(curve.g1Bytes, 'tau2 in G1').slice(),
    tau1G2: reader.take(curve.g2Bytes, 'tau1 in G2').slice(),
    tau2G2: reader.take(curve.g2Bytes, 'tau2 in G2').slice(),
  };
  const checksum = sha256(bytes.subarray(0, reader.offset));
  if (!equalBytes(reader.take(32, 'checksum'), checksum))
    reader.fail('the checksum of the head does not match; the file is damaged', 'checksum');
  return { reader, curve, size, insecure: kind === 1, provenance, provenanceEnd, points };
}

/** Curve of a .srs file, read from its first bytes. Throws {@link EncodingError}. */
export function srsFileCurve(bytes: Uint8Array): Curve {
  return readHead(bytes).curve;
}

/**
 * Reads the verifier's part of a .srs file (whole, head alone, or a prefix that holds the head) and checks its points.
 * Throws {@link EncodingError}, {@link SrsError} or the point errors.
 */
export async function decodeVerifierSrs(bytes: Uint8Array, backend: Backend): Promise<VerifierSrs> {
  const head = readHead(bytes);
  assertBackendCurve(backend, head.curve);
  const verifier = await readVerifier(head);
  await checkVerifierSrs(backend, verifier);
  return verifier;
}

function assertBackendCurve(backend: Backend, curve: Curve): void {
  if (backend.curve !== curve) {
    throw new SrsError(`The reference string is on ${curve.name}, the backend on ${backend.curve.name}.`);
  }
}

/**
 * Reads a prover's .srs file: checksums and the verifier's points are checked; the powers were checked when the file was
 * made, and a prover verifies what it makes from them. Throws {@link EncodingError}, {@link SrsError} or the point errors.
 */
export async function decodeSrs(bytes: Uint8Array, backend: Backend): Promise<Srs> {
  const head = readHead(bytes);
  const { reader, curve, size, insecure } = head;
  assertBackendCurve(backend, curve);
  if (size === 0) {
    throw new SrsError(
      "This file has the verifier's part of a reference string alone; aggregating needs the whole string.",
    );
  }
  const counts = powerCounts(size);
  const start = reader.offset;
  const powers = (name: string): Srs['tau1'] => ({
    g1: reader.take(counts.g1 * curve.g1Bytes, `${name} in G1`).slice(),
    g2: reader.take(counts.g2 * curve.g2Bytes, `${name} in G2`).slice(),
  });
  const [tau1, tau2] = [powers('powers of tau1'), powers('powers of tau2')];
  const checksum = sha256(bytes.subarray(start, reader.offset));
  if (!equalBytes(reader.take(32, 'checksum'), checksum))
    reader.fail('the checksum of the powers does not match; the file is damaged', 'checksum');
  reader.end();
  const verifier = await readVerifier(head);
  const srs = createSrs(curve, size, tau1, tau2, insecure, verifier.provenance);
  if (srs.id !== verifier.id)
    throw new SrsError('The powers do not belong to the points in the head of the file.');
  await checkVerifierSrs(backend, srs);
  return srs;
}
