/** Prepared lines of the CPU backend, for vectors that it holds on behalf of another backend. */

import type { G2Vector, LineTables } from '../backend.ts';

/**
 * The same tables under the handles of the other backend; `onCpu` gives the CPU's own, which keeps its lines as long as it lives. Vectors
 * that have lines are in `prepared`.
 */
export function cpuLines(
  lines: LineTables,
  onCpu: (points: G2Vector) => Promise<G2Vector>,
  prepared: WeakSet<G2Vector>,
): LineTables {
  return {
    get form(): string {
      return lines.form;
    },
    byteLength: (length) => lines.byteLength(length),
    prepare: async (points, run) => {
      await lines.prepare(await onCpu(points), run);
      prepared.add(points);
    },
    save: async (points) => lines.save(await onCpu(points)),
    load: async (points, tables) => {
      await lines.load(await onCpu(points), tables);
      prepared.add(points);
    },
    drop: async (points) => {
      await lines.drop(await onCpu(points));
      prepared.delete(points);
    },
  };
}
