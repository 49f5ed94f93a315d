/** Compressed elements that must be refused, with the codes of the errors that may say so. */

import type { Curve, Fp12 } from '../../src/curve/curve.ts';
import { compressGt } from '../../src/curve/torus.ts';
import { writeBigintBE } from '../../src/field/bytes.ts';
import { gtGenerator } from './arbitraries.ts';
import { encodeG1, encodeG2, encodeX } from './naive-encoding.ts';
import { outsideG1, outsideG2, outsideGt } from './outsiders.ts';

export interface BadEncoding {
  readonly what: string;
  readonly bytes: Uint8Array;
  /** Codes of the errors that fit; where two checks overlap, either may come first. */
  readonly codes: readonly string[];
}

/** The flag bits in the first byte, and the combinations that mean nothing. */
export const FLAG_BITS: Readonly<
  Record<Curve['name'], { mask: number; infinity: number; unknown: readonly number[] }>
> = {
  bn254: { mask: 0xc0, infinity: 0x40, unknown: [0x00] },
  'bls12-381': { mask: 0xe0, infinity: 0xc0, unknown: [0x00, 0x20, 0x40, 0x60, 0xe0] },
};

/** Replaces the flag bits of an encoding. */
export function withFlag(curve: Curve, bytes: Uint8Array, flag: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[0] = ((out[0] as number) & ~FLAG_BITS[curve.name].mask) | flag;
  return out;
}

function badFlags(curve: Curve, generator: Uint8Array): BadEncoding[] {
  const { unknown, infinity } = FLAG_BITS[curve.name];
  const zeros = new Uint8Array(generator.length);
  const junk = (at: number): Uint8Array => {
    const out = withFlag(curve, zeros, infinity);
    out[at] = (out[at] as number) | 1;
    return out;
  };
  const flags = unknown.flatMap((flag) => [
    { what: `flag 0x${flag.toString(16)} on the generator`, bytes: withFlag(curve, generator, flag) },
    { what: `flag 0x${flag.toString(16)} on zeros`, bytes: withFlag(curve, zeros, flag) },
  ]);
  const infinities = [
    { what: 'infinity with the generator after it', bytes: withFlag(curve, generator, infinity) },
    ...[0, 1, generator.length >> 1, generator.length - 1].map((at) => ({
      what: `infinity with a bit in byte ${at}`,
      bytes: junk(at),
    })),
  ];
  return [...flags, ...infinities].map((each) => ({ ...each, codes: ['ENCODING'] }));
}

function outOfRange(curve: Curve, what: string, x: readonly bigint[]): BadEncoding {
  return { what, bytes: encodeX(curve, x), codes: ['FIELD_ELEMENT_OUT_OF_RANGE'] };
}

/** The first multiple of a generator whose leading coordinate, plus p, still fits below the flags. */
function fitting<P extends { add(other: P): P }>(curve: Curve, base: P, leading: (point: P) => bigint): P {
  const limit = 1n << BigInt(8 * curve.fpBytes - (curve.name === 'bn254' ? 2 : 3));
  let point = base;
  while (leading(point) + curve.modulus >= limit) point = point.add(base);
  return point;
}

export function badG1Encodings(curve: Curve): BadEncoding[] {
  const p = curve.modulus;
  const { Fp } = curve.fields;
  const { b } = curve.g1.CURVE();
  const { x } = fitting(curve, curve.g1.BASE, (point) => point.toAffine().x).toAffine();
  let rootless = 1n;
  while (Fp.pow(Fp.add(Fp.pow(rootless, 3n), b), (p - 1n) / 2n) === 1n) rootless++;
  return [
    ...badFlags(curve, encodeG1(curve, curve.g1.BASE)),
    outOfRange(curve, 'x + p for a member', [x + p]),
    outOfRange(curve, 'x = p', [p]),
    { what: 'x without a y', bytes: encodeX(curve, [rootless]), codes: ['POINT_NOT_ON_CURVE'] },
    ...outsideG1(curve).map(({ what, point }) => ({
      what,
      bytes: encodeG1(curve, point),
      codes: ['POINT_NOT_IN_SUBGROUP'],
    })),
  ];
}

export function badG2Encodings(curve: Curve): BadEncoding[] {
  const p = curve.modulus;
  const { Fp, Fp2 } = curve.fields;
  const { b } = curve.g2.CURVE();
  const { x } = fitting(curve, curve.g2.BASE, (point) => point.toAffine().x.c1).toAffine();
  const isSquare = (c0: bigint): boolean => {
    const value = Fp2.add(Fp2.pow({ c0, c1: 1n }, 3n), b);
    return Fp.pow(Fp.add(Fp.sqr(value.c0), Fp.sqr(value.c1)), (p - 1n) / 2n) === 1n;
  };
  let rootless = 1n;
  while (isSquare(rootless)) rootless++;
  return [
    ...badFlags(curve, encodeG2(curve, curve.g2.BASE)),
    outOfRange(curve, 'x.c1 + p for a member', [x.c1 + p, x.c0]),
    outOfRange(curve, 'x.c0 + p for a member', [x.c1, x.c0 + p]),
    outOfRange(curve, 'x.c1 = p', [p, x.c0]),
    outOfRange(curve, 'x.c0 = p', [x.c1, p]),
    { what: 'x without a y', bytes: encodeX(curve, [1n, rootless]), codes: ['POINT_NOT_ON_CURVE'] },
    ...outsideG2(curve).map(({ what, point }) => ({
      what,
      bytes: encodeG2(curve, point),
      codes: ['POINT_NOT_IN_SUBGROUP'],
    })),
  ];
}

export function badGtEncodings(curve: Curve): BadEncoding[] {
  const member = compressGt(curve, gtGenerator(curve));
  const one = compressGt(curve, curve.fields.Fp12.ONE);
  const changed = (bytes: Uint8Array, change: (out: Uint8Array) => void): Uint8Array => {
    const out = Uint8Array.from(bytes);
    change(out);
    return out;
  };
  const flagged = ['ENCODING', 'FIELD_ELEMENT_OUT_OF_RANGE'];
  const coefficient = (i: number): bigint =>
    BigInt(`0x${Buffer.from(member.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes)).toString('hex')}`);
  const slots = [0, 1, 2, 3, 4, 5].flatMap((i) =>
    [coefficient(i) + curve.modulus, curve.modulus].map((value) => ({
      what: `${value === curve.modulus ? 'p' : 'c + p'} as coefficient ${i}`,
      bytes: changed(member, (out) => writeBigintBE(value, out, i * curve.fpBytes, curve.fpBytes)),
      codes: ['FIELD_ELEMENT_OUT_OF_RANGE'],
    })),
  );
  const junk = [0, 1, one.length - 1].map((at) => ({
    what: `the element 1 with a bit in byte ${at}`,
    bytes: changed(one, (out) => {
      out[at] = (out[at] as number) | 1;
    }),
    codes: flagged,
  }));
  const flags = [0x40, 0x80, 0xc0].flatMap((flag) => [
    {
      what: `flag 0x${flag.toString(16)} on a member`,
      bytes: changed(member, (out) => {
        out[0] = (out[0] as number) | flag;
      }),
      codes: flagged,
    },
  ]);
  const strange = [0x80, 0xc0].map((flag) => ({
    what: `flag 0x${flag.toString(16)} on zeros`,
    bytes: changed(new Uint8Array(member.length), (out) => {
      out[0] = flag;
    }),
    codes: flagged,
  }));
  const hasEncoding = (value: Fp12): boolean => {
    const { Fp6, Fp12 } = curve.fields;
    return !Fp6.is0(value.c1) && Fp12.eql(Fp12.mul(value, Fp12.conjugate(value)), Fp12.ONE);
  };
  const outside = outsideGt(curve)
    .filter(({ value }) => hasEncoding(value))
    .map(({ what, value }) => ({ what, bytes: compressGt(curve, value), codes: ['GT_NOT_IN_SUBGROUP'] }));
  return [
    ...slots,
    ...junk,
    ...flags,
    ...strange,
    { what: '−1 (all zeros)', bytes: new Uint8Array(member.length), codes: ['ENCODING'] },
    {
      what: 'a small number, of norm 1 by construction',
      bytes: changed(new Uint8Array(member.length), (out) => {
        out[out.length - 1] = 1;
      }),
      codes: ['GT_NOT_IN_SUBGROUP'],
    },
    ...outside,
  ];
}
