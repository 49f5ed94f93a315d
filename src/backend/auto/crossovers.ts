/** From which size on a model sends operations to the GPU. */

import type { Curve } from '../../curve/curve.ts';
import { type CostModel, crossover, OPERATIONS, type Operation, type Work } from './cost-model.ts';

/** An operation whose inputs the CPU backend has. */
function workOf({ frBytes, g1Bytes, g2Bytes }: Curve, operation: Operation, items: number): Work {
  const point = operation.endsWith('G1') ? g1Bytes : g2Bytes;
  const isFold = operation.startsWith('fold');
  const sizes = isFold ? [point, point] : [point, frBytes];
  return {
    operation,
    items,
    inputs: sizes.map((size) => ({
      owner: {},
      bytes: size * items,
      onHost: false,
      onCpu: true,
      onGpu: false,
    })),
    outputBytes: isFold ? point * items : 0,
  };
}

/** Operations with the number of items, a power of two, from which on the GPU is taken for inputs on the CPU; null: never. */
export function crossovers(curve: Curve, model: CostModel): Record<Operation, number | null> {
  const entries = OPERATIONS.map((operation) => [
    operation,
    crossover(model, (items) => workOf(curve, operation, items)) ?? null,
  ]);
  return Object.fromEntries(entries);
}
