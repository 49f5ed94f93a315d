/** Prepared lines of G2 vectors on a worker pool. */

import { sha256 } from '@noble/hashes/sha2.js';
import { assertLength, InternalError } from '../../errors.ts';
import { toHex } from '../../field/bytes.ts';
import type { PoolMemory } from '../../wasm/pool/index.ts';
import type { G2Vector, LineTables } from '../backend.ts';
import type { Kernels } from './kernels.ts';
import type { PooledPairing } from './pooled-pairing.ts';
import { vectorOf, type WasmVector } from './wasm-vector.ts';

/** The line tables of a pool; saved ones are bytes of the multiplier's own form. */
export function lineTables(kernels: Kernels, pairing: PooledPairing, memory: PoolMemory): LineTables {
  const owner = (points: G2Vector): WasmVector<'g2'> => {
    const vector = vectorOf(points, memory);
    if (vector.root !== vector) throw new InternalError('Lines belong to a whole vector, not to a view.');
    return vector;
  };
  let form: string | undefined;
  return {
    get form(): string {
      // Whatever changes in the kernels may change what lines look like to them.
      form ??= `${kernels.curve.name}-${kernels.form.name}-${toHex(sha256(kernels.bytes)).slice(0, 32)}`;
      return form;
    },
    byteLength: (length) => pairing.linesBytes(length),
    prepare: (points, run = {}) => pairing.prepareLines(owner(points), run),
    save: async (points) => memory.copyOut(owner(points).lines, pairing.linesBytes(points.length)),
    load: async (points, tables) => {
      const vector = owner(points);
      assertLength('Lines, bytes', pairing.linesBytes(points.length), tables.length);
      if (vector.lines === 0) vector.lines = pairing.allocateLines(points.length);
      memory.write(vector.lines, tables);
    },
    drop: async (points) => {
      const vector = owner(points);
      if (vector.lines !== 0) memory.free(vector.lines);
      vector.lines = 0;
    },
  };
}
