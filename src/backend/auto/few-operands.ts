/**
 * Operands too few for any device to be worth the way there. One thread of a GPU walks the 255 doublings of a fold, or a Miller loop, in
 * milliseconds, and each read-back waits for its queue; a CPU does a few elements in less. Scalar vectors have no such bound: their
 * operations walk nothing and read nothing back.
 */

import type { Operation, Work } from './cost-model.ts';

/** Doublings and lines one after another take a GPU as long for one element as for thousands; a CPU has done this many by then. */
const FEW_WALKS = 16;
/** The CPU finishes a small sum from some 64 windows: that is a sum of as many terms. */
const FEW_TERMS = 64;

const FEW: Readonly<Partial<Record<Operation, number>>> = {
  msmG1: FEW_TERMS,
  msmG2: FEW_TERMS,
  msmManyG1: FEW_TERMS,
  msmManyG2: FEW_TERMS,
  scaleG1: FEW_WALKS,
  scaleG2: FEW_WALKS,
  foldG1: FEW_WALKS,
  foldG2: FEW_WALKS,
  millerProducts: FEW_WALKS,
};

/** Whether work is on few elements of which a device has none, and its result is not for many later uses. */
export function isFewOnHost({ operation, items, inputs, isLasting }: Work): boolean {
  return !isLasting && items < (FEW[operation] ?? 0) && !inputs.some(({ onGpu }) => onGpu);
}
