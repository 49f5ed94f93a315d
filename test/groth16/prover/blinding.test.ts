import { afterEach, expect, it, vi } from 'vitest';
import { BLS12_381, BN254 } from '../../../src/curve/curve.ts';
import { writeBigintLE } from '../../../src/field/bytes.ts';
import { drawBlinding } from '../../../src/groth16/prover/blinding.ts';

afterEach(() => vi.restoreAllMocks());

/** Has the CSPRNG give these values, little-endian, and collects the buffers it was asked to fill. */
function rig(values: readonly bigint[]): Uint8Array[] {
  const queue = [...values];
  const buffers: Uint8Array[] = [];
  vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((into) => {
    const bytes = into as unknown as Uint8Array;
    buffers.push(bytes);
    writeBigintLE(queue.shift() as bigint, bytes, 0, bytes.length);
    return into;
  });
  return buffers;
}

it.each([BN254, BLS12_381])(
  'is drawn again until it is below the order of $name, and the bytes are cleared',
  ({ order }) => {
    const bits = BigInt(order.toString(2).length);
    const buffers = rig([order, (1n << bits) - 1n, order - 1n, 0n]);
    expect(drawBlinding(order)).toEqual({ r: order - 1n, s: 0n });
    expect(buffers).toHaveLength(4);
    for (const bytes of buffers) expect(bytes.every((byte) => byte === 0)).toBe(true);
  },
);

it('takes no more bits than the order has', () => {
  rig([(3n << 254n) | 5n, 7n]);
  expect(drawBlinding(BN254.order)).toEqual({ r: 5n, s: 7n });
});

it('is spread over the whole field', () => {
  const drawn = Array.from({ length: 400 }, () => drawBlinding(BN254.order)).flatMap(({ r, s }) => [r, s]);
  expect(new Set(drawn).size).toBe(800);
  for (let part = 0n; part < 8n; part++) {
    const share = drawn.filter((value) => (8n * value) / BN254.order === part).length;
    expect(share).toBeGreaterThan(50);
    expect(share).toBeLessThan(160);
  }
});
