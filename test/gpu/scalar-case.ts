/** Scalars of one curve on the tests' device. */

import fc from 'fast-check';
import { packScalars } from '../../src/curve/affine.ts';
import type { Curve } from '../../src/curve/curve.ts';
import { bigintFromBytesLE } from '../../src/field/bytes.ts';
import { SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import type { GpuDevice } from '../../src/gpu/device.ts';
import { Pacer } from '../../src/gpu/pacer.ts';
import { GpuScalars, SCALAR_BYTES } from '../../src/gpu/scalars.ts';
import type { Segment } from '../../src/gpu/segments.ts';
import type { MultiplierName } from '../../src/gpu/shader/field.ts';

/** Gives buffers back. */
export function release(segments: readonly Segment[]): void {
  for (const { buffer } of segments) buffer.release();
}

/** Vectors of scalars, as lists of integers on the outside. */
export class ScalarCase {
  readonly scalars: GpuScalars;

  constructor(
    device: GpuDevice,
    curve: Curve,
    multiplier: MultiplierName = SOFTWARE_MULTIPLIER,
    tileLog2?: number,
  ) {
    this.scalars = new GpuScalars(device, new Pacer(device), curve, multiplier, tileLog2);
  }

  upload(values: readonly bigint[]): Promise<Segment[]> {
    return this.scalars.upload(packScalars(this.scalars.curve, values));
  }

  /** Values of a vector, which is given back. */
  async take(segments: readonly Segment[]): Promise<bigint[]> {
    const bytes = await this.scalars.read(segments);
    release(segments);
    return Array.from({ length: bytes.length / SCALAR_BYTES }, (_, i) =>
      bigintFromBytesLE(bytes.subarray(i * SCALAR_BYTES, (i + 1) * SCALAR_BYTES)),
    );
  }

  /** Runs `compute` on uploaded lists, which are given back. */
  async run(
    lists: readonly (readonly bigint[])[],
    compute: (...vectors: Segment[][]) => Promise<Segment[]>,
  ): Promise<bigint[]> {
    const vectors = await Promise.all(lists.map((list) => this.upload(list)));
    try {
      return await this.take(await compute(...vectors));
    } finally {
      for (const vector of vectors) release(vector);
    }
  }
}

/** Values at which carries and reductions turn, then random ones: more than a workgroup has. */
export function scalarsWithEdges({ order }: Curve, random: number): fc.Arbitrary<bigint[]> {
  const radix = (1n << 256n) % order;
  const edges = [0n, 1n, 2n, order - 1n, order - 2n, order >> 1n, (order >> 1n) + 1n, radix, order - radix];
  const element = fc.noBias(fc.bigInt({ min: 0n, max: order - 1n }));
  return fc
    .array(element, { minLength: random, maxLength: random })
    .map((values) => [...edges, ...edges.toReversed(), ...values]);
}
