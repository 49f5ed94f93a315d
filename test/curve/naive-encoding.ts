/**
 * Compressed points put together as one big integer: an oracle for src/curve/compressed.ts, which works on bytes.
 * Flags as gnark-crypto's ecc/bn254/marshal.go and the Zcash protocol specification (5.4.9.2) define them.
 */

import type { Curve, G1Point, G2Point } from '../../src/curve/curve.ts';

/** The flag as an integer of its width, which sits on top of the encoding. */
function flag(curve: Curve, kind: 'infinity' | 'smaller' | 'larger'): { value: bigint; bits: number } {
  if (curve.name === 'bn254')
    return { bits: 2, value: { infinity: 0b01n, smaller: 0b10n, larger: 0b11n }[kind] };
  return { bits: 3, value: { infinity: 0b110n, smaller: 0b100n, larger: 0b101n }[kind] };
}

function compose(curve: Curve, x: readonly bigint[], kind: 'infinity' | 'smaller' | 'larger'): Uint8Array {
  const bits = BigInt(8 * curve.fpBytes);
  let value = 0n;
  for (const coordinate of x) value = (value << bits) | coordinate;
  const length = x.length * curve.fpBytes;
  const top = flag(curve, kind);
  value |= top.value << BigInt(8 * length - top.bits);
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

/** Whether y, highest coefficient first, is greater than −y as a tuple. */
function isLarger(curve: Curve, y: readonly bigint[]): boolean {
  const negative = y.map((c) => (c === 0n ? 0n : curve.modulus - c));
  const at = y.findIndex((c, i) => c !== negative[i]);
  return at >= 0 && (y[at] as bigint) > (negative[at] as bigint);
}

/** Compressed form of a G1 point. */
export function encodeG1(curve: Curve, point: G1Point): Uint8Array {
  if (point.is0()) return compose(curve, [0n], 'infinity');
  const { x, y } = point.toAffine();
  return compose(curve, [x], isLarger(curve, [y]) ? 'larger' : 'smaller');
}

/** Compressed form of a G2 point: c1 before c0. */
export function encodeG2(curve: Curve, point: G2Point): Uint8Array {
  if (point.is0()) return compose(curve, [0n, 0n], 'infinity');
  const { x, y } = point.toAffine();
  return compose(curve, [x.c1, x.c0], isLarger(curve, [y.c1, y.c0]) ? 'larger' : 'smaller');
}

/** Compressed form of an x (highest coefficient first), whatever it is, under the flag of the smaller y. */
export function encodeX(curve: Curve, x: readonly bigint[]): Uint8Array {
  return compose(curve, x, 'smaller');
}
