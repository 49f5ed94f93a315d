import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packG1, packG2 } from '../../src/curve/affine.ts';
import { CURVES } from '../../src/curve/curve.ts';
import {
  checkG1,
  checkG2,
  g1FromBytes,
  g1ToBytes,
  g2FromBytes,
  g2ToBytes,
  isOnG1Curve,
  isOnG2Curve,
  writeG1,
  writeG2,
} from '../../src/curve/points.ts';
import { LengthMismatchError } from '../../src/errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../src/field/bytes.ts';
import { g1Point, g2Point, slow } from './arbitraries.ts';
import { badPoints, offCurveG1, offCurveG2, outsideG1, outsideG2 } from './outsiders.ts';

const context = { file: 'key.json', index: 7 };

describe.each(CURVES)('memory form of points on $name', (curve) => {
  const { modulus: p, fpBytes } = curve;
  const readAll = (bytes: Uint8Array): bigint[] =>
    Array.from({ length: bytes.length / fpBytes }, (_, i) =>
      bigintFromBytesLE(bytes.subarray(i * fpBytes, (i + 1) * fpBytes)),
    );

  it('G1 is x ‖ y, little-endian, and comes back', () => {
    fc.assert(
      fc.property(g1Point(curve), (point) => {
        const bytes = g1ToBytes(curve, point);
        expect(bytes).toHaveLength(curve.g1Bytes);
        const { x, y } = point.toAffine();
        expect(readAll(bytes)).toEqual(point.is0() ? [0n, 0n] : [x, y]);
        const back = g1FromBytes(curve, bytes);
        expect(back.equals(point)).toBe(true);
        expect(() => checkG1(curve, back)).not.toThrow();
      }),
      slow(20),
    );
  });

  it('G2 is x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1, little-endian, and comes back', () => {
    fc.assert(
      fc.property(g2Point(curve), (point) => {
        const bytes = g2ToBytes(curve, point);
        expect(bytes).toHaveLength(curve.g2Bytes);
        const { x, y } = point.toAffine();
        expect(readAll(bytes)).toEqual(point.is0() ? [0n, 0n, 0n, 0n] : [x.c0, x.c1, y.c0, y.c1]);
        const back = g2FromBytes(curve, bytes);
        expect(back.equals(point)).toBe(true);
        expect(() => checkG2(curve, back)).not.toThrow();
      }),
      slow(10),
    );
  });

  it('points that are not normalised have the same form', () => {
    const { g1, g2 } = curve;
    const [p1, p2] = [g1.BASE.double().add(g1.BASE), g2.BASE.double().add(g2.BASE)];
    expect(g1ToBytes(curve, p1)).toEqual(g1ToBytes(curve, g1.fromAffine(p1.toAffine())));
    expect(g2ToBytes(curve, p2)).toEqual(g2ToBytes(curve, g2.fromAffine(p2.toAffine())));
  });

  it('infinity is all zeros, and passes the checks', () => {
    const { g1, g2 } = curve;
    expect(g1ToBytes(curve, g1.BASE.subtract(g1.BASE))).toEqual(new Uint8Array(curve.g1Bytes));
    expect(g2ToBytes(curve, g2.BASE.subtract(g2.BASE))).toEqual(new Uint8Array(curve.g2Bytes));
    expect(g1FromBytes(curve, new Uint8Array(curve.g1Bytes)).is0()).toBe(true);
    expect(g2FromBytes(curve, new Uint8Array(curve.g2Bytes)).is0()).toBe(true);
    expect(() => checkG1(curve, g1.ZERO)).not.toThrow();
    expect(() => checkG2(curve, g2.ZERO)).not.toThrow();
  });

  it('writing clears what stood there, and touches nothing beside', () => {
    const bytes = 3 * curve.g2Bytes;
    for (const [write, size] of [
      [(out: Uint8Array) => writeG1(curve, curve.g1.ZERO, out, curve.g2Bytes), curve.g1Bytes],
      [(out: Uint8Array) => writeG2(curve, curve.g2.ZERO, out, curve.g2Bytes), curve.g2Bytes],
      [(out: Uint8Array) => writeG1(curve, curve.g1.BASE, out, curve.g2Bytes), curve.g1Bytes],
      [(out: Uint8Array) => writeG2(curve, curve.g2.BASE, out, curve.g2Bytes), curve.g2Bytes],
    ] as const) {
      const out = new Uint8Array(bytes).fill(0xff);
      write(out);
      expect(out.subarray(0, curve.g2Bytes).every((byte) => byte === 0xff)).toBe(true);
      expect(out.subarray(curve.g2Bytes + size).every((byte) => byte === 0xff)).toBe(true);
      expect(out.subarray(curve.g2Bytes, curve.g2Bytes + size).every((byte) => byte === 0xff)).toBe(false);
    }
    const cleared = new Uint8Array(curve.g1Bytes).fill(0xff);
    writeG1(curve, curve.g1.ZERO, cleared, 0);
    expect(cleared).toEqual(new Uint8Array(curve.g1Bytes));
  });

  describe.each([
    {
      group: 'G1' as const,
      slots: ['x', 'y'],
      bytes: g1ToBytes(curve, curve.g1.BASE),
      read: (bytes: Uint8Array) => g1FromBytes(curve, bytes, 'A', context),
    },
    {
      group: 'G2' as const,
      slots: ['', '', '', ''],
      bytes: g2ToBytes(curve, curve.g2.BASE),
      read: (bytes: Uint8Array) => g2FromBytes(curve, bytes, 'A', context),
    },
  ])('$group refuses', ({ slots, bytes, read }) => {
    it.each(slots.map((name, slot) => ({ name, slot })))('coordinate $slot ≥ p', ({ name, slot }) => {
      const original = readAll(bytes)[slot] as bigint;
      for (const value of [p, p + 1n, original + p, (1n << BigInt(8 * fpBytes)) - 1n]) {
        const bad = Uint8Array.from(bytes);
        writeBigintLE(value, bad, slot * fpBytes, fpBytes);
        expect(() => read(bad)).toThrow(
          expect.objectContaining({
            code: 'FIELD_ELEMENT_OUT_OF_RANGE',
            message: expect.stringContaining(`A, ${name}`),
            context: expect.objectContaining(context),
          }),
        );
      }
      const largest = Uint8Array.from(bytes);
      writeBigintLE(p - 1n, largest, slot * fpBytes, fpBytes);
      expect(() => read(largest)).not.toThrow();
    });

    it('any other length', () => {
      for (const length of [0, 1, bytes.length - 1, bytes.length + 1, 2 * bytes.length]) {
        expect(() => read(new Uint8Array(length))).toThrow(LengthMismatchError);
      }
    });

    it('a non-canonical form of infinity', () => {
      const bad = new Uint8Array(bytes.length);
      writeBigintLE(p, bad, 0, fpBytes);
      expect(() => read(bad)).toThrow(expect.objectContaining({ code: 'FIELD_ELEMENT_OUT_OF_RANGE' }));
    });
  });

  describe.each([
    {
      group: 'G1',
      bad: badPoints(curve, 'g1'),
      check: (bytes: Uint8Array) => checkG1(curve, g1FromBytes(curve, bytes, 'C', context), 'C', context),
    },
    {
      group: 'G2',
      bad: badPoints(curve, 'g2'),
      check: (bytes: Uint8Array) => checkG2(curve, g2FromBytes(curve, bytes, 'C', context), 'C', context),
    },
  ])('reading and checking in $group refuses', ({ bad, check }) => {
    it.each(bad)('$what', ({ bytes, code }) => {
      expect(() => check(bytes)).toThrow(
        expect.objectContaining({
          code,
          message: expect.stringContaining('C is'),
          context: expect.objectContaining(context),
        }),
      );
    });
  });

  it('the curve equation holds for points and outsiders, and not off the curve', () => {
    for (const { point } of [...outsideG1(curve), { point: curve.g1.BASE }]) {
      const { x, y } = point.toAffine();
      expect(isOnG1Curve(curve, x, y)).toBe(true);
    }
    for (const { point } of [...outsideG2(curve), { point: curve.g2.BASE }]) {
      const { x, y } = point.toAffine();
      expect(isOnG2Curve(curve, x, y)).toBe(true);
    }
    for (const bytes of offCurveG1(curve)) {
      const [x, y] = readAll(bytes) as [bigint, bigint];
      expect(isOnG1Curve(curve, x, y)).toBe(false);
    }
    for (const bytes of offCurveG2(curve)) {
      const [a, b, c, d] = readAll(bytes) as [bigint, bigint, bigint, bigint];
      expect(isOnG2Curve(curve, { c0: a, c1: b }, { c0: c, c1: d })).toBe(false);
    }
  });

  it('reads what packG1 and packG2 write', () => {
    const a = curve.g1.BASE.toAffine();
    const b = curve.g2.BASE.toAffine();
    expect(g1FromBytes(curve, packG1(curve, a.x, a.y)).equals(curve.g1.BASE)).toBe(true);
    expect(g2FromBytes(curve, packG2(curve, b.x, b.y)).equals(curve.g2.BASE)).toBe(true);
  });
});
