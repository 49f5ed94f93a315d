import { bn254 } from '@noble/curves/bn254.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fp, randomFieldElement } from '../../examples/lib/curve.ts';
import { generatorMultiples } from '../../examples/lib/fixed-base.ts';
import { snarkjs, terminateWorkers, type WasmCurve } from '../../examples/lib/snarkjs.ts';
import { AbortedError } from '../../src/errors.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';

const SCALARS = [
  1n,
  2n,
  127n,
  128n,
  Fp.ORDER - 1n,
  2n ** 253n,
  ...Array.from({ length: 20 }, randomFieldElement),
];
const baseField = bn254.fields.Fp;
const montgomeryRadix = baseField.create(1n << 256n);

let curve: WasmCurve;
beforeAll(async () => {
  curve = await snarkjs.curves.getCurveFromName('bn128');
});
afterAll(terminateWorkers);

/** The coordinates in a buffer of little-endian Montgomery residues. */
function coordinates(points: Uint8Array): bigint[] {
  return Array.from({ length: points.length / 32 }, (_, i) =>
    baseField.div(bigintFromBytesLE(points.subarray(32 * i, 32 * i + 32)), montgomeryRadix),
  );
}

test('multiples of the G1 generator are what @noble/curves finds', async () => {
  const expected = SCALARS.flatMap((scalar) => {
    const { x, y } = bn254.G1.Point.BASE.multiply(scalar).toAffine();
    return [x, y];
  });
  expect(coordinates(await generatorMultiples(curve.G1, curve.tm, SCALARS))).toEqual(expected);
});

test('multiples of the G2 generator are what @noble/curves finds', async () => {
  const expected = SCALARS.flatMap((scalar) => {
    const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
    return [x.c0, x.c1, y.c0, y.c1];
  });
  expect(coordinates(await generatorMultiples(curve.G2, curve.tm, SCALARS))).toEqual(expected);
});

test('zero gives the neutral element, and chunks keep their order', async () => {
  const scalars = Array.from({ length: 1030 }, (_, i) => BigInt(i % 3));
  const points = coordinates(await generatorMultiples(curve.G1, curve.tm, scalars));
  const two = bn254.G1.Point.BASE.double().toAffine();
  for (let i = 0; i < scalars.length; i++) {
    expect(points.slice(2 * i, 2 * i + 2)).toEqual(
      [
        [0n, 0n],
        [1n, 2n],
        [two.x, two.y],
      ][i % 3],
    );
  }
});

test('an abort signal stops the work', async () => {
  await expect(generatorMultiples(curve.G1, curve.tm, SCALARS, AbortSignal.abort())).rejects.toThrow(
    AbortedError,
  );
});
