/** Folds: left + x·right for vectors of points, with one x for all. */

import { throwIfAborted } from '../errors.ts';
import type { GroupMachine } from './group-machine.ts';
import type { LimbMsmOptions } from './msm.ts';

/** Width of the non-adjacent form: odd multiples up to 15 are made first. */
const WIDTH = 5;
const MULTIPLES = 2 ** (WIDTH - 2);

/** Digits of the width-w non-adjacent form, lowest first: 0, or odd and below 2^(w−1) in magnitude. */
export function nonAdjacentForm(value: bigint): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 1n) {
    const digit = rest & 1n ? Number(BigInt.asIntN(WIDTH, rest)) : 0;
    rest -= BigInt(digit);
    digits.push(digit);
  }
  return digits;
}

/** left + x·right, element by element, in limbs; x ≥ 0. */
export async function limbFold(
  group: GroupMachine,
  left: Float32Array,
  right: Float32Array,
  x: bigint,
  options: LimbMsmOptions = {},
): Promise<Float32Array> {
  throwIfAborted(options.signal);
  const digits = nonAdjacentForm(x);
  const out = new Float32Array(left.length);
  const part = group.machine.largestBatch * group.points.length;
  for (let at = 0; at < left.length; at += part) {
    const end = Math.min(left.length, at + part);
    const report = (share: number): void => options.onProgress?.((at + share * (end - at)) / left.length);
    const [own, other] = [left.subarray(at, end), right.subarray(at, end)];
    out.set(await foldPart(group, own, other, digits, { ...options, onProgress: report }), at);
  }
  options.onProgress?.(1);
  return out;
}

async function foldPart(
  group: GroupMachine,
  left: Float32Array,
  right: Float32Array,
  digits: readonly number[],
  options: LimbMsmOptions,
): Promise<Float32Array> {
  if (digits.length === 0) return left;
  const multiples = [right];
  const double = await group.add(right, right, options);
  while (multiples.length < MULTIPLES) {
    multiples.push(await group.add(multiples.at(-1) as Float32Array, double, options));
  }
  const multiple = (digit: number): Float32Array => {
    const own = multiples[(Math.abs(digit) - 1) / 2] as Float32Array;
    return digit > 0 ? own : negated(group, own);
  };
  let sum = multiple(digits.at(-1) as number);
  for (let i = digits.length - 2; i >= 0; i--) {
    sum = await group.add(sum, sum, options);
    const digit = digits[i] as number;
    if (digit !== 0) sum = await group.add(sum, multiple(digit), options);
    options.onProgress?.(1 - i / digits.length);
  }
  return group.add(sum, left, options);
}

function negated(group: GroupMachine, points: Float32Array): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length / group.points.length; i++) group.points.copy(points, i, out, i, true);
  return out;
}
