/** Suite `cpu`: the heavy operations of the WebAssembly backend beside ffjavascript and noble, in one process. */

import { chooseForm } from '../../src/wasm/field/index.ts';
import { STEADY, STEADY_NOTE } from '../lib/measure.ts';
import { measureOperations, type Operation } from '../lib/operation.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../lib/suite.ts';
import { checkTargets, formatVerdict } from '../targets.ts';
import { ALL_THREADS, type Contestants, createContestants } from './cpu/contestants.ts';
import { fieldMulOperation } from './cpu/field-mul.ts';
import { msmOperation } from './cpu/msm.ts';
import { nttOperation } from './cpu/ntt.ts';
import { pairingOperation } from './cpu/pairing.ts';

/** Time for the rounds of one operation at one size. */
const BUDGET_MS = 4000;
const WARM_UP_MS = 500;

/** 2^k for each k. */
const powersOfTwo = (...exponents: readonly number[]): number[] => exponents.map((k) => 2 ** k);

/** An operation of the suite and the sizes it is measured at, unless others are asked for. */
interface Entry {
  readonly sizes: readonly number[];
  readonly quick: readonly number[];
  create(contestants: Contestants, sizes: readonly number[]): Operation;
}

const PAIRING_SIZES = [1, 16];
const fixed = (create: Entry['create']): Entry => ({ sizes: [], quick: [], create });

/** Operations by name, in the order of the report. */
const OPERATIONS: Readonly<Record<string, Entry>> = {
  'field-mul': fixed((contestants) => fieldMulOperation(contestants)),
  'miller-loop': fixed((contestants) => pairingOperation('miller-loop', PAIRING_SIZES, contestants)),
  pairing: fixed((contestants) => pairingOperation('pairing', PAIRING_SIZES, contestants)),
  'msm-g1': {
    sizes: powersOfTwo(10, 12, 14, 16, 18),
    quick: powersOfTwo(10, 12),
    create: (contestants, sizes) => msmOperation('g1', sizes, contestants),
  },
  'msm-g2': {
    sizes: powersOfTwo(10, 12, 14, 16),
    quick: powersOfTwo(10, 12),
    create: (contestants, sizes) => msmOperation('g2', sizes, contestants),
  },
  ntt: {
    sizes: powersOfTwo(16, 18, 20),
    quick: powersOfTwo(12, 14),
    create: (contestants, sizes) => nttOperation(sizes, contestants),
  },
};

function operations({ quick, only, sizes }: SuiteOptions, contestants: Contestants): Operation[] {
  return Object.entries(OPERATIONS)
    .filter(([name]) => only?.includes(name) ?? true)
    .map(([, entry]) => entry.create(contestants, sizes ?? (quick ? entry.quick : entry.sizes)));
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
      ...(quick ? {} : STEADY),
      signal,
      onStep,
    });
    const notes = [
      'ratio: times as long as ours that ffjavascript takes, with as many threads (median over paired rounds).',
      ...(quick ? [] : [STEADY_NOTE]),
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
  description:
    'field products, pairings, multi-scalar multiplication and transforms beside ffjavascript and noble',
  packages: ['@noble/curves', 'ffjavascript'],
  operations: Object.keys(OPERATIONS),
  run,
};
