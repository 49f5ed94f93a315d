/** Vectors on a device: elements of one size in one or more buffers, because no binding sees more than a limit. */

import { GpuLimitError, InternalError } from '../errors.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuDevice } from './device.ts';

/** A run of elements within one buffer. */
export interface Segment {
  readonly buffer: PooledBuffer;
  /** Index in the buffer of the first element. */
  readonly first: number;
  readonly length: number;
}

/** Number of elements. */
export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

/** The elements `start` up to `end` of segments that stand for one vector. */
export function sliceSegments(segments: readonly Segment[], start: number, end: number): Segment[] {
  let at = 0;
  const found: Segment[] = [];
  for (const { buffer, first, length } of segments) {
    const [from, to] = [Math.max(start, at), Math.min(end, at + length)];
    if (from < to) found.push({ buffer, first: first + from - at, length: to - from });
    at += length;
  }
  return found;
}

/** Pieces on which each of several vectors of one length lies in one buffer: `pieces[k][v]` is the part of vector v. */
export function alignSegments(vectors: readonly (readonly Segment[])[]): Segment[][] {
  const lengths = vectors.map(lengthOf);
  if (lengths.some((length) => length !== lengths[0]))
    throw new InternalError('Segments of vectors of different length.');
  const cuts = new Set<number>([0, lengths[0] ?? 0]);
  for (const segments of vectors) {
    let at = 0;
    for (const { length } of segments) {
      at += length;
      cuts.add(at);
    }
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted
    .slice(1)
    .map((end, i) =>
      vectors.map((segments) => sliceSegments(segments, sorted[i] as number, end)[0] as Segment),
    );
}

/** Throws GpuLimitError where a binding does not see that many bytes. */
export function assertBindable({ maxBindingBytes }: GpuDevice, bytes: number): void {
  if (bytes > maxBindingBytes) throw new GpuLimitError('maxStorageBufferBindingSize', bytes, maxBindingBytes);
}

/** Takes buffers for `length` elements of `elementBytes` each, with at most `most` in one: by default, what a binding sees. */
export function allocateSegments(
  device: GpuDevice,
  length: number,
  elementBytes: number,
  most: number = Math.max(1, Math.floor(device.maxBindingBytes / elementBytes)),
): Segment[] {
  const segments: Segment[] = [];
  try {
    for (let done = 0; done < length; done += most) {
      const count = Math.min(most, length - done);
      segments.push({ buffer: device.allocate(count * elementBytes), first: 0, length: count });
    }
  } catch (error) {
    for (const { buffer } of segments) buffer.release();
    throw error;
  }
  return segments;
}
