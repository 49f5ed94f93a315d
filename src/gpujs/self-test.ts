/** Whether a device's floats are exact where kernels rely on it. Some GPUs round products, flush, or compute in fewer bits. */

import { GpuUnavailableError } from '../errors.ts';
import { mod } from '../field/modular.ts';
import type { GroupMachine } from './group-machine.ts';
import { readLimbs } from './limb-codec.ts';
import { signedLimbs } from './limb-spec.ts';

/** Limbs whose products fill columns of 2^22.8: close to the largest that the addition's bounds allow. */
const EXTREME = 500;
const COUNT = 32;

/** Small odd multiples that walk through the field: x → x²+ 5. */
function walk(modulus: bigint, count: number, start: bigint): bigint[] {
  const values: bigint[] = [];
  for (let x = start; values.length < count; x = mod(x * x + 5n, modulus)) values.push(x);
  return values;
}

/** Products of scalars: extreme limbs of both signs, the ends of the field, and others. */
async function productsAreExact(group: GroupMachine): Promise<boolean> {
  const { scalars: spec, curve } = group;
  const { limbs } = spec;
  const place = (values: readonly bigint[]): Float32Array => {
    const out = new Float32Array(values.length * limbs);
    values.forEach((value, i) => {
      out.set(signedLimbs(value, limbs), i * limbs);
    });
    return out;
  };
  const last = curve.order - 1n;
  const left = place([0n, 0n, 0n, 0n, 0n, 1n, last, last, ...walk(curve.order, COUNT - 8, last / 3n)]);
  const right = place([0n, 0n, 0n, 0n, last, last, 1n, last, ...walk(curve.order, COUNT - 8, last / 7n)]);
  const addend = place(walk(curve.order, COUNT, last / 11n));
  for (let j = 0; j < limbs; j++) {
    [left[j], right[j]] = [EXTREME, EXTREME];
    [left[limbs + j], right[limbs + j]] = [EXTREME, -EXTREME];
    [left[2 * limbs + j], right[2 * limbs + j]] = [j % 2 ? EXTREME : -EXTREME, EXTREME - 1];
    [left[3 * limbs + j], right[3 * limbs + j]] = [-EXTREME + 1, j % 3 ? -EXTREME : EXTREME - 1];
  }
  const result = await group.multiplyAdd(left, right, addend);
  return Array.from({ length: COUNT }, (_, i) => i * limbs).every((at) => {
    const [a, b, c] = [left, right, addend].map((values) => readLimbs(spec, values, at)) as [
      bigint,
      bigint,
      bigint,
    ];
    return readLimbs(spec, result, at) === mod(a * b + c, curve.order);
  });
}

/** Additions of points: different, equal, opposite, with infinity. */
async function additionsAreExact(group: GroupMachine): Promise<boolean> {
  const { points, curve } = group;
  const [one, two] = [curve.g1.BASE, curve.g1.BASE.multiplyUnsafe(curve.order / 3n)];
  const cases = [one, one.negate(), two, two.negate(), curve.g1.ZERO];
  const pairs = cases.flatMap((left) => cases.map((right) => [left, right] as const));
  const { limbs } = points.spec;
  const side = (which: 0 | 1): Float32Array => {
    const out = new Float32Array(pairs.length * points.length);
    pairs.forEach((pair, i) => {
      const { X, Y, Z } = pair[which];
      [X, Y, Z].forEach((value, row) => {
        out.set(signedLimbs(value, limbs), i * points.length + row * limbs);
      });
    });
    return out;
  };
  const sums = await group.add(side(0), side(1));
  return pairs.every(([left, right], i) => points.toPoint(sums, i).equals(left.add(right)));
}

/** Throws {@link GpuUnavailableError} for a device that does not compute exactly. Compiles the kernels that small batches run. */
export async function assertExact(group: GroupMachine): Promise<void> {
  const { mode } = group.machine.device;
  let isExact = false;
  let cause: unknown;
  try {
    isExact = (await productsAreExact(group)) && (await additionsAreExact(group));
  } catch (error) {
    cause = error;
  }
  if (isExact) return;
  throw new GpuUnavailableError(
    `Expected integers up to 2^24 to be exact in the floats of gpu.js, mode "${mode}", got another result in a self-test. Use another mode or another backend.`,
    { mode, reason: 'inexact' },
    cause,
  );
}
