/** Sums of many lists of points at once, whatever their lengths: neighbours are added pairwise until each list has one point. */

import type { BatchOptions } from './batch-machine.ts';
import type { GroupMachine } from './group-machine.ts';

/** Lists of points of an array, by their places in it. */
export interface Segments {
  /** i + 1 for the point i, −(i + 1) for its opposite; list after list. */
  readonly entries: Int32Array;
  /** Where each list ends in `entries`. */
  readonly ends: Int32Array;
}

/** What long sums may be told. `onAdded` counts additions. */
export interface SegmentOptions extends BatchOptions {
  readonly onAdded?: ((additions: number) => void) | undefined;
}

/** The sum of each list, in limbs; of an empty one, infinity. Additions: entries less lists that are not empty. */
export async function segmentSums(
  group: GroupMachine,
  points: Float32Array,
  segments: Segments,
  options: SegmentOptions = {},
): Promise<Float32Array> {
  let round: Round = { points, ...segments };
  // Infinity for empty lists is appended once, by the last round.
  while (!isDone(round.ends)) round = await halve(group, round, options);
  return gather(group, round);
}

interface Round extends Segments {
  readonly points: Float32Array;
}

function isDone(ends: Int32Array): boolean {
  return ends.every((end, i) => end - (i === 0 ? 0 : (ends[i - 1] as number)) <= 1);
}

/** One round: half as many points in every list. */
async function halve(group: GroupMachine, round: Round, options: SegmentOptions): Promise<Round> {
  const { points } = group;
  const { entries, ends } = round;
  const nextEnds = new Int32Array(ends.length);
  let total = 0;
  for (let s = 0, start = 0; s < ends.length; s++) {
    const end = ends[s] as number;
    total += Math.ceil((end - start) / 2);
    nextEnds[s] = total;
    start = end;
  }
  const sums = new Float32Array(total * points.length);
  const most = group.machine.largestBatch;
  const [left, right] = [new Float32Array(most * points.length), new Float32Array(most * points.length)];
  const targets = new Int32Array(most);
  let pending = 0;
  const take = (entry: number, out: Float32Array, to: number): void =>
    points.copy(round.points, Math.abs(entry) - 1, out, to, entry < 0);
  const flush = async (): Promise<void> => {
    const length = pending * points.length;
    const added = await group.add(left.subarray(0, length), right.subarray(0, length), options);
    for (let i = 0; i < pending; i++) {
      sums.set(
        added.subarray(i * points.length, (i + 1) * points.length),
        (targets[i] as number) * points.length,
      );
    }
    options.onAdded?.(pending);
    pending = 0;
  };
  let target = 0;
  for (let s = 0, at = 0; s < ends.length; s++) {
    const end = ends[s] as number;
    for (; at + 1 < end; at += 2) {
      take(entries[at] as number, left, pending);
      take(entries[at + 1] as number, right, pending);
      targets[pending++] = target++;
      if (pending === most) await flush();
    }
    if (at < end) take(entries[at++] as number, sums, target++);
  }
  if (pending > 0) await flush();
  return { points: sums, entries: Int32Array.from({ length: total }, (_, i) => i + 1), ends: nextEnds };
}

/** The one point of each list. */
function gather(group: GroupMachine, { points, entries, ends }: Round): Float32Array {
  const out = new Float32Array(ends.length * group.points.length);
  for (let s = 0, start = 0; s < ends.length; s++) {
    const end = ends[s] as number;
    if (end === start) group.points.writeInfinity(out, s);
    else {
      const entry = entries[start] as number;
      group.points.copy(points, Math.abs(entry) - 1, out, s, entry < 0);
    }
    start = end;
  }
  return out;
}
