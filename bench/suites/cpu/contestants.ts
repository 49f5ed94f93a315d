/** Who takes part in suite `cpu`: our backends by curve, form and threads, and ffjavascript with one thread and with its default. */

import { cpus } from 'node:os';
import type { Backend } from '../../../src/backend/backend.ts';
import { createWasmBackend } from '../../../src/backend/wasm/wasm-backend.ts';
import { BLS12_381, BN254, type Curve } from '../../../src/curve/curve.ts';
import { chooseForm, type FormName } from '../../../src/wasm/field/index.ts';
import { type FfCurve, ffjavascriptCurve } from '../../peers/ffjavascript.ts';

/** One of our backends. */
export interface Own {
  readonly backend: Backend;
  readonly form: FormName;
}

/** All of them. */
export interface Contestants {
  readonly own: readonly Own[];
  /** On BN254, by the number of threads. */
  readonly ffjavascript: readonly { readonly curve: FfCurve; readonly threads: number }[];
  dispose(): Promise<void>;
}

/** ffjavascript starts as many workers as there are cores, and cannot be told otherwise: neither are we. */
export const ALL_THREADS: number = cpus().length;

/** The forms to compare, as far as they run here: the best and integer SIMD. */
export function formsHere(): FormName[] {
  return [...new Set([chooseForm(), chooseForm() === 'scalar' ? 'scalar' : 'simd'] as const)];
}

async function own(curve: Curve, form: FormName, threads: number): Promise<Own> {
  return { backend: await createWasmBackend(curve, { threads, form }), form };
}

/** Starts everything. */
export async function createContestants(): Promise<Contestants> {
  const threadCounts = [...new Set([ALL_THREADS, 1])];
  const entries = [
    ...formsHere().flatMap((form) => threadCounts.map((threads) => own(BN254, form, threads))),
    ...threadCounts.map((threads) => own(BLS12_381, chooseForm(), threads)),
  ];
  const [backends, peers] = await Promise.all([
    Promise.all(entries),
    Promise.all(threadCounts.map((threads) => ffjavascriptCurve('bn254', threads === 1))),
  ]);
  return {
    own: backends,
    ffjavascript: peers.map((curve) => ({ curve, threads: curve.tm.concurrency })),
    dispose: async () => {
      await Promise.all([
        ...backends.map(({ backend }) => backend.dispose()),
        ...peers.map((curve) => curve.terminate()),
      ]);
    },
  };
}
