/** From which size on a model sends operations to the GPU. */

import type { Curve } from '../../curve/curve.ts';
import type { VectorKind } from '../backend.ts';
import { type CostModel, crossover, OPERATIONS, type Operation, type Work } from './cost-model.ts';
import { GPUJS_OPERATIONS, type GpujsCalibration } from './gpujs-calibration.ts';

/** What an operation of size n reads and, where a vector comes out, what that holds: n elements each. */
const SHAPES: Readonly<
  Record<Operation, { readonly inputs: readonly VectorKind[]; readonly output?: VectorKind }>
> = {
  msmG1: { inputs: ['g1', 'fr'] },
  msmG2: { inputs: ['g2', 'fr'] },
  msmManyG1: { inputs: ['g1', 'fr'] },
  msmManyG2: { inputs: ['g2', 'fr'] },
  scaleG1: { inputs: ['g1', 'fr'], output: 'g1' },
  scaleG2: { inputs: ['g2', 'fr'], output: 'g2' },
  foldG1: { inputs: ['g1', 'g1'], output: 'g1' },
  foldG2: { inputs: ['g2', 'g2'], output: 'g2' },
  foldFr: { inputs: ['fr', 'fr'], output: 'fr' },
  mulFr: { inputs: ['fr', 'fr'], output: 'fr' },
  powersFr: { inputs: [], output: 'fr' },
  // With about an entry a row; the matrix stays where it was put.
  mulMatrix: { inputs: ['fr'], output: 'fr' },
  ntt: { inputs: ['fr'], output: 'fr' },
  millerProducts: { inputs: ['g1', 'g2'] },
};

/** An operation whose inputs the CPU backend has. */
function workOf(curve: Curve, operation: Operation, size: number): Work {
  const bytesOf = { fr: curve.frBytes, g1: curve.g1Bytes, g2: curve.g2Bytes };
  const { inputs, output } = SHAPES[operation];
  return {
    operation,
    items: operation === 'ntt' ? size * Math.log2(size) : size,
    inputs: inputs.map((kind) => ({
      owner: {},
      bytes: bytesOf[kind] * size,
      onHost: false,
      onCpu: true,
      onGpu: false,
    })),
    outputBytes: output ? bytesOf[output] * size : 0,
  };
}

/** Operations with the size, a power of two, from which on the GPU is taken for inputs on the CPU; null: never. */
export function crossovers(curve: Curve, model: CostModel): Record<Operation, number | null> {
  const entries = OPERATIONS.map((operation) => [
    operation,
    crossover(model, (size) => workOf(curve, operation, size)) ?? null,
  ]);
  return Object.fromEntries(entries);
}

/** The same for gpu.js, whose vectors the CPU backend has; for the operations that were measured. */
export function gpujsCrossovers({ model }: GpujsCalibration): Partial<Record<Operation, number | null>> {
  const measured = GPUJS_OPERATIONS.filter((operation) => model.cpu.operations[operation]);
  const entries = measured.map((operation) => [
    operation,
    crossover(model, (items) => ({ operation, items, inputs: [], outputBytes: 0 })) ?? null,
  ]);
  return Object.fromEntries(entries);
}
