/**
 * A Groth16 proving key made by one party, here and now. INSECURE BY DESIGN: whoever ran it could have kept
 * the trapdoor and could then prove anything. It serves demonstrations and tests, as single-party setups of
 * proving libraries do; a circuit in use needs a ceremony. (snarkjs' own ceremony commands take minutes even
 * for circuits of this size, because no contributor knows the trapdoor; knowing it, every element of the key
 * is one multiple of a generator.)
 *
 * Source: Groth, "On the Size of Pairing-Based Non-interactive Arguments", ePrint 2016/260, section 3.2, with
 * gamma = 1 and the quotient given on a coset, as the zkey format (iden3/snarkjs) has it.
 */

import { bigintFromBytesBE, joinBytes, u32le, writeBigintLE } from '../../src/field/bytes.ts';
import { Fp } from './curve.ts';
import { generatorMultiples } from './fixed-base.ts';
import { type Section, writeSections } from './iden3-file.ts';
import { ELEMENT_BYTES, type LinearCombination, type R1cs } from './r1cs.ts';
import type { WasmCurve, WasmGroup } from './snarkjs.ts';

/** The generator of the field's multiplicative group from which the format takes its roots of unity. */
const FIELD_GENERATOR = 5n;
/** 2^512: coefficients are stored twice multiplied by the Montgomery radix 2^256. */
const RADIX_SQUARED = 1n << 512n;

/** The smallest power of two that holds the constraints and one row for each public wire. */
export function domainSize(r1cs: R1cs): number {
  const rows = r1cs.constraints.length + publicWires(r1cs);
  return 2 ** Math.ceil(Math.log2(rows));
}

/** The constant 1, the outputs and the public inputs. */
function publicWires(r1cs: R1cs): number {
  return 1 + r1cs.publicOutputs + r1cs.publicInputs;
}

/**
 * A .zkey file for the circuit, from a trapdoor drawn from the CSPRNG and dropped on return.
 * Throws `AbortedError` when the signal fires.
 */
export async function makeDemoProvingKey(
  r1cs: R1cs,
  curve: WasmCurve,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const [tau, alpha, beta, delta] = Array.from({ length: 4 }, trapdoor) as [bigint, bigint, bigint, bigint];
  const size = domainSize(r1cs);
  const publics = publicWires(r1cs);
  const { a, b, c } = wirePolynomials(r1cs, lagrangeBasis(size, tau));

  const mixed = a.map((value, wire) =>
    Fp.add(Fp.add(Fp.mul(beta, value), Fp.mul(alpha, b[wire] as bigint)), c[wire] as bigint),
  );
  const overDelta = Fp.inv(delta);
  const quotientBasis = lagrangeBasis(2 * size, tau)
    .filter((_, row) => row % 2 === 1)
    .map((value) => Fp.mul(value, overDelta));
  const privates = mixed.slice(publics).map((value) => Fp.mul(value, overDelta));

  const g1 = (scalars: readonly bigint[]): Promise<Uint8Array> => points(curve.G1, curve, scalars, signal);
  const g2 = (scalars: readonly bigint[]): Promise<Uint8Array> => points(curve.G2, curve, scalars, signal);
  const [alpha1, beta1, delta1] = [await g1([alpha]), await g1([beta]), await g1([delta])];
  const [beta2, gamma2, delta2] = [await g2([beta]), await g2([1n]), await g2([delta])];
  const sections: Section[] = [
    [1, u32le(1)],
    [
      2,
      joinBytes([
        ...[u32le(ELEMENT_BYTES), element(curve.q), u32le(ELEMENT_BYTES), element(curve.r)],
        ...[u32le(r1cs.wires), u32le(publics - 1), u32le(size)],
        ...[alpha1, beta1, beta2, gamma2, delta1, delta2],
      ]),
    ],
    [3, await g1(mixed.slice(0, publics))],
    [4, coefficientSection(r1cs)],
    [5, await g1(a)],
    [6, await g1(b)],
    [7, await g2(b)],
    [8, await g1(privates)],
    [9, await g1(quotientBasis)],
    // A ceremony's transcript stands here: its hash and its contributions, of which there are none.
    [10, new Uint8Array(64 + 4)],
  ];
  return writeSections('zkey', sections);
}

function trapdoor(): bigint {
  const wide = bigintFromBytesBE(globalThis.crypto.getRandomValues(new Uint8Array(64)));
  return 1n + (wide % (Fp.ORDER - 1n));
}

function points(
  group: WasmGroup,
  curve: WasmCurve,
  scalars: readonly bigint[],
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return generatorMultiples(group, curve.tm, scalars, signal);
}

function element(value: bigint): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_BYTES);
  writeBigintLE(value, bytes, 0, ELEMENT_BYTES);
  return bytes;
}

/**
 * The Lagrange polynomials of the subgroup of order `size`, all at tau:
 * L_i = (tau^size - 1) / size · w^i / (tau - w^i).
 */
function lagrangeBasis(size: number, tau: bigint): bigint[] {
  const order = BigInt(size);
  const root = Fp.pow(FIELD_GENERATOR, (Fp.ORDER - 1n) / order);
  const powers = [1n];
  while (powers.length < size) powers.push(Fp.mul(powers.at(-1) as bigint, root));
  const inverses = Fp.invertBatch(powers.map((power) => Fp.sub(tau, power)));
  const scale = Fp.div(Fp.sub(Fp.pow(tau, order), 1n), Fp.create(order));
  return powers.map((power, i) => Fp.mul(Fp.mul(scale, power), inverses[i] as bigint));
}

/**
 * For every wire the three polynomials of the circuit at tau. Row i belongs to constraint i; one row more for
 * each public wire keeps the public wires' polynomials independent of each other.
 */
function wirePolynomials(r1cs: R1cs, basis: readonly bigint[]): Record<'a' | 'b' | 'c', bigint[]> {
  const sums = { a: zeros(r1cs.wires), b: zeros(r1cs.wires), c: zeros(r1cs.wires) };
  const accumulate = (into: bigint[], combination: LinearCombination, row: number): void => {
    for (const [wire, coefficient] of combination) {
      into[wire] = ((into[wire] as bigint) + coefficient * (basis[row] as bigint)) % Fp.ORDER;
    }
  };
  for (const [row, { a, b, c }] of r1cs.constraints.entries()) {
    accumulate(sums.a, a, row);
    accumulate(sums.b, b, row);
    accumulate(sums.c, c, row);
  }
  for (let wire = 0; wire < publicWires(r1cs); wire++) {
    accumulate(sums.a, [[wire, 1n]], r1cs.constraints.length + wire);
  }
  return sums;
}

function zeros(count: number): bigint[] {
  return new Array<bigint>(count).fill(0n);
}

/** The matrices A and B by entry: matrix, row, wire, coefficient. The prover works C out as their product. */
function coefficientSection(r1cs: R1cs): Uint8Array {
  const entries: (readonly [matrix: number, row: number, wire: number, coefficient: bigint])[] = [];
  for (const [row, constraint] of r1cs.constraints.entries()) {
    for (const [wire, coefficient] of constraint.a) entries.push([0, row, wire, coefficient]);
    for (const [wire, coefficient] of constraint.b) entries.push([1, row, wire, coefficient]);
  }
  for (let wire = 0; wire < publicWires(r1cs); wire++) {
    entries.push([0, r1cs.constraints.length + wire, wire, 1n]);
  }

  const entryBytes = 12 + ELEMENT_BYTES;
  const bytes = new Uint8Array(4 + entries.length * entryBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entries.length, true);
  for (const [i, [matrix, row, wire, coefficient]] of entries.entries()) {
    const at = 4 + i * entryBytes;
    view.setUint32(at, matrix, true);
    view.setUint32(at + 4, row, true);
    view.setUint32(at + 8, wire, true);
    writeBigintLE((coefficient * RADIX_SQUARED) % Fp.ORDER, bytes, at + 12, ELEMENT_BYTES);
  }
  return bytes;
}
