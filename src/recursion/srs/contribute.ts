/** Local contributions to the second string: τ₂ ← s·τ₂ for a fresh secret s that is forgotten at once. */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { compressG1, compressG2 } from '../../curve/compressed.ts';
import { g1FromBytes } from '../../curve/points.ts';
import { toHex } from '../../field/bytes.ts';
import { randomScalar } from '../../field/random.ts';
import { createSrs, powerCounts, type Srs, type SrsProvenance } from './srs.ts';

/** Options of {@link contributeToSrs}. */
export interface ContributeOptions extends OperationOptions {
  /** Who or why; goes into the file. */
  readonly note?: string | undefined;
}

/**
 * Returns the string with its second τ multiplied by a secret drawn from the CSPRNG, and a proof of that in its
 * provenance. The result is as good as the best of its contributors: one who forgot the secret suffices.
 */
export async function contributeToSrs(
  backend: Backend,
  srs: Srs,
  options: ContributeOptions = {},
): Promise<Srs> {
  const { curve } = backend;
  const counts = powerCounts(srs.size);
  const secret = randomScalar(curve.order);
  const factors = await backend.powersFr(secret, counts.g1);
  const g1 = await backend.uploadG1(srs.tau2.g1);
  const g2 = await backend.uploadG2(srs.tau2.g2);
  const scaledG1 = await backend.scaleG1(g1, factors, {
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(0.4 * fraction),
  });
  const scaledG2 = await backend.scaleG2(g2, factors.slice(0, counts.g2), {
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(0.4 + 0.6 * fraction),
  });
  const tau2 = { g1: await backend.read(scaledG1), g2: await backend.read(scaledG2) };
  for (const vector of [factors, g1, g2, scaledG1, scaledG2]) vector.dispose();
  const hex = (bytes: Uint8Array): string => toHex(compressG1(curve, g1FromBytes(curve, bytes)));
  const provenance: SrsProvenance = {
    ...srs.provenance,
    contributions: [
      ...srs.provenance.contributions,
      {
        before: hex(srs.tau2G1),
        after: hex(tau2.g1.subarray(curve.g1Bytes, 2 * curve.g1Bytes)),
        factorG2: toHex(compressG2(curve, curve.g2.BASE.multiply(secret))),
        date: new Date().toISOString().slice(0, 10),
        ...(options.note === undefined ? {} : { note: options.note }),
      },
    ],
  };
  return createSrs(curve, srs.size, srs.tau1, tau2, srs.insecure, provenance);
}
