/**
 * Witnesses as circom and snarkjs write them (.wtns): section 1 field size, modulus and count; section 2 the values of all wires,
 * canonical and little-endian, the constant 1 first.
 */

import { CURVES, type Curve } from '../../curve/curve.ts';
import { WitnessError } from '../../errors.ts';
import type { ByteSource } from '../../field/byte-source.ts';
import { bigintFromBytesLE } from '../../field/bytes.ts';
import { SectionTable } from './section-table.ts';

const WTNS = { magic: 'wtns', maxVersion: 2, firstSection: 1, error: WitnessError } as const;

/** A witness in memory. */
export interface Witness {
  /** The curve whose scalar field the values are in. */
  readonly curve: Curve;
  /** Values of the wires, 32 bytes little-endian each. Secret. */
  readonly values: Uint8Array;
}

/** The curve whose scalar field has this order in this many bytes. */
export function curveOfScalarField(order: bigint, bytes: number): Curve | undefined {
  return CURVES.find((curve) => curve.order === order && curve.frBytes === bytes);
}

/**
 * Reads a witness. Throws {@link WitnessError} for a malformed file and for a field that is no supported curve's. That the values
 * are below the order is checked where they are uploaded.
 */
export async function readWitness(source: ByteSource): Promise<Witness> {
  const table = await SectionTable.read(source, WTNS);
  const header = await table.atMost(1, 128, 'header');
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const bytes = header.length >= 4 ? view.getUint32(0, true) : 0;
  if (header.length !== 8 + bytes) {
    table.fail(`section 1 (header): expected ${8 + bytes} bytes, got ${header.length}.`);
  }
  const curve = curveOfScalarField(bigintFromBytesLE(header.subarray(4, 4 + bytes)), bytes);
  if (!curve) {
    return table.fail(
      'its values are in a field of no supported curve; compile the circuit for bn128 or bls12381.',
    );
  }
  const count = view.getUint32(4 + bytes, true);
  return { curve, values: await table.exactly(2, count * bytes, 'values') };
}
