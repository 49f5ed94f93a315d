/** Development reference strings from fresh local secrets: for tests and demos, and marked so everywhere. */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { g1ToBytes, g2ToBytes } from '../../curve/points.ts';
import { joinBytes } from '../../field/bytes.ts';
import { randomScalar } from '../../field/random.ts';
import { assertSrsSize } from './size.ts';
import { createSrs, INSECURE_WARNING, type PowersOfTau, powerCounts, type Srs } from './srs.ts';

async function developmentPowers(
  backend: Backend,
  size: number,
  options: OperationOptions,
): Promise<PowersOfTau> {
  const { curve } = backend;
  const counts = powerCounts(size);
  const repeat = (bytes: Uint8Array, count: number): Uint8Array =>
    joinBytes(new Array<Uint8Array>(count).fill(bytes));
  const tau = randomScalar(curve.order);
  const g1 = await backend.uploadG1(repeat(g1ToBytes(curve, curve.g1.BASE), counts.g1));
  const g2 = await backend.uploadG2(repeat(g2ToBytes(curve, curve.g2.BASE), counts.g2));
  const powers = await backend.powersFr(tau, counts.g1);
  const scaledG1 = await backend.scaleG1(g1, powers, {
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(0.4 * fraction),
  });
  const scaledG2 = await backend.scaleG2(g2, powers.slice(0, counts.g2), {
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(0.4 + 0.6 * fraction),
  });
  const result = { g1: await backend.read(scaledG1), g2: await backend.read(scaledG2) };
  for (const vector of [g1, g2, powers, scaledG1, scaledG2]) vector.dispose();
  return result;
}

/**
 * Makes an insecure string of `size` slots (a power of two) from two secrets drawn now from the CSPRNG and forgotten.
 * Throws OptionError for a bad size.
 */
export async function createDevSrs(
  backend: Backend,
  size: number,
  options: OperationOptions = {},
): Promise<Srs> {
  assertSrsSize(size);
  const half = (offset: number): OperationOptions => ({
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(offset + fraction / 2),
  });
  const tau1 = await developmentPowers(backend, size, half(0));
  const tau2 = await developmentPowers(backend, size, half(0.5));
  return createSrs(backend.curve, size, tau1, tau2, true, {
    warning: INSECURE_WARNING,
    strings: [{ kind: 'development' }, { kind: 'development' }],
    contributions: [],
  });
}
