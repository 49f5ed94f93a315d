/**
 * Prefixes of powers of tau from snarkjs .ptau files. Sections: 1 header (n8, q, power, ceremony power), 2 tauG1
 * (2^(power+1) − 1 points), 3 tauG2 (2^power points); affine, little-endian, Montgomery form with R = 2^(8·n8).
 * Only the prefixes asked for are read.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { CURVES, type Curve } from '../../curve/curve.ts';
import { FieldElementOutOfRangeError, SrsError } from '../../errors.ts';
import type { ByteSource } from '../../field/byte-source.ts';
import { bigintFromBytesLE, concatBytes, toHex } from '../../field/bytes.ts';
import { fromMontgomery } from '../../field/montgomery.ts';
import { assertSrsSize } from './size.ts';
import { type PowersOfTau, powerCounts, type StringSource } from './srs.ts';

interface Section {
  readonly offset: number;
  readonly length: number;
}

async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
): Promise<Uint8Array> {
  if (offset + length > source.size) {
    throw new SrsError(
      `${source.name}: ends at byte ${source.size} within ${what}; expected ${offset + length}. The file is cut short.`,
      {
        file: source.name,
        offset,
      },
    );
  }
  return source.read(offset, length);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The section table: reads 12 bytes per section. */
async function readSections(source: ByteSource): Promise<Map<number, Section>> {
  const head = await readExactly(source, 0, 12, 'the file header');
  if (new TextDecoder('latin1').decode(head.subarray(0, 4)) !== 'ptau') {
    throw new SrsError(`${source.name}: expected a powers-of-tau file (magic "ptau").`, {
      file: source.name,
      offset: 0,
    });
  }
  const version = view(head).getUint32(4, true);
  if (version !== 1) {
    throw new SrsError(`${source.name}: ptau version ${version}; only 1 is known.`, {
      file: source.name,
      offset: 4,
    });
  }
  const count = view(head).getUint32(8, true);
  const sections = new Map<number, Section>();
  let offset = 12;
  for (let i = 0; i < count && offset < source.size; i++) {
    const entry = view(await readExactly(source, offset, 12, `section ${i}`));
    const length = Number(entry.getBigUint64(4, true));
    sections.set(entry.getUint32(0, true), { offset: offset + 12, length });
    offset += 12 + length;
  }
  return sections;
}

function section(source: ByteSource, sections: Map<number, Section>, id: number): Section {
  const found = sections.get(id);
  if (!found) throw new SrsError(`${source.name}: section ${id} is missing.`, { file: source.name });
  return found;
}

/** Montgomery to canonical, coordinate by coordinate. */
function canonicalPoints(curve: Curve, bytes: Uint8Array, source: ByteSource): Uint8Array {
  try {
    return fromMontgomery(bytes, curve.fpBytes, curve.modulus, 'A coordinate');
  } catch (error) {
    if (!(error instanceof FieldElementOutOfRangeError)) throw error;
    throw new SrsError(`${source.name}: a coordinate is not below the field modulus.`, { file: source.name });
  }
}

/** What the header of a ptau file says. */
export interface PtauInfo {
  readonly curve: Curve;
  /** The file holds 2^power G2 powers. */
  readonly power: number;
  readonly ceremonyPower: number;
  /** Largest number of slots it serves: 2^(power−1). */
  readonly maxSize: number;
}

async function readHeader(
  source: ByteSource,
  sections: Map<number, Section>,
): Promise<{ info: PtauInfo; bytes: Uint8Array }> {
  const { offset, length } = section(source, sections, 1);
  const bytes = await readExactly(source, offset, Math.min(length, 128), 'section 1');
  const n8 = bytes.length >= 4 ? view(bytes).getUint32(0, true) : 0;
  const curve = CURVES.find(
    ({ fpBytes, modulus }) =>
      fpBytes === n8 && bytes.length === 12 + n8 && bigintFromBytesLE(bytes.subarray(4, 4 + n8)) === modulus,
  );
  if (!curve) {
    throw new SrsError(`${source.name}: the header names no curve that is supported (BN254, BLS12-381).`, {
      file: source.name,
      offset,
    });
  }
  const power = view(bytes).getUint32(4 + n8, true);
  if (power < 1 || power > 28)
    throw new SrsError(`${source.name}: power ${power} is out of range 1 to 28.`, { file: source.name });
  return {
    info: { curve, power, ceremonyPower: view(bytes).getUint32(8 + n8, true), maxSize: 2 ** (power - 1) },
    bytes,
  };
}

/** Reads a ptau file's header. Throws {@link SrsError}. */
export async function readPtauInfo(source: ByteSource): Promise<PtauInfo> {
  return (await readHeader(source, await readSections(source))).info;
}

/**
 * Reads the powers that `size` slots need. Throws {@link SrsError} when the file is malformed or too small.
 * Nothing is proven about the points yet: see checkPowers.
 */
export async function readPtau(
  source: ByteSource,
  size: number,
): Promise<{ curve: Curve; powers: PowersOfTau; origin: StringSource }> {
  assertSrsSize(size);
  const sections = await readSections(source);
  const { info, bytes: header } = await readHeader(source, sections);
  const { curve, power, maxSize } = info;
  if (size > maxSize) {
    throw new SrsError(
      `${source.name}: power ${power} serves at most ${maxSize} slots, ${size} were asked for. Use a larger ptau file.`,
      {
        file: source.name,
      },
    );
  }
  const counts = powerCounts(size);
  const prefix = async (
    id: number,
    count: number,
    pointBytes: number,
    expectedCount: number,
  ): Promise<Uint8Array> => {
    const { offset, length } = section(source, sections, id);
    if (length !== expectedCount * pointBytes) {
      throw new SrsError(
        `${source.name}: section ${id} has ${length} bytes, expected ${expectedCount * pointBytes} for power ${power}.`,
        {
          file: source.name,
          offset,
        },
      );
    }
    return readExactly(source, offset, count * pointBytes, `section ${id}`);
  };
  const g1 = await prefix(2, counts.g1, curve.g1Bytes, 2 ** (power + 1) - 1);
  const g2 = await prefix(3, counts.g2, curve.g2Bytes, 2 ** power);
  return {
    curve,
    powers: { g1: canonicalPoints(curve, g1, source), g2: canonicalPoints(curve, g2, source) },
    origin: {
      kind: 'ptau',
      file: source.name,
      power,
      ceremonyPower: info.ceremonyPower,
      prefixSha256: toHex(sha256(concatBytes(header, g1, g2))),
    },
  };
}
