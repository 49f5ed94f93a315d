/** What operations cost on the CPU before a machine is measured: good for telling milliseconds from seconds. */

import type { Backend } from '../backend.ts';
import type { CostModel, Operation } from './cost-model.ts';

/** Milliseconds an item on one thread, WebAssembly backend on BN254. */
export const ITEM_MS: Readonly<Record<Operation, number>> = {
  msmG1: 0.005,
  msmG2: 0.015,
  msmManyG1: 0.1,
  msmManyG2: 0.3,
  scaleG1: 0.13,
  scaleG2: 0.4,
  foldG1: 0.13,
  foldG2: 0.4,
  foldFr: 5e-5,
  mulFr: 5e-5,
  powersFr: 3e-5,
  mulMatrix: 8e-5,
  ntt: 1.3e-5,
  millerProducts: 0.33,
};
/** Milliseconds a pair whose lines are kept. */
const WITH_LINES_MS = 0.17;
/** BLS12-381 over BN254. */
const LARGE_FIELD = 2.5;
/** The reference backend over the WebAssembly one. */
const REFERENCE = 60;
const FREE = { fixedMs: 0, itemMs: 0 };

/** Costs on a CPU backend; there is no GPU in them. */
export function guessedCosts({ curve, name, threads }: Backend): CostModel {
  const factor =
    ((name === 'reference' ? REFERENCE : 1) * (curve.name === 'bn254' ? 1 : LARGE_FIELD)) / threads;
  const operations = Object.fromEntries(
    Object.entries(ITEM_MS).map(([operation, itemMs]) => [
      operation,
      { fixedMs: 0, itemMs: factor * itemMs },
    ]),
  );
  return {
    cpu: {
      operations,
      upload: FREE,
      readBack: FREE,
      withLines: { fixedMs: 0, itemMs: factor * WITH_LINES_MS },
    },
    gpu: { operations: {}, upload: FREE, readBack: FREE, startMs: 0, compileMs: {} },
  };
}
