import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLS12_381, BN254, CURVES, type Curve, curveById, curveByName } from '../../src/curve/curve.ts';
import { OptionError } from '../../src/errors.ts';
import { mod, modPow } from '../../src/field/modular.ts';

/** The published curve parameters: BN254's u (EIP-197's curve) and BLS12-381's u. */
const BN_U = 0x44e992b44a6909f1n;
const BLS_U = -0xd201000000010000n;

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** Miller–Rabin for the first 20 primes as bases. */
function isProbablyPrime(n: bigint): boolean {
  const bases = [
    2n,
    3n,
    5n,
    7n,
    11n,
    13n,
    17n,
    19n,
    23n,
    29n,
    31n,
    37n,
    41n,
    43n,
    47n,
    53n,
    59n,
    61n,
    67n,
    71n,
  ];
  let [odd, twos] = [n - 1n, 0];
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return bases.every((base) => {
    let x = modPow(base, odd, n);
    if (x === 1n || x === n - 1n) return true;
    for (let i = 1; i < twos; i++) {
      x = (x * x) % n;
      if (x === n - 1n) return true;
    }
    return false;
  });
}

/** Trace of Frobenius: p + 1 − t points on G1's curve. */
const TRACE = new Map<Curve, bigint>([
  [BN254, 6n * BN_U ** 2n + 1n],
  [BLS12_381, BLS_U + 1n],
]);

describe('parameters', () => {
  it('BN254 is the curve of the polynomials at u', () => {
    const u = BN_U;
    expect(BN254.modulus).toBe(36n * u ** 4n + 36n * u ** 3n + 24n * u ** 2n + 6n * u + 1n);
    expect(BN254.order).toBe(36n * u ** 4n + 36n * u ** 3n + 18n * u ** 2n + 6n * u + 1n);
    expect(BN254.gtFrobeniusExponent).toBe(6n * u ** 2n);
    expect(BN254.g1IsWholeCurve).toBe(true);
  });

  it('BLS12-381 is the curve of the polynomials at u', () => {
    const u = BLS_U;
    expect(BLS12_381.order).toBe(u ** 4n - u ** 2n + 1n);
    expect(BLS12_381.modulus).toBe(((u - 1n) ** 2n * BLS12_381.order) / 3n + u);
    expect(BLS12_381.gtFrobeniusExponent).toBe(u);
    expect(BLS12_381.g1IsWholeCurve).toBe(false);
  });
});

describe.each(CURVES)('$name', (curve) => {
  const { modulus: p, order: r } = curve;
  const t = TRACE.get(curve) as bigint;
  const h1 = curve.g1.CURVE().h as bigint;
  const h2 = curve.g2.CURVE().h as bigint;
  const phi12 = p ** 4n - p ** 2n + 1n;

  it('has prime p and r, and embedding degree 12', () => {
    expect(isProbablyPrime(p)).toBe(true);
    expect(isProbablyPrime(r)).toBe(true);
    expect(isProbablyPrime(p * r)).toBe(false);
    expect(phi12 % r).toBe(0n);
    for (const k of [1n, 2n, 3n, 4n, 6n]) expect((p ** k - 1n) % r).not.toBe(0n);
    expect((p ** 12n - 1n) % r ** 2n).not.toBe(0n);
  });

  it('has the cofactors that Frobenius traces give', () => {
    expect(h1 * r).toBe(p + 1n - t);
    // Orders of the sextic twists over Fp2: p² + 1 − (±3f + t2)/2 with t2 = t² − 2p and 3f² = 4p² − t2².
    const t2 = t ** 2n - 2n * p;
    const candidates = [1n, -1n].map((sign) => {
      const square = (4n * p ** 2n - t2 ** 2n) / 3n;
      let f = 1n << BigInt((square.toString(2).length + 1) >> 1);
      for (let next = (f + square / f) >> 1n; next < f; next = (f + square / f) >> 1n) f = next;
      expect(f * f).toBe(square);
      return p ** 2n + 1n - (sign * 3n * f + t2) / 2n;
    });
    expect(candidates).toContain(h2 * r);
  });

  it('has no point with y = 0: the orders of both curves are odd', () => {
    expect((h1 * r) % 2n).toBe(1n);
    expect((h2 * r) % 2n).toBe(1n);
  });

  it('has generators of order r on the curves the sources name', () => {
    const [b1, b2] = [curve.g1.CURVE().b, curve.g2.CURVE().b];
    const { Fp2 } = curve.fields;
    if (curve === BN254) {
      expect(b1).toBe(3n);
      expect(Fp2.mul(b2, { c0: 9n, c1: 1n })).toEqual({ c0: 3n, c1: 0n });
      expect(curve.g1.BASE.toAffine()).toEqual({ x: 1n, y: 2n });
    } else {
      expect(b1).toBe(4n);
      expect(b2).toEqual({ c0: 4n, c1: 4n });
    }
    expect(curve.g1.CURVE().a).toBe(0n);
    expect(curve.g2.CURVE().a).toEqual(Fp2.ZERO);
    for (const base of [curve.g1.BASE, curve.g2.BASE]) {
      expect(base.is0()).toBe(false);
      expect(
        base
          .multiplyUnsafe(r - 1n)
          .add(base as never)
          .is0(),
      ).toBe(true);
    }
  });

  it('decides GT exactly: x^p = x^e and x^Φ12(p) = 1 together mean x^r = 1', () => {
    const e = curve.gtFrobeniusExponent;
    // Members pass, since p ≡ e mod r …
    expect(mod(p - e, r)).toBe(0n);
    // … and what passes has an order that divides gcd(p − e, Φ12(p)), which is r and nothing more.
    expect(gcd(p - e, phi12)).toBe(r);
    if (curve === BN254) expect(p - e).toBe(r);
  });

  it('decides G2 exactly: ψ(P) = [t − 1]P means [r]P = 0', () => {
    // ψ² − tψ + p = 0 on the twist, so the order of what passes divides χ(t − 1) = p − (t − 1).
    const z = t - 1n;
    expect(z ** 2n - t * z + p).toBe(p - z);
    expect(gcd(p - z, h2 * r)).toBe(r);
  });

  it('has the sizes its modulus asks for', () => {
    const bytes = Math.ceil(p.toString(2).length / 8);
    expect(curve.fpBytes).toBe(bytes);
    expect(curve.frBytes).toBe(32);
    expect([curve.g1Bytes, curve.g2Bytes, curve.gtBytes]).toEqual([2 * bytes, 4 * bytes, 12 * bytes]);
    expect([curve.g1CompressedBytes, curve.g2CompressedBytes, curve.gtCompressedBytes]).toEqual([
      bytes,
      2 * bytes,
      6 * bytes,
    ]);
    // Room for the flags on top of a coordinate: two bits on BN254, three on BLS12-381.
    expect(8 * bytes - p.toString(2).length).toBe(curve === BN254 ? 2 : 3);
  });

  it('is found by its id and its names', () => {
    expect(curveById(curve.id)).toBe(curve);
    expect(curveByName(curve.name)).toBe(curve);
    expect(curveByName(curve.name.toUpperCase())).toBe(curve);
  });
});

describe('look-up', () => {
  it('takes the names other tools use', () => {
    for (const name of ['bn254', 'BN254', 'bn128', 'bn256', 'alt_bn128', 'altbn128'])
      expect(curveByName(name)).toBe(BN254);
    for (const name of ['bls12-381', 'BLS12_381', 'bls12381', 'BLS12-381'])
      expect(curveByName(name)).toBe(BLS12_381);
  });

  it('refuses any other name, properties of Object included', () => {
    for (const name of [
      '',
      'bls12-377',
      'secp256k1',
      'constructor',
      '__proto__',
      'toString',
      'hasOwnProperty',
    ])
      expect(() => curveByName(name)).toThrow(OptionError);
    fc.assert(
      fc.property(fc.string(), (name) => {
        fc.pre(!/^(bn254|bn128|bn256|alt_?bn128|bls12[-_]?381)$/i.test(name));
        expect(() => curveByName(name)).toThrow(OptionError);
      }),
    );
  });

  it('has ids that fit a byte and differ, and none for others', () => {
    expect(CURVES.map(({ id }) => id)).toEqual([1, 2]);
    for (const id of [0, 3, 255, -1, 1.5, Number.NaN]) expect(curveById(id)).toBeUndefined();
  });
});
