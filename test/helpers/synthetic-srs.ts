/** Reference strings from secrets that the test knows: reproducible, and of either kind. */

import fc from 'fast-check';
import type { Backend } from '../../src/backend/backend.ts';
import type { Curve } from '../../src/curve/curve.ts';
import { joinBytes } from '../../src/field/bytes.ts';
import {
  createSrs,
  INSECURE_WARNING,
  type PowersOfTau,
  powerCounts,
  type Srs,
  type SrsProvenance,
} from '../../src/recursion/srs/srs.ts';
import { g1Times, g2Times, scalarArbitrary } from './group-elements.ts';

/** The two secrets of a string. */
export type Taus = readonly [bigint, bigint];

/** Two different secrets. */
export function tausArbitrary(curve: Curve): fc.Arbitrary<Taus> {
  return fc.tuple(scalarArbitrary(curve), scalarArbitrary(curve));
}

/** The powers of one secret that `size` slots need. */
export async function powersOf(backend: Backend, size: number, tau: bigint): Promise<PowersOfTau> {
  const { curve } = backend;
  const counts = powerCounts(size);
  const repeat = (bytes: Uint8Array, count: number): Uint8Array =>
    joinBytes(new Array<Uint8Array>(count).fill(bytes));
  const factors = await backend.powersFr(tau, counts.g1);
  const g1 = await backend.uploadG1(repeat(g1Times(curve, 1n), counts.g1));
  const g2 = await backend.uploadG2(repeat(g2Times(curve, 1n), counts.g2));
  return {
    g1: await backend.read(await backend.scaleG1(g1, factors)),
    g2: await backend.read(await backend.scaleG2(g2, factors.slice(0, counts.g2))),
  };
}

const DEVELOPMENT: SrsProvenance = {
  warning: INSECURE_WARNING,
  strings: [{ kind: 'development' }, { kind: 'development' }],
  contributions: [],
};

const CEREMONY: SrsProvenance = {
  strings: [
    { kind: 'ptau', file: 'first.ptau', power: 4, ceremonyPower: 28, prefixSha256: '00'.repeat(32) },
    { kind: 'ptau', file: 'second.ptau', power: 4, ceremonyPower: 27, prefixSha256: '11'.repeat(32) },
  ],
  contributions: [],
};

/** The string of `size` slots with these secrets. */
export async function syntheticSrs(
  backend: Backend,
  size: number,
  [tau1, tau2]: Taus,
  kind: 'development' | 'ceremony' = 'development',
): Promise<Srs> {
  const insecure = kind === 'development';
  return createSrs(
    backend.curve,
    size,
    await powersOf(backend, size, tau1),
    await powersOf(backend, size, tau2),
    insecure,
    insecure ? DEVELOPMENT : CEREMONY,
  );
}
