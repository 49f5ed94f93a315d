/**
 * Groth16 proving keys as snarkjs writes them (.zkey). Sections: 1 protocol; 2 header (field sizes and moduli, counts, α₁, β₁, β₂,
 * γ₂, δ₁, δ₂); 3 IC; 4 coefficients of A and B; 5 A, 6 B₁, 7 B₂, 8 C, 9 H points; 10 contributions. Points are affine, little-endian,
 * in Montgomery form with radix 2^(8·bytes); infinity is all zero. Any order of the sections after the first is taken,
 * as snarkjs itself writes several. Format: learned from snarkjs' zkey_utils.js and zkey_new.js.
 */

import { CURVES, type Curve } from '../../curve/curve.ts';
import { CapacityError, ProvingKeyError, UnsupportedProofError, withContext } from '../../errors.ts';
import { ByteReader } from '../../field/byte-reader.ts';
import type { ByteSource } from '../../field/byte-source.ts';
import { bigintFromBytesLE } from '../../field/bytes.ts';
import { fromMontgomery } from '../../field/montgomery.ts';
import type { PointChecks } from '../point-checks.ts';
import { createVerificationKey, type VerificationKey } from '../verification-key.ts';
import { ENTRY_BYTES, readCoefficients, type ZkeyCoefficients } from './coefficient-section.ts';
import { SectionTable } from './section-table.ts';

const ZKEY = { magic: 'zkey', maxVersion: 1, firstSection: 1, error: ProvingKeyError } as const;

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'groth16'],
  [2, 'plonk'],
  [10, 'fflonk'],
]);

/** The largest domain whose transforms the backends do, as a power of two. */
const MAX_POWER = 24;

/** Counts of a circuit, as its key has them. */
export interface ZkeyInfo {
  readonly curve: Curve;
  /** Wires, the constant 1 included. */
  readonly wireCount: number;
  /** Public signals: outputs and public inputs. */
  readonly publicCount: number;
  /** Rows that constraints and public inputs are padded to, a power of two. */
  readonly domainSize: number;
  /** Coefficients of the matrices A and B that are not zero. */
  readonly coefficientCount: number;
}

/** Points of the header that proofs are made with, in memory form. */
export interface ZkeyPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
}

/** Sections of points that are multiplied by scalars. */
export type ZkeyBases = 'a' | 'b1' | 'b2' | 'c' | 'h';

const BASES: Readonly<Record<ZkeyBases, { readonly section: number; readonly what: string }>> = {
  a: { section: 5, what: 'A points' },
  b1: { section: 6, what: 'B1 points' },
  b2: { section: 7, what: 'B2 points' },
  c: { section: 8, what: 'C points' },
  h: { section: 9, what: 'H points' },
};

/** An open proving key: what its head says, and its sections one at a time. */
export interface ZkeyReader {
  readonly info: ZkeyInfo;
  readonly points: ZkeyPoints;
  /** Reads section 3 and makes the verification key. As createVerificationKey about `checks` and what it throws. */
  verificationKey(checks?: PointChecks): Promise<VerificationKey>;
  /** Points in Montgomery form, unchecked. */
  bases(which: ZkeyBases): Promise<Uint8Array>;
  /** The matrices. Throws ProvingKeyError where an entry is outside them. */
  coefficients(): Promise<ZkeyCoefficients>;
}

async function readProtocol(table: SectionTable): Promise<void> {
  const section = new ByteReader(await table.exactly(1, 4, 'protocol'), table.source.name);
  const id = section.u32('protocol');
  const name = PROTOCOLS.get(id);
  if (name === 'groth16') return;
  if (name === undefined) return table.fail(`protocol number ${id} is not known; expected 1 (groth16).`);
  throw new UnsupportedProofError(
    `${table.source.name}: a proving key for ${name}; expected one for groth16. Set the circuit up again with "snarkjs groth16 setup".`,
    { file: table.source.name, field: 'protocol' },
  );
}

function readModulus(reader: ByteReader, field: string): { bytes: number; modulus: bigint } {
  const bytes = reader.u32(`${field} size`);
  if (bytes > 64) reader.fail(`expected at most 64 bytes in an element of the ${field}, got ${bytes}`, field);
  return { bytes, modulus: bigintFromBytesLE(reader.take(bytes, field)) };
}

function readCurve(reader: ByteReader): Curve {
  const base = readModulus(reader, 'base field');
  const scalar = readModulus(reader, 'scalar field');
  const curve = CURVES.find(({ modulus, fpBytes }) => modulus === base.modulus && fpBytes === base.bytes);
  if (!curve) return reader.fail('a curve that is not supported; expected BN254 or BLS12-381', 'base field');
  if (scalar.modulus !== curve.order || scalar.bytes !== curve.frBytes) {
    reader.fail(`the base field is that of ${curve.name}, the scalar field is not`, 'scalar field');
  }
  return curve;
}

/** ByteReader tells of bytes that are missing or left over with an EncodingError; a key's own error is clearer. */
function asKeyError<T>(table: SectionTable, action: () => T): T {
  try {
    return withContext({ file: table.source.name }, action);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ProvingKeyError(error.message, { file: table.source.name, field: 'header' }, error);
  }
}

/** Opens a proving key by its head. Throws ProvingKeyError, or UnsupportedProofError for PLONK and FFLONK. */
export async function openZkey(source: ByteSource): Promise<ZkeyReader> {
  const table = await SectionTable.read(source, ZKEY);
  await readProtocol(table);
  const header = new ByteReader(await table.atMost(2, 4096, 'header'), `${source.name}, header`);
  const { curve, wireCount, publicCount, domainSize, raw } = asKeyError(table, () => {
    const own = readCurve(header);
    const [wires, publics, domain] = [
      header.u32('wire count'),
      header.u32('public count'),
      header.u32('domain size'),
    ];
    const [g1, g2] = [own.g1Bytes, own.g2Bytes];
    const points = [g1, g1, g2, g2, g1, g2].map((size) =>
      fromMontgomery(
        header.take(size, 'point'),
        own.fpBytes,
        own.modulus,
        `${source.name}, header, coordinate`,
      ),
    );
    header.end();
    return { curve: own, wireCount: wires, publicCount: publics, domainSize: domain, raw: points };
  });
  const [alpha1, beta1, beta2, gamma2, delta1, delta2] = raw as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if (publicCount >= wireCount) {
    table.fail(`${publicCount} public signals and the constant 1 do not fit in ${wireCount} wires.`);
  }
  if (domainSize < 1 || !Number.isInteger(Math.log2(domainSize))) {
    table.fail(`expected a power of two as domain size, got ${domainSize}.`);
  }
  if (domainSize > 2 ** MAX_POWER) {
    throw new CapacityError(
      `${source.name}: a circuit of ${domainSize} rows; at most 2^${MAX_POWER} can be proven here. Split the circuit.`,
      { file: source.name },
    );
  }
  const coefficientCount = (table.lengthOf(4, 'coefficients') - 4) / ENTRY_BYTES;
  const counts: Readonly<Record<ZkeyBases, number>> = {
    a: wireCount,
    b1: wireCount,
    b2: wireCount,
    c: wireCount - publicCount - 1,
    h: domainSize,
  };
  return {
    info: { curve, wireCount, publicCount, domainSize, coefficientCount },
    points: { alpha1, beta1, beta2, delta1, delta2 },
    verificationKey: async (checks) => {
      const count = publicCount + 1;
      const bytes = await table.exactly(3, count * curve.g1Bytes, 'IC points');
      const ic = fromMontgomery(bytes, curve.fpBytes, curve.modulus, `${source.name}, IC, coordinate`);
      return createVerificationKey(
        curve,
        {
          alpha: alpha1,
          beta: beta2,
          gamma: gamma2,
          delta: delta2,
          ic: Array.from({ length: count }, (_, i) =>
            ic.subarray(i * curve.g1Bytes, (i + 1) * curve.g1Bytes),
          ),
        },
        { file: source.name },
        checks,
      );
    },
    bases: (which) => {
      const { section, what } = BASES[which];
      const pointBytes = which === 'b2' ? curve.g2Bytes : curve.g1Bytes;
      return table.exactly(section, counts[which] * pointBytes, what);
    },
    coefficients: async () => {
      const bytes = await table.exactly(4, table.lengthOf(4, 'coefficients'), 'coefficients');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const count = bytes.length >= 4 ? view.getUint32(0, true) : -1;
      if (count !== coefficientCount) {
        table.fail(
          `section 4 (coefficients): says ${count} entries, its length is that of ${coefficientCount}.`,
          undefined,
          'coefficients',
        );
      }
      return readCoefficients(bytes.subarray(4), domainSize, wireCount, (index) =>
        table.fail(
          `section 4 (coefficients): entry ${index} is outside the matrices of ${domainSize} rows and ${wireCount} columns.`,
          undefined,
          'coefficients',
        ),
      );
    },
  };
}
