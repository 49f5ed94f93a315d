import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatorMultiple, generatorMultiples } from '../../bench/lib/random-points.ts';
import { foldScalars, randomScalarBytes, tileBytes } from '../../bench/suites/gpu/tiled.ts';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BN254, CURVES, type Curve } from '../../src/curve/curve.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { mod } from '../../src/field/modular.ts';

function unpackScalars({ frBytes }: Curve, bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / frBytes }, (_, i) =>
    bigintFromBytesLE(bytes.subarray(i * frBytes, (i + 1) * frBytes)),
  );
}

describe('tileBytes', () => {
  it.each([
    [1, 1],
    [3, 2],
    [3, 3],
    [3, 4],
    [3, 6],
    [3, 23],
    [5, 64],
  ])('repeats %i elements to %i', (period, count) => {
    const elements = Uint8Array.from({ length: 4 * period }, (_, i) => 10 * (i >> 2) + (i & 3));
    const expected = Uint8Array.from({ length: 4 * count }, (_, i) => 10 * ((i >> 2) % period) + (i & 3));
    expect(tileBytes(elements, 4, count)).toEqual(expected);
  });
});

describe.each(CURVES)('scalars of $name', (curve) => {
  it('are below the order, differ, and use all bits but the highest', () => {
    const scalars = unpackScalars(curve, randomScalarBytes(curve, 300));
    const bits = curve.order.toString(2).length - 1;
    expect(new Set(scalars).size).toBe(300);
    expect(scalars.every((scalar) => scalar < 1n << BigInt(bits))).toBe(true);
    expect(scalars.some((scalar) => scalar >> BigInt(bits - 1) === 1n)).toBe(true);
  });

  it.each([
    [1, 1],
    [4, 4],
    [4, 32],
    [5, 33],
  ])('fold to one for each of %i points, from %i', (period, count) => {
    const bytes = randomScalarBytes(curve, count);
    const scalars = unpackScalars(curve, bytes);
    const expected = Array.from({ length: period }, (_, i) =>
      mod(
        scalars.filter((_, k) => k % period === i).reduce((sum, scalar) => sum + scalar, 0n),
        curve.order,
      ),
    );
    expect(unpackScalars(curve, foldScalars(curve, bytes, period))).toEqual(expected);
  });

  it('fold exactly where all words are as large as they get', () => {
    const count = 2 ** 14;
    const largest = curve.order - 1n;
    const bytes = tileBytes(randomScalarBytes(curve, 1), curve.frBytes, count);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < curve.frBytes; k++)
        bytes[i * curve.frBytes + k] = Number((largest >> BigInt(8 * k)) & 255n);
    }
    expect(unpackScalars(curve, foldScalars(curve, bytes, 1))).toEqual([
      mod(BigInt(count) * largest, curve.order),
    ]);
  });
});

describe('a sum over a tiling', () => {
  let cpu: Backend;
  beforeAll(async () => {
    cpu = await createWasmBackend(BN254, { threads: 1 });
  });
  afterAll(() => cpu?.dispose());

  it('is the sum over the points once with folded scalars', async () => {
    const logs = [3n, 5n, 7n, 11n];
    const count = 30;
    const points = await generatorMultiples(cpu, 'g1', logs);
    const scalars = randomScalarBytes(BN254, count);
    const all = await cpu.msmG1(
      await cpu.uploadG1(tileBytes(points, BN254.g1Bytes, count)),
      await cpu.uploadFr(scalars),
    );
    const folded = foldScalars(BN254, scalars, logs.length);
    expect(await cpu.msmG1(await cpu.uploadG1(points), await cpu.uploadFr(folded))).toEqual(all);
    const log = unpackScalars(BN254, scalars).reduce(
      (sum, scalar, i) => sum + scalar * (logs[i % 4] as bigint),
      0n,
    );
    expect(all).toEqual(generatorMultiple(BN254, 'g1', mod(log, BN254.order)));
  });
});
