/** Vectors in the linear memory of a worker pool. */

import { InternalError } from '../../errors.ts';
import type { PoolMemory } from '../../wasm/pool/index.ts';
import type { BackendVector, VectorKind } from '../backend.ts';

/** Kinds of vectors of points. */
export type PointKind = 'g1' | 'g2';

/** Packed affine points, or packed scalars, at an address, in the form's internal layout. */
export class WasmVector<K extends VectorKind> implements BackendVector<K> {
  readonly kind: K;
  readonly length: number;
  /** Address of the first element. */
  readonly at: number;
  readonly elementBytes: number;
  readonly memory: PoolMemory;
  /** The vector that this one is a view of; itself when it is none. */
  readonly root: WasmVector<K>;
  /** Address of the lines of two points after two, where they are prepared; of a root only. Freed with it. */
  lines = 0;
  readonly #owns: boolean;
  #disposed = false;

  constructor(
    kind: K,
    memory: PoolMemory,
    at: number,
    length: number,
    elementBytes: number,
    owns: boolean,
    root?: WasmVector<K>,
  ) {
    this.kind = kind;
    this.memory = memory;
    this.at = at;
    this.length = length;
    this.elementBytes = elementBytes;
    this.#owns = owns;
    this.root = root ?? this;
  }

  slice(start: number, end: number): WasmVector<K> {
    if (start < 0 || end < start || end > this.length) {
      throw new InternalError(`Slice ${start}..${end} of a vector of ${this.length} elements.`);
    }
    return new WasmVector(
      this.kind,
      this.memory,
      this.at + start * this.elementBytes,
      end - start,
      this.elementBytes,
      false,
      this.root,
    );
  }

  /** Scalars are overwritten: some are secret, and linear memory outlives them. */
  dispose(): void {
    if (this.#owns && !this.#disposed) {
      if (this.kind === 'fr') this.memory.erase(this.at, this.length * this.elementBytes);
      this.memory.free(this.at);
      if (this.lines !== 0) this.memory.free(this.lines);
    }
    this.#disposed = true;
  }
}

/** Unwraps a handle, refusing one that another backend made. */
export function vectorOf<K extends VectorKind>(vector: BackendVector<K>, memory: PoolMemory): WasmVector<K> {
  if (!(vector instanceof WasmVector) || vector.memory !== memory) {
    throw new InternalError('A vector of another backend was given.');
  }
  return vector;
}
