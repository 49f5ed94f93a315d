/** Progress of operations whose parts come one after another. */

import type { OperationOptions } from './backend.ts';

/** Options for the parts of an operation, which take shares of it in proportion to these weights. */
export function inTurn(options: OperationOptions, weights: readonly number[]): OperationOptions[] {
  const total = Math.max(
    1,
    weights.reduce((sum, weight) => sum + weight, 0),
  );
  let before = 0;
  return weights.map((weight) => {
    const start = before;
    before += weight;
    return {
      signal: options.signal,
      onProgress: (fraction) => options.onProgress?.((start + weight * fraction) / total),
    };
  });
}
