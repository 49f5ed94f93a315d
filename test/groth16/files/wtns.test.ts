import { describe, expect, it } from 'vitest';
import { writeSections } from '../../../examples/lib/iden3-file.ts';
import { BLS12_381, BN254, CURVES, type Curve } from '../../../src/curve/curve.ts';
import { WitnessError } from '../../../src/errors.ts';
import { bytesSource } from '../../../src/field/byte-source.ts';
import { concatBytes, u32le, writeBigintLE } from '../../../src/field/bytes.ts';
import { readWitness } from '../../../src/groth16/files/wtns.ts';
import { overwritten, reordered } from './damage.ts';

function header(order: bigint, count: number, size = 32): Uint8Array {
  const bytes = new Uint8Array(size);
  writeBigintLE(order, bytes, 0, size);
  return concatBytes(u32le(size), bytes, u32le(count));
}

const VALUES = Uint8Array.from({ length: 96 }, (_, i) => (i * 7) % 32);

function file(curve: Curve = BN254): Uint8Array {
  return writeSections('wtns', [
    [1, header(curve.order, 3)],
    [2, VALUES],
  ]);
}

describe('a witness file', () => {
  it.each(CURVES.map((curve) => [curve.name, curve] as const))('on %s is read', async (_, curve) => {
    expect(await readWitness(bytesSource('w', file(curve)))).toEqual({ curve, values: VALUES });
    // snarkjs writes version 2.
    expect((await readWitness(bytesSource('w', overwritten(file(curve), 4, 2)))).curve).toBe(curve);
  });

  it.each<[string, Uint8Array]>([
    ['empty', new Uint8Array(0)],
    ['of another kind', overwritten(file(), 0, 0x7a)],
    ['of version 3', overwritten(file(), 4, 3)],
    ['of version 0', overwritten(file(), 4, 0)],
    ['with bytes left over', concatBytes(file(), new Uint8Array(3))],
    ['out of order', reordered(file(), 'wtns', [2, 1])],
    ['without values', writeSections('wtns', [[1, header(BN254.order, 3)]])],
    ['with a section twice', reordered(file(), 'wtns', [1, 2, 2])],
    [
      'with too few values',
      writeSections('wtns', [
        [1, header(BN254.order, 4)],
        [2, VALUES],
      ]),
    ],
    [
      'with too many values',
      writeSections('wtns', [
        [1, header(BN254.order, 2)],
        [2, VALUES],
      ]),
    ],
    [
      'of another field',
      writeSections('wtns', [
        [1, header(BN254.order + 2n, 3)],
        [2, VALUES],
      ]),
    ],
    [
      'of the base field',
      writeSections('wtns', [
        [1, header(BLS12_381.modulus, 3, 48)],
        [2, VALUES],
      ]),
    ],
    [
      'with an element size of 5',
      writeSections('wtns', [
        [1, overwritten(header(BN254.order, 3), 0, 5)],
        [2, VALUES],
      ]),
    ],
    [
      'with an empty header',
      writeSections('wtns', [
        [1, new Uint8Array(0)],
        [2, VALUES],
      ]),
    ],
  ])('%s is refused', async (_, bytes) => {
    await expect(readWitness(bytesSource('w.wtns', bytes))).rejects.toThrow(WitnessError);
    await expect(readWitness(bytesSource('w.wtns', bytes))).rejects.toThrow('w.wtns');
  });

  it('is refused where it is cut short, at any byte', async () => {
    const whole = file();
    for (let length = 0; length < whole.length; length++) {
      await expect(readWitness(bytesSource('w', whole.slice(0, length)))).rejects.toThrow(WitnessError);
    }
  });
});
