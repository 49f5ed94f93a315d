/** Multi-scalar multiplication on bases that are on the device; scalars stay there too. */

import { equalBytes } from '../../../src/field/bytes.ts';
import type { Operation } from '../../lib/operation.ts';
import { type GroupKind, generatorMultiples, randomScalars } from '../../lib/random-points.ts';
import { groupCalls } from './group-calls.ts';
import type { Hall } from './stage.ts';
import { foldScalars, randomScalarBytes, tileBytes } from './tiled.ts';

/** Different points, at most: the CPU makes and sums them in a second. */
const MOST_POINTS: Readonly<Record<GroupKind, number>> = { g1: 2 ** 16, g2: 2 ** 14 };
/** Sizes up to which the CPU is measured beside. */
const CPU_LIMIT: Readonly<Record<GroupKind, number>> = { g1: 2 ** 20, g2: 2 ** 18 };

/** Sums of one size after the other. */
export function msmOperation(kind: GroupKind, sizes: readonly number[], hall: Hall): Operation {
  const op = `msm-${kind}`;
  return {
    name: op,
    sizes,
    prepare: async (signal) => {
      const stage = await hall.openStage();
      const { curve } = hall;
      const pointBytes = kind === 'g1' ? curve.g1Bytes : curve.g2Bytes;
      const count = Math.min(MOST_POINTS[kind], Math.max(...sizes));
      const distinct = await generatorMultiples(hall.cpu, kind, randomScalars(curve, count), signal);
      const [onGpu, onCpu] = [groupCalls(stage.gpu, kind), groupCalls(hall.cpu, kind)];
      let held: { dispose(): void }[] = [];
      const letGo = (): void => {
        for (const one of held) one.dispose();
        held = [];
      };
      return {
        cases: async (n) => {
          letGo();
          const period = Math.min(n, count);
          const points = distinct.subarray(0, period * pointBytes);
          const scalars = randomScalarBytes(curve, n);
          const few = await onCpu.upload(points);
          const folded = await hall.cpu.uploadFr(foldScalars(curve, scalars, period));
          const expected = await onCpu.msm(few, folded);
          folded.dispose();
          few.dispose();

          const tiled = tileBytes(points, pointBytes, n);
          const [bases, factors] = await stage.once({ op: `${op}, upload`, n }, async () => {
            const vector = await onGpu.upload(tiled);
            const prepared = await onGpu.prepare(vector);
            vector.dispose();
            return [prepared, await stage.gpu.uploadFr(scalars)] as const;
          });
          // Two copies in turn: the device keeps the sorted digits of the last scalars, and the time would be without the sort.
          const copies = [factors, await stage.gpu.uploadFr(scalars)] as const;
          held.push(bases, ...copies);
          let turn = 0;
          const sum = (): Promise<Uint8Array> => onGpu.msm(bases, copies[turn++ % 2 === 0 ? 0 : 1]);
          const isRight = (sum: Uint8Array): boolean => equalBytes(sum, expected);
          const cases = [stage.onGpu({ op, n }, { call: sum, isRight })];
          if (n > CPU_LIMIT[kind]) return cases;
          const [cpuBases, cpuFactors] = [await onCpu.upload(tiled), await hall.cpu.uploadFr(scalars)];
          held.push(cpuBases, cpuFactors);
          const call = (): Promise<Uint8Array> => onCpu.msm(cpuBases, cpuFactors);
          return [...cases, stage.onCpu({ op, n }, { call, isRight })];
        },
        rows: () => stage.takeRows(),
        release: async () => {
          letGo();
          await hall.closeStage(stage);
        },
      };
    },
  };
}
