import { describe, expect, it } from 'vitest';
import type { WasmVector } from '../../../src/backend/wasm/wasm-vector.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../../src/field/bytes.ts';
import { modInverse } from '../../../src/field/modular.ts';
import { type Bench, CASES, createBench, type GroupName, type Point, scalarBytes } from './group-bench.ts';

/** Points with every meeting that addition must handle, at even and odd places, then random ones. */
function meetings(bench: Bench, count: number): { left: Point[]; right: Point[] } {
  const [p, q] = bench.points(2, 1) as [Point, Point];
  const o = bench.infinity;
  const left = [p, p, o, p, o, p, p, p.negate(), bench.generator];
  const right = [q, p, p, o, o, p.negate(), q, p, bench.generator];
  return {
    left: [...left, ...bench.points(count, 2)],
    right: [...right, ...bench.points(count, 3)],
  };
}

describe.each(CASES)('point vectors: $title', async ({ curve, group, form }) => {
  const bench = await createBench(curve, group, form);
  const kernels = bench.group;
  const upload = (points: readonly Point[]): Promise<WasmVector<GroupName>> =>
    kernels.upload(bench.encode(points));
  const many = curve === BN254 && group === 'g1' ? 256 : 32;

  it('come back as the bytes they were, infinity among them, for odd and even lengths', async () => {
    for (const length of [0, 1, 2, 3, 10]) {
      const points = [...bench.points(length, 4)];
      if (length > 2) points[2] = bench.infinity;
      expect(await kernels.read(await upload(points))).toEqual(bench.encode(points));
    }
  });

  it('take the Montgomery form of zkey files', async () => {
    const bytes = bench.encode([...bench.points(4, 5), bench.infinity]);
    const { byteLength, modulus } = kernels.form.field;
    const radix = 1n << BigInt(8 * byteLength);
    const scaled = (factor: bigint): Uint8Array => {
      const out = new Uint8Array(bytes.length);
      for (let at = 0; at < bytes.length; at += byteLength) {
        const value = bigintFromBytesLE(bytes.subarray(at, at + byteLength));
        writeBigintLE((value * factor) % modulus, out, at, byteLength);
      }
      return out;
    };
    expect(await kernels.read(await kernels.upload(scaled(radix), 'montgomery'))).toEqual(bytes);
    const wrong = scaled(modInverse(radix, modulus));
    expect(await kernels.read(await kernels.upload(wrong, 'montgomery'))).not.toEqual(bytes);
  });

  it('refuse the first coordinate that is not below the modulus, whichever it is, in both forms', async () => {
    const { byteLength, modulus } = kernels.form.field;
    const bytes = bench.encode(bench.points(5, 11));
    const slots = bytes.length / byteLength;
    for (const encoding of ['canonical', 'montgomery'] as const) {
      for (let slot = 0; slot < slots; slot++) {
        const changed = Uint8Array.from(bytes);
        writeBigintLE(modulus, changed, slot * byteLength, byteLength);
        await expect(kernels.upload(changed, encoding)).rejects.toMatchObject({
          code: 'FIELD_ELEMENT_OUT_OF_RANGE',
          context: { index: Math.floor((5 * slot) / slots) },
        });
      }
    }
  });

  it('scale element by element', async () => {
    const r = curve.order;
    const edges = [0n, 1n, 2n, 3n, r - 1n, r - 2n, r >> 1n, 1n << 127n, (1n << 128n) - 1n, 1n << 253n];
    const { eigenvalue } = kernels.spec.decomposition;
    const scalars = [...edges, eigenvalue, r - eigenvalue, 5n, ...bench.scalars(many, 7)];
    const points = bench.points(scalars.length, 8);
    points[12] = bench.infinity;
    const scaled = await kernels.scale(await upload(points), scalarBytes(scalars), {});
    const expected = points.map((p, i) => p.multiplyUnsafe(scalars[i] as bigint));
    expect(await kernels.read(scaled)).toEqual(bench.encode(expected));
  });

  it('scale more points than fit into one task, with short scalars', async () => {
    const base = bench.points(8, 9);
    const points = Array.from({ length: 515 }, (_, i) => base[i % 8] as Point);
    const scalars = points.map((_, i) => BigInt(i % 16) << 120n);
    const table = base.map((p) => Array.from({ length: 16 }, (_, k) => p.multiplyUnsafe(BigInt(k) << 120n)));
    const scaled = await kernels.scale(await upload(points), scalarBytes(scalars), {});
    expect(await kernels.read(scaled)).toEqual(
      bench.encode(points.map((_, i) => table[i % 8]?.[i % 16] as Point)),
    );
  });

  it('fold by one scalar, whatever meets', async () => {
    const { left, right } = meetings(bench, many);
    const [l, r] = [await upload(left), await upload(right)];
    for (const x of [0n, 1n, curve.order - 1n, ...bench.scalars(1, 10)]) {
      const expected = left.map((p, i) => p.add((right[i] as Point).multiplyUnsafe(x)));
      expect(await kernels.read(await kernels.fold(l, r, x, {}))).toEqual(bench.encode(expected));
    }
  });
});
