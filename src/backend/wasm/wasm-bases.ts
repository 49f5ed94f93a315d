/** Bases of multi-scalar multiplications in the linear memory of a worker pool. */

import { DisposedError, InternalError } from '../../errors.ts';
import type { PoolMemory } from '../../wasm/pool/index.ts';
import type { BackendVector, Bases } from '../backend.ts';
import { type PointKind, vectorOf, type WasmVector } from './wasm-vector.ts';

/** MSM records (wasm/curve/affine-batch.ts) of points. */
export class WasmBases<K extends PointKind> implements Bases<K> {
  readonly kind: K;
  readonly length: number;
  readonly prepared = true;
  readonly memory: PoolMemory;
  readonly #at: number;
  #disposed = false;

  /** Takes over the records at an address of `memory`. */
  constructor(kind: K, memory: PoolMemory, at: number, length: number) {
    this.kind = kind;
    this.memory = memory;
    this.#at = at;
    this.length = length;
  }

  /** Address of the records. */
  get at(): number {
    if (this.#disposed) throw new DisposedError('Prepared bases');
    return this.#at;
  }

  dispose(): void {
    if (!this.#disposed) this.memory.free(this.#at);
    this.#disposed = true;
  }
}

/** Unwraps points or prepared bases, refusing those that another backend made. */
export function basesOf<K extends PointKind>(
  bases: BackendVector<K> | Bases<K>,
  memory: PoolMemory,
): WasmVector<K> | WasmBases<K> {
  if (!('prepared' in bases)) return vectorOf(bases, memory);
  if (!(bases instanceof WasmBases) || bases.memory !== memory) {
    throw new InternalError('Bases of another backend were given.');
  }
  return bases;
}
