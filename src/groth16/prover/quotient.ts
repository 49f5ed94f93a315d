/**
 * What a Groth16 proof divides by the vanishing polynomial, as snarkjs' keys want it: with a, b and c = a∘b the values of the
 * constraints, the values of a(X)·b(X) − c(X) on the coset ζ·ω^i, where ζ² = ω. The key's H points take care of the division.
 */

import type { Backend, FrVector } from '../../backend/backend.ts';
import { phase, type RunOptions } from '../../backend/progress.ts';
import { rootOfUnity } from '../../ntt/roots.ts';

/**
 * domainSize scalars from the 2·domainSize values of a and b. Gives back whatever it makes in between, which is as secret as the
 * witness.
 */
export async function quotientScalars(
  backend: Backend,
  values: FrVector,
  options: RunOptions,
  range: readonly [number, number],
): Promise<FrVector> {
  const { order } = backend.curve;
  const { signal } = options;
  const size = values.length / 2;
  const shift = rootOfUnity(order, Math.log2(size) + 1);
  const alive = new Set<FrVector>();
  const keep = (vector: FrVector): FrVector => {
    alive.add(vector);
    return vector;
  };
  const drop = (vector: FrVector): void => {
    alive.delete(vector);
    vector.dispose();
  };
  const part = (i: number): ReturnType<typeof phase> => {
    const [start, end] = range;
    const at = (share: number): number => start + (end - start) * share;
    return phase(options, 'quotient', at(i / 6), at((i + 1) / 6));
  };
  /** From values on the domain to values on the coset. */
  const toCoset = async (on: FrVector, i: number): Promise<FrVector> => {
    const coefficients = keep(await backend.ntt(on, { ...part(2 * i), inverse: true }));
    const result = keep(await backend.ntt(coefficients, { ...part(2 * i + 1), shift }));
    drop(coefficients);
    return result;
  };
  try {
    const [a, b] = [values.slice(0, size), values.slice(size, 2 * size)];
    const c = keep(await backend.mulFr(a, b, { signal }));
    const cosetC = await toCoset(c, 0);
    drop(c);
    const cosetA = await toCoset(a, 1);
    const cosetB = await toCoset(b, 2);
    const product = keep(await backend.mulFr(cosetA, cosetB, { signal }));
    drop(cosetA);
    drop(cosetB);
    const quotient = await backend.foldFr(product, cosetC, order - 1n, { signal });
    return quotient;
  } finally {
    for (const vector of alive) vector.dispose();
  }
}
