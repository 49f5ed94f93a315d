/** Number-theoretic transforms, forward, of scalars that are on the device and whose values stay there. */

import type { FrVector } from '../../../src/backend/backend.ts';
import { equalBytes } from '../../../src/field/bytes.ts';
import type { Operation } from '../../lib/operation.ts';
import type { Hall } from './stage.ts';
import { randomScalarBytes } from './tiled.ts';

/** Sizes up to which the CPU is measured beside. */
const CPU_LIMIT = 2 ** 22;

export function nttOperation(sizes: readonly number[], hall: Hall): Operation {
  const op = 'ntt';
  return {
    name: op,
    sizes,
    prepare: async () => {
      const stage = await hall.openStage();
      const { curve, cpu } = hall;
      let held: FrVector[] = [];
      const letGo = (): void => {
        for (const vector of held) vector.dispose();
        held = [];
      };
      const discard = (vector: FrVector): void => vector.dispose();
      return {
        cases: async (n) => {
          letGo();
          const bytes = randomScalarBytes(curve, n);
          const [own, theirs] = [await stage.gpu.uploadFr(bytes), await cpu.uploadFr(bytes)];
          held.push(own, theirs);
          const values = await cpu.ntt(theirs);
          const expected = await cpu.read(values);
          values.dispose();
          const onGpu = stage.onGpu(
            { op, n },
            {
              call: () => stage.gpu.ntt(own),
              isRight: async (result) => equalBytes(await stage.gpu.read(result), expected),
              discard,
            },
          );
          if (n > CPU_LIMIT) return [onGpu];
          const onCpu = stage.onCpu(
            { op, n },
            {
              call: () => cpu.ntt(theirs),
              isRight: async (result) => equalBytes(await cpu.read(result), expected),
              discard,
            },
          );
          return [onGpu, onCpu];
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
