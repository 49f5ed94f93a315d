/** Points of G1 as three rows of limbs, (X : Y : Z), infinity (0 : 1 : 0). */

import { normalizeZ } from '@noble/curves/abstract/curve.js';
import type { Curve, G1Point } from '../curve/curve.ts';
import { writeG1 } from '../curve/points.ts';
import { GpuFaultError } from '../errors.ts';
import { isZeroBytes } from '../field/bytes.ts';
import { readLimbs, writeLimbs } from './limb-codec.ts';
import { type LimbSpec, limbSpec } from './limb-spec.ts';

/** G1 of a curve in limbs of its base field. */
export class PointLimbs {
  readonly curve: Curve;
  readonly spec: LimbSpec;
  /** 3b, as a small number. */
  readonly b3: number;
  /** Numbers of one point. */
  readonly length: number;

  constructor(curve: Curve) {
    this.curve = curve;
    this.b3 = Number(3n * curve.g1.CURVE().b);
    // b − b₃c is the heaviest combination of the addition.
    this.spec = limbSpec(curve.modulus, 1 + this.b3);
    this.length = 3 * this.spec.limbs;
  }

  /** Points out of memory form (curve/curve.ts). */
  fromBytes(bytes: Uint8Array): Float32Array {
    const { g1Bytes, fpBytes } = this.curve;
    const { limbs } = this.spec;
    const count = bytes.length / g1Bytes;
    const out = new Float32Array(count * this.length);
    for (let i = 0; i < count; i++) {
      const at = i * g1Bytes;
      const to = i * this.length;
      if (isZeroBytes(bytes.subarray(at, at + g1Bytes))) {
        this.writeInfinity(out, i);
        continue;
      }
      writeLimbs(this.spec, bytes, at, fpBytes, out, to);
      writeLimbs(this.spec, bytes, at + fpBytes, fpBytes, out, to + limbs);
      out[to + 2 * limbs] = 1;
    }
    return out;
  }

  /** Writes infinity as the point `index` of an array of zeros. */
  writeInfinity(out: Float32Array, index: number): void {
    out[index * this.length + this.spec.limbs] = 1;
  }

  /** Copies the point `from` of `source`, or its opposite, to the point `to` of `out`. */
  copy(source: Float32Array, from: number, out: Float32Array, to: number, isNegated: boolean): void {
    const { length } = this;
    const { limbs } = this.spec;
    const at = to * length;
    out.set(source.subarray(from * length, (from + 1) * length), at);
    if (!isNegated) return;
    for (let j = at + limbs; j < at + 2 * limbs; j++) out[j] = -(out[j] as number);
  }

  /**
   * The point `index` as a reference object. Throws {@link GpuFaultError} for what is not on the curve: shaders that a lost context
   * never ran leave zeros.
   */
  toPoint(points: Float32Array, index: number): G1Point {
    const { Fp } = this.curve.fields;
    const { limbs } = this.spec;
    const at = index * this.length;
    const [x, y, z] = [0, 1, 2].map((row) => readLimbs(this.spec, points, at + row * limbs)) as [
      bigint,
      bigint,
      bigint,
    ];
    const zz = Fp.sqr(z);
    const right = Fp.add(Fp.mul(Fp.sqr(x), x), Fp.mul(this.curve.g1.CURVE().b, Fp.mul(zz, z)));
    if ((z === 0n && y === 0n) || !Fp.eql(Fp.mul(Fp.sqr(y), z), right)) {
      throw new GpuFaultError('a sum of points is not on the curve, or a point that was given is not');
    }
    return z === 0n ? this.curve.g1.ZERO : new this.curve.g1(x, y, z);
  }

  /** Points in memory form. Throws as {@link toPoint}. */
  toBytes(points: Float32Array): Uint8Array {
    const count = points.length / this.length;
    const list = Array.from({ length: count }, (_, i) => this.toPoint(points, i));
    const out = new Uint8Array(count * this.curve.g1Bytes);
    normalizeZ(this.curve.g1, list).forEach((point, i) => {
      writeG1(this.curve, point, out, i * this.curve.g1Bytes);
    });
    return out;
  }
}
