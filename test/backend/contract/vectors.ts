/** Upload, read, slice and dispose, for all three kinds of vectors. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackendVector, VectorKind } from '../../../src/backend/backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import { g1ToBytes, g2ToBytes } from '../../../src/curve/points.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../../src/field/bytes.ts';
import { slow } from '../../curve/arbitraries.ts';
import { outsideG1, outsideG2 } from '../../curve/outsiders.ts';
import {
  expectRefusal,
  type Fixture,
  type GroupCase,
  g1Case,
  g2Case,
  MANY,
  SIZES,
  scalarList,
} from './fixture.ts';

interface VectorCase {
  readonly kind: VectorKind;
  /** Bytes of one element, and of each of the canonical integers it is made of. */
  readonly bytes: number;
  readonly partBytes: number;
  readonly bound: bigint;
  readonly outOfRange: string;
  sample(logs: readonly bigint[]): Uint8Array;
  upload(bytes: Uint8Array): Promise<BackendVector>;
}

function vectorLaws(fixture: Fixture, vectors: VectorCase): void {
  const { curve } = fixture;
  const { kind, bytes: size, upload, sample } = vectors;
  const read = (vector: BackendVector): Promise<Uint8Array> => fixture.backend().read(vector);

  it.each([...SIZES, MANY])('%i elements come back as they were', async (count) => {
    await fc.assert(
      fc.asyncProperty(scalarList(curve, count), async (logs) => {
        const bytes = sample(logs);
        const vector = await upload(bytes);
        expect(vector.kind).toBe(kind);
        expect(vector.length).toBe(count);
        expect(await read(vector)).toEqual(bytes);
        vector.dispose();
      }),
      slow(1),
    );
  });

  it('zero and infinity come back', async () => {
    const bytes = new Uint8Array(3 * size);
    expect(await read(await upload(bytes))).toEqual(bytes);
  });

  it('takes a view into a larger buffer, at any offset', async () => {
    const bytes = sample([3n, 5n, 7n]);
    for (const offset of [0, 1, 5, 32]) {
      const buffer = new Uint8Array(offset + bytes.length + 17).fill(0xff);
      buffer.set(bytes, offset);
      const vector = await upload(buffer.subarray(offset, offset + bytes.length));
      expect(await read(vector)).toEqual(bytes);
    }
  });

  it('keeps neither the bytes it was given nor those it gave', async () => {
    const bytes = sample([3n, 5n]);
    const given = Uint8Array.from(bytes);
    const vector = await upload(given);
    given.fill(0);
    const first = await read(vector);
    expect(first).toEqual(bytes);
    first.fill(0);
    expect(await read(vector)).toEqual(bytes);
  });

  it('slices are the elements from start up to end', async () => {
    const bytes = sample(Array.from({ length: 9 }, (_, i) => BigInt(i) + 1n));
    const vector = await upload(bytes);
    const part = (start: number, end: number): Uint8Array => bytes.slice(start * size, end * size);
    for (const [start, end] of [
      [0, 9],
      [0, 1],
      [8, 9],
      [3, 8],
      [0, 4],
      [4, 9],
      [0, 0],
      [9, 9],
      [5, 5],
    ] as const) {
      const slice = vector.slice(start, end);
      expect(slice.kind).toBe(kind);
      expect(slice.length).toBe(end - start);
      expect(await read(slice)).toEqual(part(start, end));
    }
    const nested = vector.slice(2, 8).slice(1, 5).slice(1, 3);
    expect(await read(nested)).toEqual(part(4, 6));
    expect(await read(vector)).toEqual(bytes);
  });

  it('a slice that is disposed of leaves its parent and its siblings alone', async () => {
    const bytes = sample([1n, 2n, 3n, 4n]);
    const vector = await upload(bytes);
    const [left, right] = [vector.slice(0, 2), vector.slice(2, 4)];
    left.dispose();
    expect(await read(right)).toEqual(bytes.slice(2 * size));
    expect(await read(vector)).toEqual(bytes);
  });

  it('a vector that is disposed of leaves others alone, also those that get its storage', async () => {
    const [a, b, c] = [sample([1n, 2n, 3n]), sample([4n, 5n, 6n]), sample([7n, 8n, 9n])];
    const first = await upload(a);
    const second = await upload(b);
    first.dispose();
    const third = await upload(c);
    expect(await read(second)).toEqual(b);
    expect(await read(third)).toEqual(c);
  });

  it('refuses a length that is no whole number of elements', async () => {
    for (const length of [1, size - 1, size + 1, 2 * size - 1])
      await expectRefusal(upload(new Uint8Array(length)), 'LENGTH_MISMATCH');
  });

  it('refuses a value out of range in any place, with its index', async () => {
    const { bound, partBytes } = vectors;
    const bytes = sample([2n, 3n, 4n, 5n, 6n]);
    const top = (1n << BigInt(8 * partBytes)) - 1n;
    for (const index of [0, 2, 4]) {
      for (let part = 0; part < size / partBytes; part++) {
        for (const value of [bound, bound + 1n, top]) {
          const bad = Uint8Array.from(bytes);
          writeBigintLE(value, bad, index * size + part * partBytes, partBytes);
          await expectRefusal(upload(bad), vectors.outOfRange, index);
        }
      }
    }
  });

  it('names the first of several values out of range', async () => {
    const bad = sample([2n, 3n, 4n, 5n]);
    for (const index of [3, 1]) writeBigintLE(vectors.bound, bad, index * size, vectors.partBytes);
    await expectRefusal(upload(bad), vectors.outOfRange, 1);
  });
}

function groupVectors(fixture: Fixture, group: GroupCase<'g1'> | GroupCase<'g2'>): VectorCase {
  return {
    kind: group.kind,
    bytes: group.bytes,
    partBytes: fixture.curve.fpBytes,
    bound: fixture.curve.modulus,
    outOfRange: 'FIELD_ELEMENT_OUT_OF_RANGE',
    sample: group.points,
    upload: group.upload,
  };
}

/** Points as zkey and ptau files hold them. */
function montgomeryLaws<K extends 'g1' | 'g2'>(fixture: Fixture, group: GroupCase<K>): void {
  const { modulus, fpBytes } = fixture.curve;
  const radix = 1n << BigInt(8 * fpBytes);
  const toMontgomery = (bytes: Uint8Array): Uint8Array => {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += fpBytes) {
      const value = bigintFromBytesLE(bytes.subarray(at, at + fpBytes));
      writeBigintLE((value * radix) % modulus, out, at, fpBytes);
    }
    return out;
  };

  it('take the Montgomery form of files, infinity among them', async () => {
    const bytes = group.points([0n, 1n, -1n, 5n, 1n << 200n]);
    const vector = await group.upload(toMontgomery(bytes), { encoding: 'montgomery' });
    expect(await fixture.backend().read(vector)).toEqual(bytes);
    expect(await fixture.backend().read(await group.upload(bytes, { encoding: 'canonical' }))).toEqual(bytes);
  });

  it('refuse Montgomery forms that are not below the modulus, with the index', async () => {
    for (let slot = 0; slot < (3 * group.bytes) / fpBytes; slot++) {
      const bytes = toMontgomery(group.points([2n, 3n, 4n]));
      writeBigintLE(modulus, bytes, slot * fpBytes, fpBytes);
      const index = Math.floor((slot * fpBytes) / group.bytes);
      const refused = group.upload(bytes, { encoding: 'montgomery' });
      await expectRefusal(refused, 'FIELD_ELEMENT_OUT_OF_RANGE', index);
    }
  });
}

export function vectorContract(fixture: Fixture): void {
  const { curve } = fixture;
  describe('vectors of scalars', () => {
    vectorLaws(fixture, {
      kind: 'fr',
      bytes: 32,
      partBytes: 32,
      bound: curve.order,
      outOfRange: 'SCALAR_OUT_OF_RANGE',
      sample: (logs) => packScalars(curve, logs),
      upload: (bytes) => fixture.backend().uploadFr(bytes),
    });

    it('take the largest scalar', async () => {
      const bytes = packScalars(curve, [curve.order - 1n, 0n, curve.order - 1n]);
      const backend = fixture.backend();
      expect(await backend.read(await backend.uploadFr(bytes))).toEqual(bytes);
    });
  });

  describe('vectors of G1 points', () => {
    vectorLaws(fixture, groupVectors(fixture, g1Case(fixture)));
    montgomeryLaws(fixture, g1Case(fixture));
  });

  describe('vectors of G2 points', () => {
    vectorLaws(fixture, groupVectors(fixture, g2Case(fixture)));
    montgomeryLaws(fixture, g2Case(fixture));
  });

  it('points outside the subgroup are the caller’s to check: they upload and come back', async () => {
    const backend = fixture.backend();
    for (const { point } of outsideG1(curve)) {
      const bytes = g1ToBytes(curve, point);
      expect(await backend.read(await backend.uploadG1(bytes))).toEqual(bytes);
    }
    for (const { point } of outsideG2(curve)) {
      const bytes = g2ToBytes(curve, point);
      expect(await backend.read(await backend.uploadG2(bytes))).toEqual(bytes);
    }
  });
}
