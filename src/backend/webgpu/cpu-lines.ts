/** Prepared lines of the CPU backend, for vectors that it holds on behalf of another backend. */

import type { G2Vector, LineTables } from '../backend.ts';

/** The same tables under the handles of the other backend; `onCpu` gives the CPU's own, which keeps its lines as long as it lives. */
export function cpuLines(lines: LineTables, onCpu: (points: G2Vector) => Promise<G2Vector>): LineTables {
  return {
    get form(): string {
      return lines.form;
    },
    byteLength: (length) => lines.byteLength(length),
    prepare: async (points, run) => lines.prepare(await onCpu(points), run),
    save: async (points) => lines.save(await onCpu(points)),
    load: async (points, tables) => lines.load(await onCpu(points), tables),
    drop: async (points) => lines.drop(await onCpu(points)),
  };
}
