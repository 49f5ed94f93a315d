/** Suite `cpu`: the heavy operations of the WebAssembly backend beside ffjavascript and noble, in one process. */

import { chooseForm } from '../../src/wasm/field/index.ts';
import { measureOperations, type Operation } from '../lib/operation.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';
import { checkTargets, formatVerdict } from '../targets.ts';
import { ALL_THREADS, type Contestants, createContestants } from './cpu/contestants.ts';
import { fieldMulOperation } from './cpu/field-mul.ts';
import { msmOperation } from './cpu/msm.ts';
import { pairingOperation } from './cpu/pairing.ts';

const MSM_SIZES = [10, 12, 14, 16, 18].map((k) => 2 ** k);
const G2_LIMIT = 2 ** 16;
const QUICK_SIZES = [2 ** 10, 2 ** 12];
const PAIRING_SIZES = [1, 16];
/** Time for the rounds of one operation at one size. */
const BUDGET_MS = 4000;
const WARM_UP_MS = 500;

/** Operations by name, in the order of the report. */
const OPERATIONS: Readonly<
  Record<string, (contestants: Contestants, sizes: readonly number[]) => Operation>
> = {
  'field-mul': fieldMulOperation,
  'miller-loop': (contestants) => pairingOperation('miller-loop', PAIRING_SIZES, contestants),
  pairing: (contestants) => pairingOperation('pairing', PAIRING_SIZES, contestants),
  'msm-g1': (contestants, sizes) => msmOperation('g1', sizes, contestants),
  'msm-g2': (contestants, sizes) =>
    msmOperation(
      'g2',
      sizes.filter((n) => n <= G2_LIMIT),
      contestants,
    ),
};

function operations({ quick, only, sizes }: SuiteOptions, contestants: Contestants): Operation[] {
  const msmSizes = sizes ?? (quick ? QUICK_SIZES : MSM_SIZES);
  return Object.entries(OPERATIONS)
    .filter(([name]) => only?.includes(name) ?? true)
    .map(([, create]) => create(contestants, msmSizes))
    .filter((operation) => operation.sizes.length > 0);
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const { quick, signal, onStep } = options;
  const contestants = await createContestants();
  try {
    const { rows, interrupted } = await measureOperations(operations(options, contestants), {
      suite: 'cpu',
      rounds: quick ? 2 : 5,
      budgetMs: quick ? 0 : BUDGET_MS,
      warmUpMs: quick ? 0 : WARM_UP_MS,
      signal,
      onStep,
    });
    const notes = [
      'ratio: times as long as ours that ffjavascript takes, with as many threads (median over paired rounds).',
      'field-mul: n is a million, so milliseconds are nanoseconds a product.',
      '',
      ...checkTargets(rows, chooseForm(), ALL_THREADS).map(formatVerdict),
    ];
    return { rows, notes, interrupted };
  } finally {
    await contestants.dispose();
  }
}

/** Kernels of the CPU engine against their peers. */
export const cpuSuite: Suite = {
  name: 'cpu',
  description: 'field products, pairings and multi-scalar multiplication beside ffjavascript and noble',
  packages: ['@noble/curves', 'ffjavascript'],
  operations: Object.keys(OPERATIONS),
  run,
};
