/** Every suite. */

import type { Suite } from '../lib/suite.ts';
import { aggregateSuite } from './aggregate.ts';
import { coldSuite } from './cold.ts';
import { cpuSuite } from './cpu.ts';
import { gpuSuite } from './gpu.ts';
import { msmSuite } from './msm.ts';
import { proveSuite } from './prove.ts';

export const SUITES: readonly Suite[] = [aggregateSuite, coldSuite, cpuSuite, gpuSuite, msmSuite, proveSuite];
