/** Reference strings from ceremony files. */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { MixedCurvesError, SrsError } from '../../errors.ts';
import type { ByteSource } from '../../field/byte-source.ts';
import { checkPowers, refuseEqualTaus } from './check-srs.ts';
import { contributeToSrs } from './contribute.ts';
import { readPtau } from './ptau.ts';
import { createSrs, type Srs } from './srs.ts';

/** Options of {@link importSrs}. */
export interface ImportOptions extends OperationOptions {
  /** Slots to serve, a power of two; at most half of each file's 2^power. */
  readonly size: number;
  /**
   * Multiply the second string by a fresh local secret. Needed when only one ceremony is at hand; the result is then
   * only as good as this machine's forgetting.
   */
  readonly contribute?: boolean | undefined;
  /** Note for that contribution. */
  readonly note?: string | undefined;
}

/**
 * Imports two ceremonies' files, or one with `contribute`. Reads only prefixes and checks every power; refuses equal τ.
 * Throws {@link SrsError}, {@link MixedCurvesError} or the point errors.
 */
export async function importSrs(
  backend: Backend,
  first: ByteSource,
  second: ByteSource | undefined,
  options: ImportOptions,
): Promise<Srs> {
  const { size, signal } = options;
  const portion = (start: number, length: number): OperationOptions => ({
    signal,
    onProgress: (fraction) => options.onProgress?.(start + length * fraction),
  });
  const read = async (source: ByteSource, part: OperationOptions): ReturnType<typeof readPtau> => {
    const result = await readPtau(source, size);
    if (result.curve !== backend.curve) {
      throw new MixedCurvesError(backend.curve.name, result.curve.name, { file: source.name });
    }
    await checkPowers(backend, result.powers, source.name, part);
    return result;
  };
  if (!second && !options.contribute) {
    throw new SrsError(
      'Two independent strings are needed: give a second .ptau of another ceremony, or ask for a local contribution to a copy of the first.',
    );
  }
  const one = await read(first, portion(0, 0.4));
  const two = second ? await read(second, portion(0.4, 0.4)) : undefined;
  const srs = createSrs(backend.curve, size, one.powers, two?.powers ?? one.powers, false, {
    strings: [one.origin, two?.origin ?? { kind: 'copy-of-first' }],
    contributions: [],
  });
  const result = options.contribute
    ? await contributeToSrs(backend, srs, { ...portion(0.8, 0.2), note: options.note })
    : srs;
  refuseEqualTaus(backend.curve, result.tau1G1, result.tau2G1);
  options.onProgress?.(1);
  return result;
}
