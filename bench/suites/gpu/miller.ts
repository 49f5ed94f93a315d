/** Miller loops of n pairs in one product, points on the device. */

import type { Backend, PairingProduct } from '../../../src/backend/backend.ts';
import { equalBytes } from '../../../src/field/bytes.ts';
import type { Operation } from '../../lib/operation.ts';
import { type GroupKind, generatorMultiples, randomScalars } from '../../lib/random-points.ts';
import type { Hall } from './stage.ts';
import { tileBytes } from './tiled.ts';

/** Different points of each group, at most; a point that stands at many places has its lines made at each. */
const MOST_POINTS = 2 ** 14;
/** Sizes up to which the CPU is measured beside. */
const CPU_LIMIT = 2 ** 14;

export function millerOperation(sizes: readonly number[], hall: Hall): Operation {
  const op = 'miller-loop';
  return {
    name: op,
    sizes,
    prepare: async (signal) => {
      const stage = await hall.openStage();
      const { curve, cpu } = hall;
      const most = Math.max(...sizes);
      const tiled = async (kind: GroupKind, size: number, period: number): Promise<Uint8Array> =>
        tileBytes(
          await generatorMultiples(cpu, kind, randomScalars(curve, Math.min(period, most)), signal),
          size,
          most,
        );
      // Periods without a common factor: no pair comes twice.
      const g1 = await tiled('g1', curve.g1Bytes, MOST_POINTS - 1);
      const g2 = await tiled('g2', curve.g2Bytes, MOST_POINTS);
      const load = async (backend: Backend) => {
        const [left, right] = [await backend.uploadG1(g1), await backend.uploadG2(g2)];
        return {
          productsOf: (n: number): PairingProduct[] => [[{ g1: left.slice(0, n), g2: right.slice(0, n) }]],
          dispose: () => {
            for (const vector of [left, right]) vector.dispose();
          },
        };
      };
      const [own, theirs] = [await load(stage.gpu), await load(cpu)];
      return {
        cases: async (n) => {
          const expected = await cpu.finalExponentiation(await cpu.millerProducts(theirs.productsOf(n)));
          const isRight = async (values: Uint8Array): Promise<boolean> =>
            equalBytes(await cpu.finalExponentiation(values), expected);
          const onGpu = stage.onGpu(
            { op, n },
            { call: () => stage.gpu.millerProducts(own.productsOf(n)), isRight },
          );
          if (n > CPU_LIMIT) return [onGpu];
          const call = (): Promise<Uint8Array> => cpu.millerProducts(theirs.productsOf(n));
          return [onGpu, stage.onCpu({ op, n }, { call, isRight })];
        },
        rows: () => stage.takeRows(),
        release: async () => {
          own.dispose();
          theirs.dispose();
          await hall.closeStage(stage);
        },
      };
    },
  };
}
