import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLS12_381, BN254, CURVES, type Curve } from '../../src/curve/curve.ts';
import { LengthMismatchError } from '../../src/errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../src/field/bytes.ts';
import {
  type BatchMember,
  createMember,
  createProof,
  isSystemName,
  statementId,
} from '../../src/groth16/proof.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import { residue, slow } from '../curve/arbitraries.ts';
import { badPoints } from '../curve/outsiders.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { g1Times, g2Times, scalarArbitrary } from '../helpers/group-elements.ts';
import { syntheticKey } from '../helpers/synthetic-groth16.ts';

const context = { file: 'proof.json', index: 4 };

function keyOf(curve: Curve, inputCount: number): VerificationKey {
  const ic = Array.from({ length: inputCount + 1 }, (_, j) => 11n + BigInt(j));
  return syntheticKey(curve, { alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic });
}

/** Statement of inputs (4, 6) under the key α = 2g, β = 3h, γ = 5h, δ = 7h, IC = (11g, 0, 13g); see the key's tests. */
const FROZEN_STATEMENT = new Map<Curve, string>([
  [BN254, 'a761cabd8f9c4c307ba0e26e16a9147a51685eedc3a4212a176f62ddf40c8584'],
  [BLS12_381, '75e54f1d60fe4e567627ce1060daa82bf980c7c96094197ff80a366abf67eb50'],
]);

describe.each(CURVES)('proofs on $name', (curve) => {
  const points = { a: g1Times(curve, 2n), b: g2Times(curve, 3n), c: g1Times(curve, 5n) };
  const proof = createProof(curve, points);

  it('hold their points, and keep none of the bytes they were given', () => {
    expect(proof).toEqual({ curve, ...points });
    const given = { a: points.a.slice(), b: points.b.slice(), c: points.c.slice() };
    const made = createProof(curve, given);
    for (const bytes of Object.values(given)) bytes.fill(0);
    expect(made).toEqual(proof);
    // A Node Buffer's slice shares its memory: it must not be taken for a copy.
    const buffers = { a: Buffer.from(points.a), b: Buffer.from(points.b), c: Buffer.from(points.c) };
    const copied = createProof(curve, buffers);
    for (const buffer of Object.values(buffers)) buffer.fill(0);
    expect(copied).toEqual(proof);
  });

  it.each(['a', 'b', 'c'] as const)('refuse infinity as %s', (field) => {
    expect(() =>
      createProof(curve, { ...points, [field]: new Uint8Array(points[field].length) }, context),
    ).toThrow(expect.objectContaining({ code: 'POINT_AT_INFINITY', context: { ...context, field } }));
  });

  it.each(badPoints(curve, 'g1'))('refuse $what as A and C', ({ bytes, code }) => {
    for (const field of ['a', 'c'])
      expect(() => createProof(curve, { ...points, [field]: bytes }, context)).toThrow(
        expect.objectContaining({ code, context: { ...context, field } }),
      );
  });

  it.each(badPoints(curve, 'g2'))('refuse $what as B', ({ bytes, code }) => {
    expect(() => createProof(curve, { ...points, b: bytes }, context)).toThrow(
      expect.objectContaining({ code, context: { ...context, field: 'b' } }),
    );
  });

  it.each(['a', 'b', 'c'] as const)('refuse a coordinate ≥ p, and another length, in %s', (field) => {
    for (let slot = 0; slot < points[field].length / curve.fpBytes; slot++) {
      const bad = Uint8Array.from(points[field]);
      const value = bigintFromBytesLE(bad.subarray(slot * curve.fpBytes, (slot + 1) * curve.fpBytes));
      writeBigintLE(value + curve.modulus, bad, slot * curve.fpBytes, curve.fpBytes);
      expect(() => createProof(curve, { ...points, [field]: bad }, context)).toThrow(
        expect.objectContaining({ code: 'FIELD_ELEMENT_OUT_OF_RANGE', context: { ...context, field } }),
      );
    }
    for (const bytes of [
      points[field].subarray(1),
      new Uint8Array(),
      new Uint8Array(points[field].length + 1),
    ])
      expect(() => createProof(curve, { ...points, [field]: bytes })).toThrow(LengthMismatchError);
  });

  describe('as members', () => {
    const key = keyOf(curve, 2);
    const { order } = curve;

    it('hold key, proof, system, origin and the packed inputs', () => {
      fc.assert(
        fc.property(residue(curve.order), residue(curve.order), (x, y) => {
          const origin = { file: 'a.json', index: 3 };
          const member = createMember(key, proof, [x, y], 'risc0', origin);
          expect(member).toMatchObject({ key, proof, system: 'risc0', origin });
          expect(member.inputs).toHaveLength(64);
          expect(bigintFromBytesLE(member.inputs.subarray(0, 32))).toBe(x);
          expect(bigintFromBytesLE(member.inputs.subarray(32))).toBe(y);
        }),
        { numRuns: fuzzRuns(20) },
      );
    });

    it('take exactly as many inputs as the key: none are made up, none are dropped', () => {
      for (const count of [0, 1, 3, 4]) {
        const inputs = new Array<bigint>(count).fill(0n);
        expect(() => createMember(key, proof, inputs, 'snarkjs', context)).toThrow(
          expect.objectContaining({
            code: 'PUBLIC_INPUT_COUNT',
            context: { ...context, expected: 2, got: count },
          }),
        );
      }
      expect(createMember(keyOf(curve, 0), proof, [], 'snarkjs').inputs).toHaveLength(0);
    });

    it('refuse inputs outside [0, order), naming them', () => {
      for (const bad of [order, order + 1n, -1n, -order, 1n << 256n]) {
        expect(() => createMember(key, proof, [0n, bad], 'snarkjs', context)).toThrow(
          expect.objectContaining({
            code: 'SCALAR_OUT_OF_RANGE',
            message: expect.stringContaining('Public input 1'),
            context: expect.objectContaining(context),
          }),
        );
      }
      expect(createMember(key, proof, [0n, order - 1n], 'snarkjs').inputs).toHaveLength(64);
    });

    it('refuse a key on another curve', () => {
      const other = CURVES.find((each) => each !== curve) as Curve;
      expect(() => createMember(keyOf(other, 2), proof, [1n, 2n], 'snarkjs', context)).toThrow(
        expect.objectContaining({
          code: 'MIXED_CURVES',
          context: { ...context, expected: other.name, got: curve.name },
        }),
      );
    });
  });

  describe('as statements', () => {
    const key = keyOf(curve, 2);
    const member = (inputs: readonly bigint[], under = key, by = proof): BatchMember =>
      createMember(under, by, inputs, 'synthetic');

    it('have the identity they always had', () => {
      const frozen = syntheticKey(curve, { alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 0n, 13n] });
      expect(statementId(member([4n, 6n], frozen))).toBe(FROZEN_STATEMENT.get(curve));
    });

    it('are the same whatever the proof, the system and the origin', () => {
      const scalar = scalarArbitrary(curve);
      const id = statementId(member([4n, 6n]));
      fc.assert(
        fc.property(scalar, scalar, scalar, (a, b, c) => {
          const other = createProof(curve, {
            a: g1Times(curve, a),
            b: g2Times(curve, b),
            c: g1Times(curve, c),
          });
          const another = createMember(key, other, [4n, 6n], 'gnark', { file: 'x', index: 9 });
          expect(statementId(another)).toBe(id);
        }),
        slow(3),
      );
    });

    it('differ with the inputs, their order and the key', () => {
      const ids = [
        member([4n, 6n]),
        member([6n, 4n]),
        member([4n, 7n]),
        member([0n, 6n]),
        member(
          [4n, 6n],
          syntheticKey(curve, { alpha: 2n, beta: 3n, gamma: 5n, delta: 8n, ic: [11n, 12n, 13n] }),
        ),
        member([4n, 6n, 0n], keyOf(curve, 3)),
        member([4n], keyOf(curve, 1)),
      ].map(statementId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
    });
  });
});

describe('names of systems', () => {
  it('are short lower-case words', () => {
    for (const name of ['snarkjs', 'risc0', 'sp1', 'gnark', 'a', '0', 'my-system_1.2', 'a'.repeat(32)])
      expect(isSystemName(name)).toBe(true);
    for (const name of [
      '',
      'A',
      'Risc0',
      '-a',
      '.a',
      '_a',
      'a b',
      'a/b',
      'ä',
      'a\n',
      'a'.repeat(33),
      'a\u0000',
    ])
      expect(isSystemName(name)).toBe(false);
  });
});
