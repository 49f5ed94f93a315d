/** Vectors of the reference backend: plain arrays behind the handle of {@link BackendVector}. */

import type { G1Point, G2Point } from '../../curve/curve.ts';
import { InternalError } from '../../errors.ts';
import type { BackendVector, Bases, VectorKind } from '../backend.ts';

interface Elements {
  fr: bigint;
  g1: G1Point;
  g2: G2Point;
}

/** A vector whose elements are reference objects. */
export class ReferenceVector<K extends VectorKind> implements BackendVector<K> {
  readonly kind: K;
  readonly items: readonly Elements[K][];

  constructor(kind: K, items: readonly Elements[K][]) {
    this.kind = kind;
    this.items = items;
  }

  get length(): number {
    return this.items.length;
  }

  slice(start: number, end: number): ReferenceVector<K> {
    if (start < 0 || end < start || end > this.items.length) {
      throw new InternalError(`Slice ${start}..${end} of a vector of ${this.items.length} elements.`);
    }
    return new ReferenceVector(this.kind, this.items.slice(start, end));
  }

  /** The garbage collector has it. */
  dispose(): void {}
}

/** Prepared bases: nothing is gained by preparing here, so they are the points. */
export class ReferenceBases<K extends 'g1' | 'g2'> implements Bases<K> {
  readonly kind: K;
  readonly prepared = true;
  readonly items: readonly Elements[K][];

  constructor(kind: K, items: readonly Elements[K][]) {
    this.kind = kind;
    this.items = items;
  }

  get length(): number {
    return this.items.length;
  }

  /** The garbage collector has it. */
  dispose(): void {}
}

/** Unwraps a handle, refusing one that another backend made. */
export function itemsOf<K extends VectorKind>(vector: BackendVector<K>): readonly Elements[K][] {
  if (!(vector instanceof ReferenceVector)) throw new InternalError('A vector of another backend was given.');
  return vector.items as readonly Elements[K][];
}

/** Unwraps points or prepared bases. As {@link itemsOf}. */
export function basesOf<K extends 'g1' | 'g2'>(bases: BackendVector<K> | Bases<K>): readonly Elements[K][] {
  if (!('prepared' in bases)) return itemsOf(bases);
  if (!(bases instanceof ReferenceBases)) throw new InternalError('Bases of another backend were given.');
  return bases.items as readonly Elements[K][];
}
