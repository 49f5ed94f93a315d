/** Many small multi-scalar multiplications in one call, against one call for each. */

import type { MsmJob } from '../../../src/backend/backend.ts';
import { equalBytes, joinBytes } from '../../../src/field/bytes.ts';
import type { Operation } from '../../lib/operation.ts';
import { generatorMultiples, randomScalars } from '../../lib/random-points.ts';
import type { Hall } from './stage.ts';
import { randomScalarBytes } from './tiled.ts';

const JOBS = 64;
const JOBS_QUICK = 8;

/** `n` is the number of points of one sum. */
export function packedMsmOperation(sizes: readonly number[], hall: Hall): Operation {
  const op = 'msm-packed';
  const jobs = hall.isQuick ? JOBS_QUICK : JOBS;
  return {
    name: op,
    sizes,
    prepare: async (signal) => {
      const stage = await hall.openStage();
      const { curve, cpu } = hall;
      const most = jobs * Math.max(...sizes);
      const points = await generatorMultiples(cpu, 'g1', randomScalars(curve, most), signal);
      const scalars = randomScalarBytes(curve, most);
      const [bases, factors] = [await stage.gpu.uploadG1(points), await stage.gpu.uploadFr(scalars)];
      const [cpuBases, cpuFactors] = [await cpu.uploadG1(points), await cpu.uploadFr(scalars)];
      const vectors = [bases, factors, cpuBases, cpuFactors];
      const cut = (all: MsmJob<'g1'>, n: number): MsmJob<'g1'>[] =>
        Array.from({ length: jobs }, (_, job) => ({
          bases: (all.bases as typeof bases).slice(job * n, (job + 1) * n),
          scalars: all.scalars.slice(job * n, (job + 1) * n),
        }));
      return {
        cases: async (n) => {
          const own = cut({ bases, scalars: factors }, n);
          const theirs = cut({ bases: cpuBases, scalars: cpuFactors }, n);
          const expected = await cpu.msmManyG1(theirs);
          const isRight = (sums: Uint8Array): boolean => equalBytes(sums, expected);
          const single = 'msm-packed, one by one';
          return [
            stage.onGpu(
              { op, n, against: stage.gpu.name, againstOp: single },
              { call: () => stage.gpu.msmManyG1(own), isRight },
            ),
            stage.onGpu(
              { op: single, n },
              {
                call: async () => {
                  const sums: Uint8Array[] = [];
                  for (const job of own) sums.push(await stage.gpu.msmG1(job.bases, job.scalars));
                  return joinBytes(sums);
                },
                isRight,
              },
            ),
            stage.onCpu({ op, n }, { call: () => cpu.msmManyG1(theirs), isRight }),
          ];
        },
        rows: () => stage.takeRows(),
        release: async () => {
          for (const vector of vectors) vector.dispose();
          await hall.closeStage(stage);
        },
      };
    },
  };
}
