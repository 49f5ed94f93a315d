/** Miller-loop products of the reference backend: lines of each distinct G2 element once, memory bounded. */

import type { Curve, Fp12, G1Point, G2Point } from '../../curve/curve.ts';
import { millerLines, millerProduct } from '../../curve/miller.ts';
import { assertLength } from '../../errors.ts';
import type { OperationOptions, PairingProduct } from '../backend.ts';
import { paced } from '../pace.ts';
import { itemsOf } from './vector.ts';

/**
 * G2 elements whose lines are held at a time. Squarings are shared within a chunk, so 16 of them leave a sixteenth of a
 * squaring to each pair while bounding memory to about a megabyte.
 */
const CHUNK = 16;

/** The Miller product of each given product, in order. */
export async function millerProducts(
  curve: Curve,
  products: readonly PairingProduct[],
  options: OperationOptions,
): Promise<Fp12[]> {
  const uses = new Map<G2Point, { product: number; g1: G1Point }[]>();
  for (const [product, terms] of products.entries()) {
    for (const { g1, g2 } of terms) {
      const left = itemsOf(g1);
      const right = itemsOf(g2);
      assertLength('Pairing term, G1 elements', right.length, left.length);
      for (const [i, q] of right.entries()) {
        const p = left[i] as G1Point;
        if (p.is0() || q.is0()) continue;
        const list = uses.get(q);
        if (list) list.push({ product, g1: p });
        else uses.set(q, [{ product, g1: p }]);
      }
    }
  }
  const results: Fp12[] = products.map(() => curve.fields.Fp12.ONE);
  const entries = [...uses];
  await paced(Math.ceil(entries.length / CHUNK), options, (chunk) => {
    const pairs = products.map((): Parameters<typeof millerProduct>[1][number][] => []);
    for (const [q, places] of entries.slice(chunk * CHUNK, (chunk + 1) * CHUNK)) {
      const lines = millerLines(curve, q);
      for (const { product, g1 } of places) pairs[product]?.push({ g1, lines });
    }
    for (const [i, list] of pairs.entries()) {
      if (list.length > 0) results[i] = curve.fields.Fp12.mul(results[i] as Fp12, millerProduct(curve, list));
    }
  });
  return results;
}
