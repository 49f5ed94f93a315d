/** Writes proofs, keys and witnesses as gnark does, from the snarkjs form: JSON, compressed and raw binary, Solidity. */
import { compressG1, compressG2 } from '../../src/curve/compressed.ts';
import type { Curve } from '../../src/curve/curve.ts';
import { g1FromBytes, g2FromBytes } from '../../src/curve/points.ts';
import { bigintFromBytesLE, concatBytes, writeBigintBE } from '../../src/field/bytes.ts';
import type { Groth16Proof } from '../../src/groth16/proof.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import type { Json } from './real-proofs.ts';

/** Releases that lay the lists behind points out differently. */
export type GnarkRelease = '0.8' | '0.10' | '0.11';

export function u32be(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

function coordinates(curve: Curve, point: Uint8Array): bigint[] {
  return Array.from({ length: point.length / curve.fpBytes }, (_, i) =>
    bigintFromBytesLE(point.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes)),
  );
}

function bigEndian(curve: Curve, values: readonly bigint[]): Uint8Array {
  const out = new Uint8Array(values.length * curve.fpBytes);
  for (const [i, value] of values.entries()) writeBigintBE(value, out, i * curve.fpBytes, curve.fpBytes);
  return out;
}

function g1(curve: Curve, point: Uint8Array, raw: boolean): Uint8Array {
  if (!raw) return compressG1(curve, g1FromBytes(curve, point));
  const out = bigEndian(curve, coordinates(curve, point));
  if (curve.name === 'bls12-381' && point.every((byte) => byte === 0)) out[0] = 0x40;
  return out;
}

function g2(curve: Curve, point: Uint8Array, raw: boolean): Uint8Array {
  if (!raw) return compressG2(curve, g2FromBytes(curve, point));
  const [x0, x1, y0, y1] = coordinates(curve, point) as [bigint, bigint, bigint, bigint];
  return bigEndian(curve, [x1, x0, y1, y0]);
}

export function gnarkBinaryProof(
  { curve, a, b, c }: Groth16Proof,
  raw: boolean,
  release: GnarkRelease,
): Uint8Array {
  const body = concatBytes(g1(curve, a, raw), g2(curve, b, raw), g1(curve, c, raw));
  return release === '0.8'
    ? body
    : concatBytes(body, u32be(0), g1(curve, new Uint8Array(curve.g1Bytes), raw));
}

function icOf({ curve, ic }: VerificationKey): Uint8Array[] {
  return Array.from({ length: ic.length / curve.g1Bytes }, (_, i) =>
    ic.subarray(i * curve.g1Bytes, (i + 1) * curve.g1Bytes),
  );
}

export function gnarkBinaryKey(key: VerificationKey, raw: boolean, release: GnarkRelease): Uint8Array {
  const { curve } = key;
  // β and δ in G1 are not looked at; α stands in for them.
  const alpha = g1(curve, key.alpha, raw);
  return concatBytes(
    ...[alpha, alpha, g2(curve, key.beta, raw), g2(curve, key.gamma, raw), alpha, g2(curve, key.delta, raw)],
    u32be(key.inputCount + 1),
    ...icOf(key).map((point) => g1(curve, point, raw)),
    ...(release === '0.8' ? [] : release === '0.10' ? [u32be(0)] : [u32be(0), u32be(0)]),
  );
}

export function gnarkWitness(inputs: readonly bigint[], secret = 0): Uint8Array {
  const words = [...inputs, ...Array<bigint>(secret).fill(1n)].map((value) => {
    const out = new Uint8Array(32);
    writeBigintBE(value, out, 0, 32);
    return out;
  });
  return concatBytes(u32be(inputs.length), u32be(secret), u32be(words.length), ...words);
}

function jsonG1(curve: Curve, point: Uint8Array): Json {
  const [X, Y] = coordinates(curve, point).map(String);
  return { X, Y };
}

function jsonG2(curve: Curve, point: Uint8Array): Json {
  const [x0, x1, y0, y1] = coordinates(curve, point).map(String);
  return { X: { A0: x0, A1: x1 }, Y: { A0: y0, A1: y1 } };
}

export function gnarkJsonProof({ curve, a, b, c }: Groth16Proof): Json {
  return {
    Ar: jsonG1(curve, a),
    Krs: jsonG1(curve, c),
    Bs: jsonG2(curve, b),
    Commitments: [],
    CommitmentPok: { X: 0, Y: 0 },
  };
}

export function gnarkJsonKey(key: VerificationKey): Json {
  const { curve } = key;
  const alpha = jsonG1(curve, key.alpha);
  return {
    G1: { Alpha: alpha, Beta: alpha, Delta: alpha, K: icOf(key).map((point) => jsonG1(curve, point)) },
    G2: { Beta: jsonG2(curve, key.beta), Delta: jsonG2(curve, key.delta), Gamma: jsonG2(curve, key.gamma) },
    CommitmentKeys: null,
    PublicAndCommitmentCommitted: [],
  };
}

/** The eight words of a Solidity proof. */
export function solidityWords({ curve, a, b, c }: Groth16Proof): string[] {
  const [b0, b1, b2, b3] = coordinates(curve, b) as [bigint, bigint, bigint, bigint];
  return [...coordinates(curve, a), b1, b0, b3, b2, ...coordinates(curve, c)].map(
    (word) => `0x${word.toString(16)}`,
  );
}

/** The constants of a Solidity verifier, β, γ, δ negated as there. */
export function soliditySource(key: VerificationKey): string {
  const { curve } = key;
  const constants: string[] = [];
  const define = (name: string, value: bigint): number =>
    constants.push(`  uint256 constant ${name} = ${value};`);
  const defineG1 = (name: string, point: Uint8Array): void => {
    const [x, y] = coordinates(curve, point) as [bigint, bigint];
    define(`${name}_X`, x);
    define(`${name}_Y`, y);
  };
  defineG1('ALPHA', key.alpha);
  for (const [name, point] of [
    ['BETA', key.beta],
    ['GAMMA', key.gamma],
    ['DELTA', key.delta],
  ] as const) {
    const [x0, x1, y0, y1] = coordinates(curve, point) as [bigint, bigint, bigint, bigint];
    define(`${name}_NEG_X_0`, x0);
    define(`${name}_NEG_X_1`, x1);
    define(`${name}_NEG_Y_0`, curve.modulus - y0);
    define(`${name}_NEG_Y_1`, curve.modulus - y1);
  }
  for (const [i, point] of icOf(key).entries()) defineG1(i === 0 ? 'CONSTANT' : `PUB_${i - 1}`, point);
  return `pragma solidity ^0.8.0;\n\ncontract Verifier {\n${constants.join('\n')}\n}\n`;
}
