/** Products of Miller loops of vectors that are, or are put, on a device. */

import type { Curve } from '../../curve/curve.ts';
import { gtToBytes } from '../../curve/gt.ts';
import { assertLength } from '../../errors.ts';
import { equalBytes } from '../../field/bytes.ts';
import type { MillerTerm } from '../../gpu/miller-plan.ts';
import type { OperationOptions, PairingProduct } from '../backend.ts';
import type { GpuEngine } from './engine.ts';
import { type HybridVector, hybridOf, type VectorHome } from './hybrid-vector.ts';

/** A term of a product, of vectors of the backend. */
export interface HybridTerm {
  readonly g1: HybridVector<'g1'>;
  readonly g2: HybridVector<'g2'>;
}

/** Unwraps the vectors of products. Throws LengthMismatchError where the two of a term differ in length. */
export function hybridProducts(products: readonly PairingProduct[], home: VectorHome): HybridTerm[][] {
  return products.map((terms) =>
    terms.map(({ g1, g2 }) => {
      assertLength('Pairing term, G1 elements', g2.length, g1.length);
      return { g1: hybridOf(g1, home), g2: hybridOf(g2, home) };
    }),
  );
}

/** The products in memory form, one Fp12 element each. */
export async function deviceMiller(
  engine: GpuEngine,
  products: readonly (readonly HybridTerm[])[],
  options: OperationOptions,
): Promise<Uint8Array> {
  const placed: MillerTerm[][] = [];
  // One vector after another: terms often are views of the same one, which must be uploaded once.
  for (const terms of products) {
    const own: MillerTerm[] = [];
    for (const { g1, g2 } of terms)
      own.push({ g1: await g1.onDevice(engine), g2: await g2.onDevice(engine) });
    placed.push(own);
  }
  const miller = await engine.miller();
  return miller.millerProducts(placed, options);
}

/** The same products as the CPU backend takes them. */
export function cpuProducts(products: readonly (readonly HybridTerm[])[]): Promise<PairingProduct[]> {
  return Promise.all(
    products.map((terms) =>
      Promise.all(terms.map(async ({ g1, g2 }) => ({ g1: await g1.onCpu(), g2: await g2.onCpu() }))),
    ),
  );
}

/**
 * Which products came back as exactly 1 although they have pairs. Points that a fault has turned into zeros count as infinity
 * and give that, and a product of 1 is what verifiers hope for; Miller loops of finite points come to it by chance alone.
 */
export function doubtfulProducts(
  curve: Curve,
  products: readonly (readonly HybridTerm[])[],
  values: Uint8Array,
): number[] {
  const one = gtToBytes(curve, curve.fields.Fp12.ONE);
  return [...products.keys()].filter(
    (i) =>
      products[i]?.some(({ g1 }) => g1.length > 0) &&
      equalBytes(values.subarray(i * curve.gtBytes, (i + 1) * curve.gtBytes), one),
  );
}
