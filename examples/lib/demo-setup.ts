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

import type { Backend, BackendVector } from '../../src/backend/backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { throwIfAborted } from '../../src/errors.ts';
import { bigintFromBytesLE, joinBytes, u32le, writeBigintLE } from '../../src/field/bytes.ts';
import { mod, modInverse, modPow } from '../../src/field/modular.ts';
import { powers } from '../../src/field/polynomial.ts';
import { randomScalar } from '../../src/field/random.ts';
import { rootOfUnity } from '../../src/ntt/roots.ts';
import { type Section, writeSections } from './iden3-file.ts';
import type { LinearCombination, R1cs } from './r1cs.ts';

/** Multiples of a generator that are computed in one go. */
const CHUNK = 1 << 14;

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
 * A .zkey file for the circuit on the backend's curve, from a trapdoor drawn from the CSPRNG and dropped on return.
 * Throws `AbortedError` when the signal fires.
 */
export async function makeDemoProvingKey(
  r1cs: R1cs,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { curve } = backend;
  const { order, modulus, fpBytes, frBytes } = curve;
  const [tau, alpha, beta, delta] = [0, 1, 2, 3].map(() => randomScalar(order)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const size = domainSize(r1cs);
  const publics = publicWires(r1cs);
  const { a, b, c } = wirePolynomials(r1cs, lagrangeBasis(size, tau, order), order);

  const mixed = a.map((value, wire) =>
    mod(beta * value + alpha * (b[wire] as bigint) + (c[wire] as bigint), order),
  );
  const overDelta = modInverse(delta, order);
  const quotientBasis = lagrangeBasis(2 * size, tau, order)
    .filter((_, row) => row % 2 === 1)
    .map((value) => mod(value * overDelta, order));
  const privates = mixed.slice(publics).map((value) => mod(value * overDelta, order));

  const g1 = (scalars: readonly bigint[]): Promise<Uint8Array> => multiples(backend, 'g1', scalars, signal);
  const g2 = (scalars: readonly bigint[]): Promise<Uint8Array> => multiples(backend, 'g2', scalars, signal);
  const [alpha1, beta1, delta1] = [await g1([alpha]), await g1([beta]), await g1([delta])];
  const [beta2, gamma2, delta2] = [await g2([beta]), await g2([1n]), await g2([delta])];
  const sections: Section[] = [
    [1, u32le(1)],
    [
      2,
      joinBytes([
        ...[u32le(fpBytes), element(modulus, fpBytes), u32le(frBytes), element(order, frBytes)],
        ...[u32le(r1cs.wires), u32le(publics - 1), u32le(size)],
        ...[alpha1, beta1, beta2, gamma2, delta1, delta2],
      ]),
    ],
    [3, await g1(mixed.slice(0, publics))],
    [4, coefficientSection(r1cs, order, frBytes)],
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

/** scalar·generator for each scalar, as affine points in Montgomery form, all zeros for infinity. */
async function multiples(
  backend: Backend,
  group: 'g1' | 'g2',
  scalars: readonly bigint[],
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { curve } = backend;
  const generator = group === 'g1' ? g1ToBytes(curve, curve.g1.BASE) : g2ToBytes(curve, curve.g2.BASE);
  const parts: Uint8Array[] = [];
  for (let start = 0; start < scalars.length; start += CHUNK) {
    throwIfAborted(signal);
    const chunk = scalars.slice(start, start + CHUNK);
    const weights = await backend.uploadFr(packScalars(curve, chunk));
    const bases = joinBytes(chunk.map(() => generator));
    const made: BackendVector[] = [weights];
    if (group === 'g1') {
      const points = await backend.uploadG1(bases);
      made.push(points, await backend.scaleG1(points, weights, { signal }));
    } else {
      const points = await backend.uploadG2(bases);
      made.push(points, await backend.scaleG2(points, weights, { signal }));
    }
    parts.push(toMontgomery(await backend.read(made[2] as BackendVector), curve.modulus, curve.fpBytes));
    for (const vector of made) vector.dispose();
  }
  return joinBytes(parts);
}

/** Coordinates times 2^(8·bytes). */
function toMontgomery(coordinates: Uint8Array, modulus: bigint, bytes: number): Uint8Array {
  const shift = BigInt(8 * bytes);
  const out = new Uint8Array(coordinates.length);
  for (let at = 0; at < out.length; at += bytes) {
    const value = bigintFromBytesLE(coordinates.subarray(at, at + bytes));
    writeBigintLE((value << shift) % modulus, out, at, bytes);
  }
  return out;
}

function element(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  writeBigintLE(value, bytes, 0, size);
  return bytes;
}

/**
 * The Lagrange polynomials of the subgroup of order `size`, all at tau:
 * L_i = (tau^size - 1) / size · w^i / (tau - w^i).
 */
function lagrangeBasis(size: number, tau: bigint, order: bigint): bigint[] {
  const roots = powers(rootOfUnity(order, Math.log2(size)), size, order, 1n);
  const inverses = invertAll(
    roots.map((root) => mod(tau - root, order)),
    order,
  );
  const scale = mod((modPow(tau, BigInt(size), order) - 1n) * modInverse(BigInt(size), order), order);
  return roots.map((root, i) => mod(((scale * root) % order) * (inverses[i] as bigint), order));
}

/** 1/value for each value, with one inversion. */
function invertAll(values: readonly bigint[], order: bigint): bigint[] {
  const products = [1n];
  for (const value of values) products.push(((products.at(-1) as bigint) * value) % order);
  let inverse = modInverse(products.at(-1) as bigint, order);
  const out = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    out[i] = (inverse * (products[i] as bigint)) % order;
    inverse = (inverse * (values[i] as bigint)) % order;
  }
  return out;
}

/**
 * For every wire the three polynomials of the circuit at tau. Row i belongs to constraint i; one row more for
 * each public wire keeps the public wires' polynomials independent of each other.
 */
function wirePolynomials(
  r1cs: R1cs,
  basis: readonly bigint[],
  order: bigint,
): Record<'a' | 'b' | 'c', bigint[]> {
  const sums = { a: zeros(r1cs.wires), b: zeros(r1cs.wires), c: zeros(r1cs.wires) };
  const accumulate = (into: bigint[], combination: LinearCombination, row: number): void => {
    for (const [wire, coefficient] of combination) {
      into[wire] = ((into[wire] as bigint) + coefficient * (basis[row] as bigint)) % order;
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

/** Bytes of an entry of the coefficients before its value: matrix, row, wire. */
const ENTRY_HEAD_BYTES = 12;

/** The matrices A and B by entry: matrix, row, wire, coefficient. The prover works C out as their product. */
function coefficientSection(r1cs: R1cs, order: bigint, frBytes: number): Uint8Array {
  // A row for each public wire: (0, row, wire, 1).
  const publics = publicWires(r1cs);
  const count = r1cs.constraints.reduce((total, { a, b }) => total + a.length + b.length, publics);
  // Coefficients are stored times the square of the Montgomery radix.
  const radixSquared = modPow(2n, BigInt(16 * frBytes), order);
  const bytes = new Uint8Array(4 + count * (ENTRY_HEAD_BYTES + frBytes));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  let at = 4;
  const write = (matrix: number, row: number, combination: LinearCombination): void => {
    for (const [wire, coefficient] of combination) {
      view.setUint32(at, matrix, true);
      view.setUint32(at + 4, row, true);
      view.setUint32(at + 8, wire, true);
      writeBigintLE((coefficient * radixSquared) % order, bytes, at + ENTRY_HEAD_BYTES, frBytes);
      at += ENTRY_HEAD_BYTES + frBytes;
    }
  };
  for (const [row, { a, b }] of r1cs.constraints.entries()) {
    write(0, row, a);
    write(1, row, b);
  }
  for (let wire = 0; wire < publics; wire++) write(0, r1cs.constraints.length + wire, [[wire, 1n]]);
  return bytes;
}
