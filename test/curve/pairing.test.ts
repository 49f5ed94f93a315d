/** Laws of the pairing, and its values against a textbook Miller loop and against other projects. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLS12_381,
  BN254,
  CURVES,
  type Curve,
  type Fp2,
  type Fp12,
  type G1Point,
  type G2Point,
} from '../../src/curve/curve.ts';
import { isInGt } from '../../src/curve/gt.ts';
import { millerLines, millerProduct } from '../../src/curve/miller.ts';
import { mod } from '../../src/field/modular.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { fp12, g1Point, g2Point, gtGenerator, scalar, slow } from './arbitraries.ts';
import { naivePairing } from './naive-pairing.ts';

function pair(curve: Curve, p: G1Point, q: G2Point): Fp12 {
  const { Fp12 } = curve.fields;
  return Fp12.finalExponentiate(millerProduct(curve, [{ g1: p, lines: millerLines(curve, q) }]));
}

/** u, and the constant by which the fast final exponentiation exceeds the plain one, of each curve. */
const CASES = [
  { curve: BN254, u: 0x44e992b44a6909f1n, factor: (u: bigint) => 2n * u * (6n * u ** 2n + 3n * u + 1n) },
  { curve: BLS12_381, u: -0xd201000000010000n, factor: () => 3n },
];

describe.each(CURVES)('pairing on $name', (curve) => {
  const { order } = curve;
  const { Fp12 } = curve.fields;
  const g = curve.g1.BASE;
  const h = curve.g2.BASE;
  const e = gtGenerator(curve);

  it('e(aP, bQ) = e(P, Q)^(ab)', () => {
    fc.assert(
      fc.property(scalar(curve), scalar(curve), (a, b) => {
        const value = pair(curve, g.multiplyUnsafe(a), h.multiplyUnsafe(b));
        expect(value).toEqual(Fp12.pow(e, mod(a * b, order)));
      }),
      slow(6),
    );
  });

  it('is linear on both sides', () => {
    fc.assert(
      fc.property(g1Point(curve), g1Point(curve), g2Point(curve), g2Point(curve), (p, s, q, t) => {
        expect(pair(curve, p, q.add(t))).toEqual(Fp12.mul(pair(curve, p, q), pair(curve, p, t)));
        expect(pair(curve, p.add(s), q)).toEqual(Fp12.mul(pair(curve, p, q), pair(curve, s, q)));
        expect(pair(curve, p.negate(), q)).toEqual(pair(curve, p, q.negate()));
        expect(pair(curve, p.negate(), q)).toEqual(Fp12.conjugate(pair(curve, p, q)));
      }),
      slow(3),
    );
  });

  it('is not degenerate, and its values are in GT', () => {
    expect(e).not.toEqual(Fp12.ONE);
    expect(isInGt(curve, e)).toBe(true);
    fc.assert(
      fc.property(g1Point(curve), g2Point(curve), (p, q) => {
        const value = pair(curve, p, q);
        expect(Fp12.eql(value, Fp12.ONE)).toBe(p.is0() || q.is0());
        expect(isInGt(curve, value)).toBe(true);
      }),
      slow(5),
    );
  });

  it('with infinity is 1', () => {
    for (const [p, q] of [
      [curve.g1.ZERO, h],
      [g, curve.g2.ZERO],
      [curve.g1.ZERO, curve.g2.ZERO],
    ] as const)
      expect(pair(curve, p, q)).toEqual(Fp12.ONE);
    expect(millerLines(curve, curve.g2.ZERO)).toBeUndefined();
    expect(millerProduct(curve, [])).toEqual(Fp12.ONE);
    // Exactly 1 already before the final exponentiation, which would hide a factor from a subfield.
    const lines = millerLines(curve, h);
    expect(millerProduct(curve, [{ g1: curve.g1.ZERO, lines }])).toEqual(Fp12.ONE);
    expect(
      millerProduct(curve, [
        { g1: curve.g1.ZERO, lines },
        { g1: g, lines },
        { g1: g, lines: undefined },
      ]),
    ).toEqual(millerProduct(curve, [{ g1: g, lines }]));
  });

  it('products with shared lines are products of single pairings', () => {
    const member = fc.record({ p: g1Point(curve), which: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), g2Point(curve), g2Point(curve), (members, q, t) => {
        const points = [q, t, q.negate()];
        const lines = points.map((point) => millerLines(curve, point));
        const product = millerProduct(
          curve,
          members.map(({ p, which }) => ({ g1: p, lines: lines[which] })),
        );
        let expected = Fp12.ONE;
        for (const { p, which } of members) {
          const point = points[which] as G2Point;
          if (!p.is0() && !point.is0()) expected = Fp12.mul(expected, curve.pair.pairing(p, point));
        }
        expect(Fp12.finalExponentiate(product)).toEqual(expected);
      }),
      slow(4),
    );
  });

  it('lines can be used again and again', () => {
    const lines = millerLines(curve, h);
    const first = millerProduct(curve, [{ g1: g, lines }]);
    millerProduct(curve, [
      { g1: g.double(), lines },
      { g1: g, lines },
    ]);
    expect(millerProduct(curve, [{ g1: g, lines }])).toEqual(first);
  });

  it('e(P, Q)·e(−P, Q) = 1 in one product', () => {
    const lines = millerLines(curve, h.multiplyUnsafe(7n));
    const p = g.multiplyUnsafe(11n);
    const product = millerProduct(curve, [
      { g1: p, lines },
      { g1: p.negate(), lines },
    ]);
    expect(Fp12.finalExponentiate(product)).toEqual(Fp12.ONE);
  });
});

describe.each(CASES)('pairing on $curve.name by the book', ({ curve, u, factor }) => {
  const { Fp12 } = curve.fields;

  it('the final exponentiation is the plain power to (p¹² − 1)/r times a constant coprime to r', () => {
    const plain = (curve.modulus ** 12n - 1n) / curve.order;
    const constant = mod(factor(u), curve.order);
    expect(constant).not.toBe(0n);
    fc.assert(
      fc.property(fp12(curve), (value) => {
        fc.pre(!Fp12.is0(value));
        expect(Fp12.finalExponentiate(value)).toEqual(Fp12.pow(Fp12.pow(value, plain), constant));
      }),
      slow(1),
    );
  });

  it('is the optimal ate pairing computed with chords and tangents in E(Fp12)', () => {
    const p = curve.g1.BASE.multiplyUnsafe(0x123456789abcdef0123456789abcdefn);
    const q = curve.g2.BASE.multiplyUnsafe(0xfedcba9876543210fedcba987654321n);
    const expected = Fp12.pow(naivePairing(curve, p, q, u), mod(factor(u), curve.order));
    expect(pair(curve, p, q)).toEqual(expected);
  });
});

/** e(g, h) as relic, AMCL and the zkcrypto crates have it, in tower order. */
const BLS12_381_GENERATORS = [
  0x1250ebd871fc0a92a7b2d83168d0d727272d441befa15c503dd8e90ce98db3e7b6d194f60839c508a84305aaca1789b6n,
  0x089a1c5b46e5110b86750ec6a532348868a84045483c92b7af5af689452eafabf1a8943e50439f1d59882a98eaa0170fn,
  0x1368bb445c7c2d209703f239689ce34c0378a68e72a6b3b216da0e22a5031b54ddff57309396b38c881c4c849ec23e87n,
  0x193502b86edb8857c273fa075a50512937e0794e1e65a7617c90d8bd66065b1fffe51d7a579973b1315021ec3c19934fn,
  0x01b2f522473d171391125ba84dc4007cfbf2f8da752f7c74185203fcca589ac719c34dffbbaad8431dad1c1fb597aaa5n,
  0x018107154f25a764bd3c79937a45b84546da634b8f6be14a8061e55cceba478b23f7dacaa35c8ca78beae9624045b4b6n,
  0x19f26337d205fb469cd6bd15c3d5a04dc88784fbb3d0b2dbdea54d43b2b73f2cbb12d58386a8703e0f948226e47ee89dn,
  0x06fba23eb7c5af0d9f80940ca771b6ffd5857baaf222eb95a7d2809d61bfe02e1bfd1b68ff02f0b8102ae1c2d5d5ab1an,
  0x11b8b424cd48bf38fcef68083b0b0ec5c81a93b330ee1a677d0d15ff7b984e8978ef48881e32fac91b93b47333e2ba57n,
  0x03350f55a7aefcd3c31b4fcb6ce5771cc6a0e9786ab5973320c806ad360829107ba810c5a09ffdd9be2291a0c25a99a2n,
  0x04c581234d086a9902249b64728ffd21a189e87935a954051c7cdba7b3872629a4fafc05066245cb9108f0242d0fe3efn,
  0x0f41e58663bf08cf068672cbd01a7ec73baca4d72ca93544deff686bfd6df543d48eaa24afe47e1efde449383b676631n,
];

describe('known pairings', () => {
  it('BLS12-381: e(g, h)', () => {
    const { g1, g2, fields } = BLS12_381;
    const value = pair(BLS12_381, g1.BASE, g2.BASE);
    expect(value).toEqual(fields.Fp12.fromBigTwelve(BLS12_381_GENERATORS as never));
  });
});

describeWithVectors('known pairings of snarkjs', (dir) => {
  it.each([1, 10, 20])('BN254: e(α, β) as it stands in the Semaphore key of depth %i', (depth) => {
    const file = join(dir, 'zkeys', 'semaphore', `semaphore-${depth}.json`);
    const key = JSON.parse(readFileSync(file, 'utf8')) as {
      vk_alpha_1: [string, string];
      vk_beta_2: [[string, string], [string, string]];
      vk_alphabeta_12: [string, string][][];
    };
    const fp2 = ([c0, c1]: [string, string]): Fp2 => ({ c0: BigInt(c0), c1: BigInt(c1) });
    const alpha = BN254.g1.fromAffine({ x: BigInt(key.vk_alpha_1[0]), y: BigInt(key.vk_alpha_1[1]) });
    const beta = BN254.g2.fromAffine({ x: fp2(key.vk_beta_2[0]), y: fp2(key.vk_beta_2[1]) });
    const expected = key.vk_alphabeta_12.flat(2).map(BigInt);
    expect(pair(BN254, alpha, beta)).toEqual(BN254.fields.Fp12.fromBigTwelve(expected as never));
  });
});
