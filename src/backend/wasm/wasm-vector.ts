/** Vectors of points in the linear memory of a worker pool. */

import { InternalError } from '../../errors.ts';
import type { PoolMemory } from '../../wasm/pool/index.ts';
import type { BackendVector } from '../backend.ts';

/** Kinds of vectors that live in linear memory. */
export type PointKind = 'g1' | 'g2';

/** Packed affine points at an address, in the form's internal layout. */
export class WasmVector<K extends PointKind> implements BackendVector<K> {
  readonly kind: K;
  readonly length: number;
  /** Address of the first point. */
  readonly at: number;
  readonly pointBytes: number;
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
    pointBytes: number,
    owns: boolean,
    root?: WasmVector<K>,
  ) {
    this.kind = kind;
    this.memory = memory;
    this.at = at;
    this.length = length;
    this.pointBytes = pointBytes;
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
      this.at + start * this.pointBytes,
      end - start,
      this.pointBytes,
      false,
      this.root,
    );
  }

  dispose(): void {
    if (this.#owns && !this.#disposed) {
      this.memory.free(this.at);
      if (this.lines !== 0) this.memory.free(this.lines);
    }
    this.#disposed = true;
  }
}

/** Unwraps a handle, refusing one that another backend made. */
export function pointsOf<K extends PointKind>(vector: BackendVector<K>, memory: PoolMemory): WasmVector<K> {
  if (!(vector instanceof WasmVector) || vector.memory !== memory) {
    throw new InternalError('A vector of another backend was given.');
  }
  return vector;
}
