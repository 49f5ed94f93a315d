/** Vectors of scalars on a device: canonical, 32 bytes each. */

import type { GpuDevice } from '../../gpu/device.ts';
import { allocateSegments, type Segment } from '../../gpu/segments.ts';

/** Bytes of a scalar, on both curves. */
const SCALAR_BYTES = 32;

/** Puts scalars in memory form on a device. */
export async function uploadScalars(device: GpuDevice, bytes: Uint8Array): Promise<Segment[]> {
  const segments = allocateSegments(device, bytes.length / SCALAR_BYTES, SCALAR_BYTES);
  let at = 0;
  for (const { buffer, length } of segments) {
    const size = length * SCALAR_BYTES;
    await device.write(buffer.gpu, bytes.subarray(at, at + size));
    at += size;
  }
  return segments;
}

/** Scalars of a device in memory form. */
export async function readScalars(device: GpuDevice, segments: readonly Segment[]): Promise<Uint8Array> {
  const out = new Uint8Array(segments.reduce((sum, { length }) => sum + length, 0) * SCALAR_BYTES);
  let at = 0;
  for (const { buffer, first, length } of segments) {
    out.set(await device.download(buffer.gpu, first * SCALAR_BYTES, length * SCALAR_BYTES), at);
    at += length * SCALAR_BYTES;
  }
  return out;
}
