/** Bases of multi-scalar multiplications in limbs. */

import { DisposedError, InternalError } from '../../errors.ts';
import type { GroupMachine } from '../../gpujs/group-machine.ts';
import type { Bases, G1Bases, G1Vector } from '../backend.ts';

/** Points of G1 in limbs, made once. */
export class LimbBases implements Bases<'g1'> {
  readonly kind = 'g1';
  readonly length: number;
  readonly prepared = true;
  readonly owner: GroupMachine;
  #points: Float32Array | undefined;

  constructor(owner: GroupMachine, length: number, points: Float32Array) {
    this.owner = owner;
    this.length = length;
    this.#points = points;
  }

  /** The points. Throws {@link DisposedError}. */
  get points(): Float32Array {
    if (!this.#points) throw new DisposedError('Prepared bases');
    return this.#points;
  }

  dispose(): void {
    this.#points = undefined;
  }
}

/** The points of bases that were prepared here, or undefined for a vector. Refuses bases of another backend. */
export function preparedPoints(owner: GroupMachine, bases: G1Vector | G1Bases): Float32Array | undefined {
  if (!('prepared' in bases)) return undefined;
  if (bases instanceof LimbBases && bases.owner === owner) return bases.points;
  throw new InternalError('Bases of another backend were given.');
}
