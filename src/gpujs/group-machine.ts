/** Additions in G1 and products in the scalar field, on batches. */

import type { Curve } from '../curve/curve.ts';
import type { BatchMachine, BatchOptions, Chain } from './batch-machine.ts';
import { additionChain, multiplyAddChain } from './chains.ts';
import { type LimbSpec, limbSpec } from './limb-spec.ts';
import { PointLimbs } from './point-limbs.ts';

/** A curve's kernels on one device. */
export class GroupMachine {
  readonly curve: Curve;
  readonly machine: BatchMachine;
  readonly points: PointLimbs;
  readonly scalars: LimbSpec;
  readonly #addition: Chain;
  readonly #multiplyAdd: Chain;

  constructor(curve: Curve, machine: BatchMachine) {
    this.curve = curve;
    this.machine = machine;
    this.points = new PointLimbs(curve);
    this.scalars = limbSpec(curve.order);
    this.#addition = additionChain(this.points.spec, this.points.b3);
    this.#multiplyAdd = multiplyAddChain(this.scalars);
  }

  /** left + right for points in limbs, element by element. */
  add(left: Float32Array, right: Float32Array, options?: BatchOptions): Promise<Float32Array> {
    return this.machine.run(
      'addition',
      this.#addition,
      left.length / this.points.length,
      [left, right],
      options,
    );
  }

  /** left·right + addend for scalars in limbs, element by element. */
  multiplyAdd(
    left: Float32Array,
    right: Float32Array,
    addend: Float32Array,
    options?: BatchOptions,
  ): Promise<Float32Array> {
    const count = left.length / this.scalars.limbs;
    return this.machine.run('product', this.#multiplyAdd, count, [left, right, addend], options);
  }
}
