/** What a process pays before the first call of anything: all kernels of BN254 as the adapter gets them, each time on a device that has compiled nothing. */

import { BN254 } from '../../../src/curve/curve.ts';
import type { AdapterDescription } from '../../../src/gpu/adapter.ts';
import { DEFAULT_MULTIPLIER, SOFTWARE_MULTIPLIER } from '../../../src/gpu/choose-multiplier.ts';
import { curveKernels } from '../../../src/gpu/curve-kernels.ts';
import type { Kernel } from '../../../src/gpu/kernel.ts';
import type { Operation } from '../../lib/operation.ts';
import type { Row } from '../../lib/report.ts';
import { extraRow, type Hall, openDevice } from './stage.ts';

const RUNS = 3;

/** `n` is the number of kernels. Drivers may keep compiled kernels between runs. */
export function pipelinesOperation({ isQuick }: Hall): Operation {
  const kernelsOn = ({ isSoftware }: AdapterDescription): readonly Kernel[] =>
    curveKernels(BN254, isSoftware ? SOFTWARE_MULTIPLIER : DEFAULT_MULTIPLIER, isSoftware);
  return {
    name: 'pipelines',
    sizes: [curveKernels(BN254, DEFAULT_MULTIPLIER, false).length],
    prepare: async () => {
      let rows: Row[] = [];
      return {
        cases: async (n) => {
          const samples: number[] = [];
          for (let i = 0; i < (isQuick ? 1 : RUNS); i++) {
            const device = await openDevice();
            const start = performance.now();
            await device.compileAll(kernelsOn(device.adapter));
            samples.push(performance.now() - start);
            device.dispose();
          }
          rows = [extraRow('pipelines', BN254, n, false, samples)];
          return [];
        },
        rows: () => rows,
      };
    },
  };
}
