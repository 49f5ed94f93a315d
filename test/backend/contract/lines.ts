/** Prepared lines, where a backend has them: the same products with and without, from tables of its own and from saved ones. */

import { describe, expect, it } from 'vitest';
import type { G1Vector, G2Vector } from '../../../src/backend/backend.ts';
import { elementsOf, type Fixture, g1Case, g2Case } from './fixture.ts';

export function linesContract(fixture: Fixture): void {
  const { curve, backend } = fixture;
  const [g1, g2] = [g1Case(fixture), g2Case(fixture)];
  /** Logarithms with an infinity on each side. */
  const [left, right] = [
    [3n, 0n, 7n, 1n, 9n, 11n, 2n],
    [5n, 4n, 0n, 8n, 1n, 6n, 10n],
  ];
  /** Products over views of every start and some lengths, of which several share their G2 points. */
  const products = async (a: G1Vector, b: G2Vector): Promise<Uint8Array[]> => {
    const slices = Array.from({ length: b.length }, (_, start) => [
      [start, b.length],
      [start, start + 1],
      [start, Math.min(start + 2, b.length)],
    ]).flat() as [number, number][];
    const terms = slices.map(([start, end]) => [
      { g1: a.slice(start, end), g2: b.slice(start, end) },
      { g1: a.slice(0, end - start), g2: b.slice(start, end) },
    ]);
    const miller = await backend().millerProducts([...terms, [{ g1: a, g2: b }]]);
    return elementsOf(await backend().finalExponentiation(miller), curve.gtBytes);
  };

  describe('prepared lines', () => {
    it('change no product, for lengths around those of the lanes', async () => {
      const { lines } = backend();
      if (!lines) return;
      for (const length of [1, 2, 3, 7]) {
        const a = await g1.upload(g1.points(left.slice(0, length)));
        const b = await g2.upload(g2.points(right.slice(0, length)));
        const expected = await products(a, b);
        await lines.prepare(b);
        await lines.prepare(b);
        expect(await products(a, b)).toEqual(expected);
        const other = await g2.upload(g2.points(right.slice(0, length)));
        const tables = await lines.save(b);
        expect(tables).toHaveLength(lines.byteLength(length));
        b.dispose();
        await lines.load(other, tables);
        expect(await products(a, other)).toEqual(expected);
        await lines.drop(other);
        await lines.drop(other);
        expect(await products(a, other)).toEqual(expected);
      }
    });

    it('are what Miller loops read', async () => {
      const { lines, name } = backend();
      if (!lines) return;
      const a = await g1.upload(g1.points([2n, 3n]));
      const [b, other] = [
        await g2.upload(g2.points([5n, 7n])),
        await g2.upload(g2.points([11n, 13n])),
      ] as const;
      const own = await products(a, b);
      await lines.prepare(other);
      await lines.load(b, await lines.save(other));
      // A GPU makes its own: those that are kept are for the CPU backend below it.
      expect(await products(a, b)).toEqual(name === 'webgpu' ? own : await products(a, other));
    });

    it('belong to whole vectors, and have one length', async () => {
      const { lines } = backend();
      if (!lines) return;
      const b = await g2.upload(g2.points([5n, 7n, 9n]));
      await expect(lines.load(b, new Uint8Array(lines.byteLength(1)))).rejects.toThrow(/Lines, bytes/);
      await expect(lines.save(b.slice(0, 2))).rejects.toThrow(/not to a view/);
      const signal = AbortSignal.abort();
      await expect(lines.prepare(b, { signal })).rejects.toThrow(/cancelled/);
      await lines.prepare(b);
      expect(lines.form).toMatch(new RegExp(`^${curve.name}-[a-z]+-[0-9a-f]{32}$`));
    });
  });
}
