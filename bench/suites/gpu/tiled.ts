/**
 * Inputs of any length whose sums are cheap to check: a smaller set of random points over and over, and scalars of which those of
 * one point are added up before the CPU multiplies.
 */

import { randomFillSync } from 'node:crypto';
import { packScalars } from '../../../src/curve/affine.ts';
import type { Curve } from '../../../src/curve/curve.ts';
import { mod } from '../../../src/field/modular.ts';

/** `count` random scalars in memory form, uniform below the highest power of two that is below the order. */
export function randomScalarBytes(curve: Curve, count: number): Uint8Array {
  const size = curve.frBytes;
  const bytes = new Uint8Array(count * size);
  // randomFillSync takes less than 2 GiB at once.
  const part = 2 ** 30;
  for (let at = 0; at < bytes.length; at += part) {
    randomFillSync(bytes.subarray(at, Math.min(bytes.length, at + part)));
  }
  const spare = 8 * size - (curve.order.toString(2).length - 1);
  for (let at = size - 1; at < bytes.length; at += size) {
    bytes[at] = (bytes[at] as number) & (255 >> spare);
  }
  return bytes;
}

/** `count` elements of `size` bytes: those given, over and over. */
export function tileBytes(bytes: Uint8Array, size: number, count: number): Uint8Array {
  const out = new Uint8Array(count * size);
  out.set(bytes.subarray(0, Math.min(bytes.length, out.length)));
  // Doubling what is there; whole periods keep the order.
  for (let done = bytes.length; done < out.length; done *= 2) {
    out.copyWithin(done, 0, Math.min(done, out.length - done));
  }
  return out;
}

/** For each of `period` points the sum, mod the order, of the scalars at its places in a tiling; in memory form. */
export function foldScalars(curve: Curve, scalars: Uint8Array, period: number): Uint8Array {
  const words = curve.frBytes / 4;
  const view = new DataView(scalars.buffer, scalars.byteOffset, scalars.byteLength);
  // Sums of words below 2^32 are exact in doubles up to two million of them.
  const sums = new Float64Array(period * words);
  const total = scalars.length / 4;
  for (let i = 0, at = 0; i < total; i++) {
    sums[at] = (sums[at] as number) + view.getUint32(4 * i, true);
    at = at + 1 === sums.length ? 0 : at + 1;
  }
  const folded = Array.from({ length: period }, (_, point) => {
    let value = 0n;
    for (let word = words - 1; word >= 0; word--) {
      value = (value << 32n) + BigInt(sums[point * words + word] as number);
    }
    return mod(value, curve.order);
  });
  return packScalars(curve, folded);
}
