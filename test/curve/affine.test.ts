import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packG1, packG2, packScalars } from '../../src/curve/affine.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { residue, scalar } from './arbitraries.ts';

describe.each(CURVES)('packing for $name', (curve) => {
  const { modulus: p, order: r, fpBytes } = curve;
  const coordinate = residue(p);
  const unpack = (bytes: Uint8Array, size: number): bigint[] =>
    Array.from({ length: bytes.length / size }, (_, i) =>
      bigintFromBytesLE(bytes.subarray(i * size, (i + 1) * size)),
    );

  it('lays coordinates out in order, whether or not they are a point', () => {
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, coordinate, (a, b, c, d) => {
        expect(unpack(packG1(curve, a, b), fpBytes)).toEqual([a, b]);
        expect(unpack(packG2(curve, { c0: a, c1: b }, { c0: c, c1: d }), fpBytes)).toEqual([a, b, c, d]);
      }),
    );
  });

  it.each([p, p + 1n, -1n, -p, 1n << 400n])('refuses the coordinate %s in any place', (bad) => {
    const refusal = (what: string): unknown =>
      expect.objectContaining({
        code: 'FIELD_ELEMENT_OUT_OF_RANGE',
        message: expect.stringContaining(what),
        context: { index: 4 },
      });
    const pack1 = (x: bigint, y: bigint) => () => packG1(curve, x, y, 'C', { index: 4 });
    expect(pack1(bad, 2n)).toThrow(refusal('C, x'));
    expect(pack1(1n, bad)).toThrow(refusal('C, y'));
    const pack2 = (v: readonly bigint[]) => () =>
      packG2(
        curve,
        { c0: v[0] as bigint, c1: v[1] as bigint },
        { c0: v[2] as bigint, c1: v[3] as bigint },
        'B',
        { index: 4 },
      );
    for (const [slot, name] of ['x.c0', 'x.c1', 'y.c0', 'y.c1'].entries()) {
      const values = [1n, 2n, 3n, 4n];
      values[slot] = bad;
      expect(pack2(values)).toThrow(refusal(`B, ${name}`));
    }
  });

  it('packs scalars, 32 bytes each', () => {
    fc.assert(
      fc.property(fc.array(scalar(curve), { maxLength: 9 }), (scalars) => {
        const bytes = packScalars(curve, scalars);
        expect(bytes).toHaveLength(32 * scalars.length);
        expect(unpack(bytes, 32)).toEqual(scalars);
      }),
    );
  });

  it.each([r, r + 1n, -1n, 1n << 256n, 1n << 300n])('refuses the scalar %s, naming the first', (bad) => {
    expect(() => packScalars(curve, [0n, 1n, bad, bad], 'Public input', { file: 'p.json' })).toThrow(
      expect.objectContaining({
        code: 'SCALAR_OUT_OF_RANGE',
        message: expect.stringContaining('Public input 2'),
        context: { file: 'p.json', field: 'Public input 2' },
      }),
    );
  });

  it('takes 0 and r − 1', () => {
    expect(unpack(packScalars(curve, [0n, r - 1n]), 32)).toEqual([0n, r - 1n]);
  });
});
