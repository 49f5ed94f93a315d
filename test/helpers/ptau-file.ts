/** Powers-of-tau files as snarkjs writes them, from points that the test chooses. */

import type { Curve } from '../../src/curve/curve.ts';
import {
  bigintFromBytesLE,
  concatBytes,
  joinBytes,
  u32le,
  utf8,
  writeBigintLE,
} from '../../src/field/bytes.ts';
import { mod } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import { g1Times, g2Times } from './group-elements.ts';

/** Points of both groups in memory form. */
export interface PtauPoints {
  readonly g1: Uint8Array[];
  readonly g2: Uint8Array[];
}

/** What a file says and holds; everything but the points has a default. */
export interface PtauContents extends PtauPoints {
  readonly power: number;
  readonly ceremonyPower?: number;
  readonly magic?: string;
  readonly version?: number;
  readonly modulus?: bigint;
  /** Bytes of a field element, as the header says. */
  readonly fieldBytes?: number;
  /** Sections in their order; 4 stands for one that is of no interest. */
  readonly sections?: readonly number[];
}

/** The honest powers of τ that a file of a power holds: 2^(power+1) − 1 in G1, 2^power in G2. */
export function ptauPoints(curve: Curve, power: number, tau: bigint): PtauPoints {
  const factors = powers(tau, 2 ** (power + 1) - 1, curve.order);
  return {
    g1: factors.map((factor) => g1Times(curve, factor)),
    g2: factors.slice(0, 2 ** power).map((factor) => g2Times(curve, factor)),
  };
}

/** Coordinates in Montgomery form, as the file has them. */
function montgomery(curve: Curve, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let offset = 0; offset < bytes.length; offset += curve.fpBytes) {
    const value = bigintFromBytesLE(bytes.subarray(offset, offset + curve.fpBytes));
    // A value outside the field stays outside, for tests that want one.
    const written = value < curve.modulus ? mod(value << BigInt(8 * curve.fpBytes), curve.modulus) : value;
    writeBigintLE(written, out, offset, curve.fpBytes);
  }
  return out;
}

/** Where each section's content stands in a file. */
export function ptauSections(file: Uint8Array): Map<number, { offset: number; length: number }> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found = new Map<number, { offset: number; length: number }>();
  for (let offset = 12; offset < file.length; ) {
    const length = Number(view.getBigUint64(offset + 4, true));
    found.set(view.getUint32(offset, true), { offset: offset + 12, length });
    offset += 12 + length;
  }
  return found;
}

/** The file. */
export function ptauFile(curve: Curve, contents: PtauContents): Uint8Array {
  const { power, ceremonyPower = power, magic = 'ptau', version = 1, sections = [1, 2, 3] } = contents;
  const fieldBytes = contents.fieldBytes ?? curve.fpBytes;
  const modulus = new Uint8Array(fieldBytes);
  writeBigintLE(contents.modulus ?? curve.modulus, modulus, 0, fieldBytes);
  const bodies = new Map([
    [1, concatBytes(u32le(fieldBytes), modulus, u32le(power), u32le(ceremonyPower))],
    [2, montgomery(curve, joinBytes(contents.g1))],
    [3, montgomery(curve, joinBytes(contents.g2))],
    [4, utf8('of no interest')],
  ]);
  const parts = sections.map((id) => {
    const body = bodies.get(id) ?? new Uint8Array(0);
    return concatBytes(u32le(id), u32le(body.length), u32le(0), body);
  });
  return concatBytes(utf8(magic), u32le(version), u32le(sections.length), joinBytes(parts));
}
