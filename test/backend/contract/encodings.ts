/** Compression, decompression and the checks of points from outside, with the index of what is refused. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Curve } from '../../../src/curve/curve.ts';
import { gtToBytes } from '../../../src/curve/gt.ts';
import { g1FromBytes, g2FromBytes } from '../../../src/curve/points.ts';
import { compressGt } from '../../../src/curve/torus.ts';
import { joinBytes, writeBigintLE } from '../../../src/field/bytes.ts';
import { gtGenerator, slow } from '../../curve/arbitraries.ts';
import {
  type BadEncoding,
  badG1Encodings,
  badG2Encodings,
  badGtEncodings,
} from '../../curve/bad-encodings.ts';
import { encodeG1, encodeG2 } from '../../curve/naive-encoding.ts';
import { badPoints } from '../../curve/outsiders.ts';
import {
  elementsOf,
  expectRefusal,
  type Fixture,
  type GroupCase,
  g1Case,
  g2Case,
  SIZES,
  scalarList,
} from './fixture.ts';

/** The encoding of one point in memory form, by the oracle. */
function encode(curve: Curve, kind: 'g1' | 'g2', point: Uint8Array): Uint8Array {
  return kind === 'g1'
    ? encodeG1(curve, g1FromBytes(curve, point))
    : encodeG2(curve, g2FromBytes(curve, point));
}

function pointLaws<K extends 'g1' | 'g2'>(fixture: Fixture, group: GroupCase<K>): void {
  const { curve } = fixture;
  const { bytes: size, compressedBytes } = group;
  const badEncodings = (group.kind === 'g1' ? badG1Encodings : badG2Encodings)(curve);
  const good = group.points([1n, 2n, 0n, curve.order - 1n, 77n]);
  const goodEncoded = joinBytes(elementsOf(good, size).map((point) => encode(curve, group.kind, point)));
  /** The good elements with one put in at a place. */
  const withElement = (all: Uint8Array, each: number, element: Uint8Array, index: number): Uint8Array =>
    joinBytes([all.subarray(0, index * each), element, all.subarray(index * each)]);

  it.each(SIZES)('%i points to their encodings and back', async (count) => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, count), async (logs) => {
        const points = group.points(logs);
        const encoded = await group.compress(points);
        expect(encoded).toHaveLength(count * compressedBytes);
        expect(elementsOf(encoded, compressedBytes)).toEqual(
          elementsOf(points, size).map((point) => encode(curve, group.kind, point)),
        );
        expect(await group.decompress(encoded)).toEqual(points);
        await group.check(points);
      }),
      slow(1),
    );
  });

  it.each(badEncodings)('refuses to decompress $what, with its index', async ({ bytes, codes }) => {
    for (const index of [0, 3, 5]) {
      const encoded = withElement(goodEncoded, compressedBytes, bytes, index);
      await expectRefusal(group.decompress(encoded), codes, index);
    }
  });

  it('names the first of several bad encodings, whatever its kind', async () => {
    for (const [first, second] of [
      [badEncodings.at(0), badEncodings.at(-1)],
      [badEncodings.at(-1), badEncodings.at(0)],
    ] as [BadEncoding, BadEncoding][]) {
      const encoded = withElement(
        withElement(goodEncoded, compressedBytes, second.bytes, 3),
        compressedBytes,
        first.bytes,
        1,
      );
      await expectRefusal(group.decompress(encoded), first.codes, 1);
    }
  });

  it.each(badPoints(curve, group.kind))('check refuses $what, with its index', async ({ bytes, code }) => {
    for (const index of [0, 3, 5])
      await expectRefusal(group.check(withElement(good, size, bytes, index)), code, index);
  });

  it('check names the first of several bad points, whatever its kind', async () => {
    const bad = badPoints(curve, group.kind);
    for (const [first, second] of [
      [bad.at(0), bad.at(-1)],
      [bad.at(-1), bad.at(0)],
    ] as [(typeof bad)[number], (typeof bad)[number]][]) {
      const points = withElement(withElement(good, size, second.bytes, 3), size, first.bytes, 1);
      await expectRefusal(group.check(points), first.code, 1);
    }
  });

  it('check passes infinity, the generator, its negative and nothing', async () => {
    await group.check(group.points([0n, 1n, curve.order - 1n]));
    await group.check(new Uint8Array());
  });

  it('refuses coordinates ≥ p in any place', async () => {
    for (let slot = 0; slot < size / curve.fpBytes; slot++) {
      const bad = Uint8Array.from(good);
      writeBigintLE(curve.modulus, bad, size + slot * curve.fpBytes, curve.fpBytes);
      await expectRefusal(group.check(bad), 'FIELD_ELEMENT_OUT_OF_RANGE', 1);
      await expectRefusal(group.compress(bad), 'FIELD_ELEMENT_OUT_OF_RANGE');
    }
  });

  it('refuses a length that is no whole number of elements', async () => {
    await expectRefusal(group.compress(good.subarray(1)), 'LENGTH_MISMATCH');
    await expectRefusal(group.check(good.subarray(1)), 'LENGTH_MISMATCH');
    await expectRefusal(group.decompress(goodEncoded.subarray(0, -1)), 'LENGTH_MISMATCH');
  });

  it('keeps and changes none of its inputs', async () => {
    const [points, encoded] = [Uint8Array.from(good), Uint8Array.from(goodEncoded)];
    const decoded = await group.decompress(encoded);
    await group.compress(points);
    await group.check(points);
    expect(points).toEqual(good);
    expect(encoded).toEqual(goodEncoded);
    encoded.fill(0);
    expect(decoded).toEqual(good);
  });
}

function gtLaws({ curve, backend }: Fixture): void {
  const { Fp12 } = curve.fields;
  const generator = gtGenerator(curve);
  const values = [1n, 2n, curve.order - 1n, 0n, 12345n].map((log) => Fp12.pow(generator, log));
  const good = joinBytes(values.map((value) => gtToBytes(curve, value)));
  const goodEncoded = joinBytes(values.map((value) => compressGt(curve, value)));
  const size = curve.gtCompressedBytes;
  const withElement = (element: Uint8Array, index: number): Uint8Array =>
    joinBytes([goodEncoded.subarray(0, index * size), element, goodEncoded.subarray(index * size)]);

  it('elements to their encodings and back, 1 included', async () => {
    expect(await backend().compressGt(good)).toEqual(goodEncoded);
    expect(await backend().decompressGt(goodEncoded)).toEqual(good);
  });

  it.each([0, 1, 7, 9, 17])('%i random elements', async (count) => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, count), async (logs) => {
        const elements = logs.map((log) => Fp12.pow(generator, log));
        const bytes = joinBytes(elements.map((element) => gtToBytes(curve, element)));
        const encoded = await backend().compressGt(bytes);
        expect(elementsOf(encoded, size)).toEqual(elements.map((element) => compressGt(curve, element)));
        expect(await backend().decompressGt(encoded)).toEqual(bytes);
      }),
      slow(1),
    );
  });

  it.each(badGtEncodings(curve))('refuses to decompress $what, with its index', async ({ bytes, codes }) => {
    for (const index of [0, 3, 5]) {
      await expectRefusal(backend().decompressGt(withElement(bytes, index)), codes, index);
    }
  });

  it('names the first of several bad encodings, whatever its kind', async () => {
    const bad = badGtEncodings(curve);
    for (const [first, second] of [
      [bad.at(0), bad.at(-1)],
      [bad.at(-1), bad.at(0)],
    ] as [BadEncoding, BadEncoding][]) {
      const encoded = joinBytes([withElement(first.bytes, 1), second.bytes]);
      await expectRefusal(backend().decompressGt(encoded), first.codes, 1);
    }
  });

  it('refuses coefficients ≥ p and parts of elements', async () => {
    const bad = Uint8Array.from(good);
    writeBigintLE(curve.modulus, bad, curve.gtBytes + 3 * curve.fpBytes, curve.fpBytes);
    await expectRefusal(backend().compressGt(bad), 'FIELD_ELEMENT_OUT_OF_RANGE');
    await expectRefusal(backend().compressGt(good.subarray(1)), 'LENGTH_MISMATCH');
    await expectRefusal(backend().decompressGt(goodEncoded.subarray(1)), 'LENGTH_MISMATCH');
  });
}

export function encodingContract(fixture: Fixture): void {
  describe('encodings and checks of G1', () => pointLaws(fixture, g1Case(fixture)));
  describe('encodings and checks of G2', () => pointLaws(fixture, g2Case(fixture)));
  describe('encodings of GT', () => gtLaws(fixture));
}
