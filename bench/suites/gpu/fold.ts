/** Folds left + x·right of points that are on the device and whose sums stay there. */

import type { Backend, BackendVector } from '../../../src/backend/backend.ts';
import { equalBytes } from '../../../src/field/bytes.ts';
import { randomScalar } from '../../../src/field/random.ts';
import type { Case } from '../../lib/measure.ts';
import type { Operation } from '../../lib/operation.ts';
import { type GroupKind, generatorMultiples, randomScalars } from '../../lib/random-points.ts';
import { groupCalls } from './group-calls.ts';
import type { Hall } from './stage.ts';

type Vector = BackendVector<GroupKind>;

export function foldOperation(kind: GroupKind, sizes: readonly number[], hall: Hall): Operation {
  const op = `fold-${kind}`;
  return {
    name: op,
    sizes,
    prepare: async (signal) => {
      const stage = await hall.openStage();
      const { curve, cpu } = hall;
      const most = Math.max(...sizes);
      const points = (): Promise<Uint8Array> =>
        generatorMultiples(cpu, kind, randomScalars(curve, most), signal);
      const bytes = [await points(), await points()] as const;
      const x = randomScalar(curve.order);
      const load = async (backend: Backend) => {
        const { upload, fold } = groupCalls(backend, kind);
        const [left, right] = [await upload(bytes[0]), await upload(bytes[1])];
        return {
          fold: (n: number) => fold(left.slice(0, n), right.slice(0, n), x),
          read: (vector: Vector) => backend.read(vector),
          dispose: () => {
            for (const vector of [left, right]) vector.dispose();
          },
        };
      };
      const [own, theirs] = [await load(stage.gpu), await load(cpu)];
      return {
        cases: async (n): Promise<Case[]> => {
          const first = await theirs.fold(n);
          const expected = await theirs.read(first);
          first.dispose();
          const callOf = ({ fold, read }: typeof own) => ({
            call: () => fold(n),
            isRight: async (result: Vector) => equalBytes(await read(result), expected),
            discard: (result: Vector) => result.dispose(),
          });
          return [stage.onGpu({ op, n }, callOf(own)), stage.onCpu({ op, n }, callOf(theirs))];
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
