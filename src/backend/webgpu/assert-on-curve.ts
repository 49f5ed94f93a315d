/** A cheap check of what a device computed: points that are on their curve. */

import type { Curve } from '../../curve/curve.ts';
import { g1FromBytes, g2FromBytes, isOnG1Curve, isOnG2Curve } from '../../curve/points.ts';
import { GpuFaultError, InputError } from '../../errors.ts';

function isPoint(curve: Curve, kind: 'g1' | 'g2', bytes: Uint8Array): boolean {
  if (kind === 'g1') {
    const point = g1FromBytes(curve, bytes);
    return point.is0() || isOnG1Curve(curve, point.x, point.y);
  }
  const point = g2FromBytes(curve, bytes);
  return point.is0() || isOnG2Curve(curve, point.x, point.y);
}

/** Throws GpuFaultError unless all points in memory form are canonical and on the curve. */
export function assertOnCurve(curve: Curve, kind: 'g1' | 'g2', points: Uint8Array): void {
  const size = kind === 'g1' ? curve.g1Bytes : curve.g2Bytes;
  for (let at = 0; at < points.length; at += size) {
    let isFine = false;
    try {
      isFine = isPoint(curve, kind, points.subarray(at, at + size));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
    if (!isFine) throw new GpuFaultError('a sum it gave is no point of the curve');
  }
}
