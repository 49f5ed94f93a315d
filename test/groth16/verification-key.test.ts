import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packG1, packG2 } from '../../src/curve/affine.ts';
import { BLS12_381, BN254, CURVES, type Curve, type Fp2 } from '../../src/curve/curve.ts';
import { g1FromBytes, g2FromBytes } from '../../src/curve/points.ts';
import { EncodingError, LengthMismatchError, SheafError } from '../../src/errors.ts';
import { concatBytes, joinBytes, toHex, u32le, utf8, writeBigintLE } from '../../src/field/bytes.ts';
import {
  createVerificationKey,
  decodeVerificationKey,
  type VerificationKeyPoints,
} from '../../src/groth16/verification-key.ts';
import { slow } from '../curve/arbitraries.ts';
import { badG1Encodings, badG2Encodings } from '../curve/bad-encodings.ts';
import { encodeG1, encodeG2 } from '../curve/naive-encoding.ts';
import { badPoints } from '../curve/outsiders.ts';
import { g1Times, g2Times, scalarArbitrary } from '../helpers/group-elements.ts';
import { describeWithVectors } from '../helpers/vectors.ts';

const context = { file: 'key.json', index: 2 };

function pointsOf(curve: Curve, ic: readonly bigint[] = [11n, 0n, 13n]): VerificationKeyPoints {
  return {
    alpha: g1Times(curve, 2n),
    beta: g2Times(curve, 3n),
    gamma: g2Times(curve, 5n),
    delta: g2Times(curve, 7n),
    ic: ic.map((log) => g1Times(curve, log)),
  };
}

/**
 * Digests of the key α = 2g, β = 3h, γ = 5h, δ = 7h, IC = (11g, 0, 13g), computed apart from this code, from the
 * encoding as it is documented. Composites carry these digests: they must not change within format 1.
 */
const FROZEN = new Map<Curve, string>([
  [BN254, '07022cbd7337cb71a681dadc1153d9d761208cfc100ac1b36efad831fc6b9b8f'],
  [BLS12_381, '8288f666bbd549b6405e7641d4db24af7dc3ad39cd5e78d0a4c852648cdd02e0'],
]);

describe.each(CURVES)('verification keys on $name', (curve) => {
  const points = pointsOf(curve);
  const key = createVerificationKey(curve, points);

  it('hold their points and count their inputs', () => {
    expect(key.curve).toBe(curve);
    for (const name of ['alpha', 'beta', 'gamma', 'delta'] as const) expect(key[name]).toEqual(points[name]);
    expect(key.ic).toEqual(joinBytes(points.ic));
    expect(key.inputCount).toBe(2);
  });

  it('encode as curve id, IC count, α, β, γ, δ, IC', () => {
    const g1 = (bytes: Uint8Array): Uint8Array => encodeG1(curve, g1FromBytes(curve, bytes));
    const g2 = (bytes: Uint8Array): Uint8Array => encodeG2(curve, g2FromBytes(curve, bytes));
    const { alpha, beta, gamma, delta, ic } = points;
    expect(key.encoded).toEqual(
      joinBytes([
        Uint8Array.of(curve.id),
        u32le(3),
        g1(alpha),
        g2(beta),
        g2(gamma),
        g2(delta),
        ...ic.map(g1),
      ]),
    );
  });

  it('have the digest they always had', () => {
    expect(key.id).toBe(FROZEN.get(curve));
    expect(toHex(key.digest)).toBe(key.id);
    expect(key.digest).toEqual(sha256(concatBytes(utf8('sheaf/groth16-verification-key/1'), key.encoded)));
  });

  it('come back from their encoding, at any place in a larger buffer', () => {
    const logs = fc.array(fc.oneof(scalarArbitrary(curve), fc.constant(0n)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(logs, fc.nat(7), (ic, before) => {
        const made = createVerificationKey(curve, pointsOf(curve, ic));
        const buffer = new Uint8Array(before + made.encoded.length + 3).fill(0xff);
        buffer.set(made.encoded, before);
        expect(decodeVerificationKey(buffer.subarray(before, before + made.encoded.length))).toEqual(made);
      }),
      slow(4),
    );
  });

  it('differ in their digest when any one point, or the order of IC, differs', () => {
    const variants: Partial<VerificationKeyPoints>[] = [
      {},
      { alpha: g1Times(curve, 3n) },
      { alpha: g1Times(curve, -2n) },
      { beta: g2Times(curve, -3n) },
      { gamma: g2Times(curve, 6n) },
      { delta: g2Times(curve, 5n) },
      { gamma: points.delta, delta: points.gamma },
      { ic: [...points.ic].reverse() },
      { ic: points.ic.slice(0, 2) },
      { ic: [...points.ic, g1Times(curve, 0n)] },
    ];
    const ids = variants.map((change) => createVerificationKey(curve, { ...points, ...change }).id);
    expect(new Set(ids).size).toBe(variants.length);
    expect(ids[0]).toBe(key.id);
  });

  it.each([
    ['plain bytes', (bytes: Uint8Array) => Uint8Array.from(bytes)],
    ['Node Buffers', (bytes: Uint8Array) => Buffer.from(bytes)],
  ])('keep none of the bytes they were given as %s', (_, copy) => {
    const { alpha, beta, gamma, delta, ic } = points;
    const given = {
      alpha: copy(alpha),
      beta: copy(beta),
      gamma: copy(gamma),
      delta: copy(delta),
      ic: ic.map(copy),
    };
    const made = createVerificationKey(curve, given);
    const encoded = copy(key.encoded);
    const decoded = decodeVerificationKey(encoded);
    for (const bytes of [given.alpha, given.beta, given.gamma, given.delta, ...given.ic, encoded])
      bytes.fill(0);
    expect(made).toEqual(key);
    expect(decoded).toEqual(key);
  });

  it('may have infinity in IC, at any place', () => {
    const made = createVerificationKey(curve, pointsOf(curve, [0n, 0n]));
    expect(made.inputCount).toBe(1);
    expect(decodeVerificationKey(made.encoded).id).toBe(made.id);
  });

  it('may take no inputs, and must have IC_0', () => {
    expect(createVerificationKey(curve, pointsOf(curve, [4n])).inputCount).toBe(0);
    expect(() => createVerificationKey(curve, pointsOf(curve, []), context)).toThrow(
      expect.objectContaining({ code: 'LENGTH_MISMATCH', context: expect.objectContaining(context) }),
    );
  });

  it('take at most 2^20 inputs, and say so before any point is read', () => {
    const ic = new Array<Uint8Array>(2 ** 20 + 2).fill(new Uint8Array());
    expect(() => createVerificationKey(curve, { ...points, ic })).toThrow(
      expect.objectContaining({
        code: 'LENGTH_MISMATCH',
        message: expect.stringContaining('1 to 1048577'),
        context: expect.objectContaining({ field: 'IC' }),
      }),
    );
    // One fewer is within the bound: the next complaint is about the points themselves.
    expect(() => createVerificationKey(curve, { ...points, ic: ic.slice(1) })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('IC[0]') }),
    );
  });

  it.each(['alpha', 'beta', 'gamma', 'delta'] as const)('refuse infinity as %s', (name) => {
    const zero = new Uint8Array(points[name].length);
    expect(() => createVerificationKey(curve, { ...points, [name]: zero }, context)).toThrow(
      expect.objectContaining({ code: 'POINT_AT_INFINITY', context: { ...context, field: name } }),
    );
  });

  it.each(badPoints(curve, 'g1'))('refuse $what as α and in IC', ({ bytes, code }) => {
    for (const [change, field] of [
      [{ alpha: bytes }, 'alpha'],
      [{ ic: [bytes, g1Times(curve, 1n)] }, 'IC[0]'],
      [{ ic: [g1Times(curve, 1n), bytes] }, 'IC[1]'],
    ] as const)
      expect(() => createVerificationKey(curve, { ...points, ...change }, context)).toThrow(
        expect.objectContaining({ code, context: { ...context, field } }),
      );
  });

  it.each(badPoints(curve, 'g2'))('refuse $what as β, γ and δ', ({ bytes, code }) => {
    for (const field of ['beta', 'gamma', 'delta'])
      expect(() => createVerificationKey(curve, { ...points, [field]: bytes }, context)).toThrow(
        expect.objectContaining({ code, context: { ...context, field } }),
      );
  });

  it('refuse points of another length, and coordinates ≥ p', () => {
    for (const name of ['alpha', 'beta', 'gamma', 'delta'] as const) {
      expect(() => createVerificationKey(curve, { ...points, [name]: points[name].subarray(1) })).toThrow(
        LengthMismatchError,
      );
      const bad = Uint8Array.from(points[name]);
      writeBigintLE(curve.modulus, bad, 0, curve.fpBytes);
      expect(() => createVerificationKey(curve, { ...points, [name]: bad })).toThrow(
        expect.objectContaining({ code: 'FIELD_ELEMENT_OUT_OF_RANGE' }),
      );
    }
  });

  describe('encodings', () => {
    const { encoded } = key;
    const g1 = curve.g1CompressedBytes;
    const g2 = curve.g2CompressedBytes;
    const changed = (at: number, bytes: Uint8Array): Uint8Array => {
      const out = Uint8Array.from(encoded);
      out.set(bytes, at);
      return out;
    };

    it('cut short or with bytes left over are refused', () => {
      for (let length = 0; length < encoded.length; length += length < 8 ? 1 : 13)
        expect(() => decodeVerificationKey(encoded.subarray(0, length), context)).toThrow(
          expect.objectContaining({ code: 'ENCODING', context: expect.objectContaining(context) }),
        );
      expect(() => decodeVerificationKey(concatBytes(encoded, Uint8Array.of(0)))).toThrow(EncodingError);
    });

    it('with another curve id are refused', () => {
      for (const id of [0, 3, 255])
        expect(() => decodeVerificationKey(changed(0, Uint8Array.of(id)))).toThrow(EncodingError);
      const other = CURVES.find(({ id }) => id !== curve.id) as Curve;
      expect(() => decodeVerificationKey(changed(0, Uint8Array.of(other.id)))).toThrow(SheafError);
    });

    it('with another IC count are refused, without asking for memory', () => {
      for (const count of [0, 1, 2, 4, 2 ** 20 + 2, 2 ** 31, 2 ** 32 - 1])
        expect(() => decodeVerificationKey(changed(1, u32le(count)))).toThrow(EncodingError);
    });

    it('with no IC at all are refused even when the length fits', () => {
      const none = changed(1, u32le(0)).subarray(0, 5 + g1 + 3 * g2);
      expect(() => decodeVerificationKey(none)).toThrow(EncodingError);
    });

    it('with infinity for α, β, γ or δ are refused', () => {
      const zero1 = encodeG1(curve, curve.g1.ZERO);
      const zero2 = encodeG2(curve, curve.g2.ZERO);
      for (const bytes of [
        changed(5, zero1),
        changed(5 + g1, zero2),
        changed(5 + g1 + g2, zero2),
        changed(5 + g1 + 2 * g2, zero2),
      ])
        expect(() => decodeVerificationKey(bytes)).toThrow(
          expect.objectContaining({ code: 'POINT_AT_INFINITY' }),
        );
    });

    it('with a bad encoding in any place are refused', () => {
      for (const { bytes, codes } of badG1Encodings(curve)) {
        for (const at of [5, 5 + g1 + 3 * g2, encoded.length - g1])
          expect(() => decodeVerificationKey(changed(at, bytes), context)).toThrow(
            expect.objectContaining({ code: codes[0], context: expect.objectContaining(context) }),
          );
      }
      for (const { bytes, codes } of badG2Encodings(curve))
        expect(() => decodeVerificationKey(changed(5 + g1 + g2, bytes), context)).toThrow(
          expect.objectContaining({ code: codes[0], context: expect.objectContaining(context) }),
        );
    });

    it('with any one byte changed are refused or are another key', () => {
      fc.assert(
        fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const bytes = changed(at, Uint8Array.of((encoded[at] as number) ^ flip));
          let decoded: ReturnType<typeof decodeVerificationKey>;
          try {
            decoded = decodeVerificationKey(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(SheafError);
            return;
          }
          expect(decoded.encoded).toEqual(bytes);
          expect(decoded.id).not.toBe(key.id);
        }),
        slow(30),
      );
    });
  });
});

describeWithVectors('digests of real verification keys', (dir) => {
  type Pair = readonly [string, string, ...unknown[]];
  const fp2 = ([c0, c1]: Pair): Fp2 => ({ c0: BigInt(c0), c1: BigInt(c1) });

  it.each([
    [BN254, 'risc0/groth16', 5, '41fc1e4b3b402f3e42c89d5a8b24e3845146653466d9a17a5e7446e1481cddde'],
    [
      BLS12_381,
      'bls12-381/vk03-15pub-bls12381',
      15,
      '82541c868b218dacf76495a6bf1e05ba34c08da85cf7fbbc69d61688f3b9d86b',
    ],
  ] as const)('%#: stay as they were computed apart from this code', (curve, folder, inputs, id) => {
    const json = JSON.parse(readFileSync(join(dir, folder, 'verification_key.json'), 'utf8')) as {
      vk_alpha_1: Pair;
      IC: Pair[];
    } & Record<'vk_beta_2' | 'vk_gamma_2' | 'vk_delta_2', [Pair, Pair]>;
    const g1 = ([x, y]: Pair): Uint8Array => packG1(curve, BigInt(x), BigInt(y));
    const g2 = ([x, y]: [Pair, Pair]): Uint8Array => packG2(curve, fp2(x), fp2(y));
    const key = createVerificationKey(curve, {
      alpha: g1(json.vk_alpha_1),
      beta: g2(json.vk_beta_2),
      gamma: g2(json.vk_gamma_2),
      delta: g2(json.vk_delta_2),
      ic: json.IC.map(g1),
    });
    expect(key.inputCount).toBe(inputs);
    expect(key.id).toBe(id);
    expect(decodeVerificationKey(key.encoded).id).toBe(id);
  });
});
