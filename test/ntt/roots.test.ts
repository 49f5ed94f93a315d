/** The roots and the transform that zkeys of snarkjs were made with, against ffjavascript itself. */

import { describe, expect, it } from 'vitest';
import { snarkjs, type WasmCurve } from '../../examples/lib/snarkjs.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { BLS12_381, BN254 } from '../../src/curve/curve.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { nttReference } from '../../src/ntt/ntt-reference.ts';
import { rootOfUnity } from '../../src/ntt/roots.ts';

/** ffjavascript's scalar field. Elements are in Montgomery form. */
interface WasmField {
  readonly s: number;
  readonly w: readonly Uint8Array[];
  toObject(element: Uint8Array): bigint;
  batchToMontgomery(plain: Uint8Array): Promise<Uint8Array>;
  batchFromMontgomery(elements: Uint8Array): Promise<Uint8Array>;
  fft(elements: Uint8Array): Promise<Uint8Array>;
  ifft(elements: Uint8Array): Promise<Uint8Array>;
}

const getCurve = snarkjs.curves.getCurveFromName as unknown as (
  name: string,
  options: { singleThread: boolean },
) => Promise<WasmCurve & { readonly Fr: WasmField }>;

describe.each([
  { curve: BN254, peer: 'bn128', highest: 28 },
  { curve: BLS12_381, peer: 'bls12381', highest: 32 },
])('roots of unity of $curve.name', ({ curve, peer, highest }) => {
  it('are those of ffjavascript, and its fft is the reference transform', async () => {
    const peerCurve = await getCurve(peer, { singleThread: true });
    const { Fr } = peerCurve;
    try {
      expect(Fr.s).toBe(highest);
      for (let k = 0; k <= highest; k++) {
        expect(rootOfUnity(curve.order, k), `order 2^${k}`).toBe(Fr.toObject(Fr.w[k] as Uint8Array));
      }
      const values = Array.from({ length: 64 }, (_, i) => (curve.order - 5n) ** BigInt(i + 1) % curve.order);
      const plain = packScalars(curve, values);
      const transformed: Uint8Array = await Fr.batchFromMontgomery(
        await Fr.fft(await Fr.batchToMontgomery(plain)),
      );
      const result = values.map((_, i) => bigintFromBytesLE(transformed.subarray(32 * i, 32 * i + 32)));
      expect(result).toEqual(nttReference(values, curve.order));
      const back: Uint8Array = await Fr.ifft(await Fr.fft(plain));
      expect(back).toEqual(plain);
    } finally {
      await peerCurve.terminate();
    }
  });

  it('beyond the highest are refused', () => {
    expect(() => rootOfUnity(curve.order, highest + 1)).toThrow('got 2^');
  });
});
