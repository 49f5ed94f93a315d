/** A store of calibrations that shows what it holds. */

import type { CalibrationStore } from '../../src/backend/calibration-store.ts';

export function openStore(): CalibrationStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    get: async (key) => texts.get(key),
    put: async (key, text) => {
      texts.set(key, text);
    },
  };
}
