import { InternalError } from '../../errors.ts';
import { mod, modInverse } from '../../field/modular.ts';
import type { FieldForm } from './field-form.ts';
import type { FieldSpec } from './field-spec.ts';
import { balance, fromLimbs, toBalancedLimbs } from './limbs.ts';
import { type Range, roundUp } from './range.ts';

/** Bits of a limb. */
const W = 29;
/** Bound of a balanced limb: 2^(w−1). */
const UNIT = 2 ** (W - 1);

/**
 * What the `simd` and `scalar` forms share: 9 (14 for 381 bits) signed limbs of 29 bits in i32, Montgomery radix 2^(29·n).
 *
 * Products are summed by columns in 64-bit integers. A column holds at most n products a_i·b_j of each term, n products
 * q·p_j with |q|, |p_j| ≤ 2^28, and a carry; {@link productRange} keeps the sum of their bounds below 2^63 − 2^40, so that a
 * bias of 2^63, less the carry's own, makes every column positive and none overflows.
 */
export class IntegerLayout implements Omit<FieldForm, 'ops' | 'name'> {
  readonly field: FieldSpec;
  readonly limbCount: number;
  readonly limbBits: number = W;
  readonly radix: bigint;
  readonly pairBytes: number;
  readonly singleBytes: number;
  readonly laneBytes = 4;
  readonly preparedBytes: number;
  /**
   * After a reduction limbs have had one parallel carry: at most 2^28 and an incoming carry of at most 2^31 / 2^29 in
   * magnitude. The quotient k is found in floats from the highest 1 (n = 9) or 2 limbs, so it is off x/p by 1/2, by the limbs
   * below (at most 7·2^28/2^29 units of a limb that counts p as 2^21.5 or more: 2^−19) and by rounding (a few 2^−24·8).
   */
  readonly reduced: Range = { value: 0.5 + 2 ** -17, limb: 1 + 2 ** -25 };
  readonly stored: Range = { value: 1, limb: this.reduced.limb };
  /** Balanced limbs of p. */
  readonly modulusLimbs: readonly number[];
  /** p / 2^(w(n−1)): the modulus in units of the top limb. */
  readonly modulusTop: number;
  /** −1/p mod 2^w. */
  readonly inverse: bigint;

  constructor(field: FieldSpec) {
    this.field = field;
    this.limbCount = field.byteLength === 48 ? 14 : 9;
    this.radix = 1n << BigInt(W * this.limbCount);
    this.singleBytes = 8 * Math.ceil(this.limbCount / 2);
    this.pairBytes = 2 * this.singleBytes;
    this.preparedBytes = this.singleBytes;
    this.modulusLimbs = toBalancedLimbs(field.modulus, W, this.limbCount).map(Number);
    this.modulusTop = Number(field.modulus) / 2 ** (W * (this.limbCount - 1));
    this.inverse = mod(-modInverse(field.modulus, 1n << BigInt(W)), 1n << BigInt(W));
    if (this.modulusLimbs.some((limb) => Math.abs(limb) > UNIT)) {
      throw new InternalError(`The modulus of ${field.name} does not fit its limbs.`);
    }
  }

  /** Bound of the top limb: the value's share and what the lower limbs may hide. */
  topBound({ value, limb }: Range): number {
    return Math.ceil(roundUp(value * this.modulusTop + 0.5 * limb) + 1);
  }

  /** Bound of every limb. */
  limbBound(range: Range): number {
    return Math.max(Math.ceil(range.limb * UNIT), this.topBound(range));
  }

  /** Greatest quotient subtracted when this range is reduced. */
  quotientBound(range: Range): number {
    return Math.floor(roundUp(range.value + 0.5 + 2 ** -17));
  }

  /** Whether a reduction may subtract its multiple of p at once, before any carry: x − k·p and a carry's 2^28 stay in i32. */
  canSubtract(range: Range): boolean {
    return this.limbBound(range) + this.quotientBound(range) * UNIT < 2 ** 31 - UNIT;
  }

  canHold(range: Range): boolean {
    // A carry first, if need be, leaves normal limbs: then the quotient decides.
    const carried = { value: range.value, limb: this.reduced.limb };
    return this.limbBound(range) < 2 ** 31 - UNIT && this.canSubtract(carried);
  }

  productRange(terms: readonly (readonly [Range, Range])[]): Range | undefined {
    let value = 0;
    let products = BigInt(UNIT) ** 2n;
    for (const [a, b] of terms) {
      const [boundA, boundB] = [this.limbBound(a), this.limbBound(b)];
      if (boundA >= 2 ** 31 || boundB >= 2 ** 31) return undefined;
      products += BigInt(boundA) * BigInt(boundB);
      value += a.value * b.value;
    }
    if (products * BigInt(this.limbCount) >= (1n << 63n) - (1n << 40n)) return undefined;
    const modulusOverRadix = Number(this.field.modulus) / Number(this.radix);
    const range = { value: roundUp(value * modulusOverRadix + 0.5 + 2 ** -W), limb: 1 };
    return this.canHold(range) ? range : undefined;
  }

  /** Whether doubled limbs stay in i32, for squares. */
  canDouble(range: Range): boolean {
    return 2 * this.limbBound(range) < 2 ** 31;
  }

  /** Bound, in units of p, of an integer of `field.byteLength` bytes. */
  get bytesBound(): number {
    return roundUp(2 ** (8 * this.field.byteLength) / Number(this.field.modulus));
  }

  encodePair(lane0: bigint, lane1: bigint): Uint8Array {
    const [a, b] = [this.montgomeryLimbs(lane0), this.montgomeryLimbs(lane1)];
    return this.#pack(
      a.flatMap((limb, i) => [limb, b[i] ?? 0]),
      this.pairBytes,
    );
  }

  decodePair(bytes: Uint8Array): [bigint, bigint] {
    const limbs = readInts(bytes, 2 * this.limbCount);
    return [0, 1].map((lane) => this.#value(limbs.filter((_, i) => i % 2 === lane))) as [bigint, bigint];
  }

  encodeSingle(value: bigint): Uint8Array {
    return this.#pack(this.montgomeryLimbs(value), this.singleBytes);
  }

  decodeSingle(bytes: Uint8Array): bigint {
    return this.#value(readInts(bytes, this.limbCount));
  }

  /** Limbs of value mod p, of least magnitude. */
  balancedLimbs(value: bigint): number[] {
    return toBalancedLimbs(balance(value, this.field.modulus), W, this.limbCount).map(Number);
  }

  /** Limbs of value·R mod p, of least magnitude. */
  montgomeryLimbs(value: bigint): number[] {
    return this.balancedLimbs(mod(value, this.field.modulus) * this.radix);
  }

  #pack(limbs: readonly number[], size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    limbs.forEach((limb, i) => {
      view.setInt32(4 * i, limb, true);
    });
    return bytes;
  }

  #value(limbs: readonly number[]): bigint {
    const { modulus } = this.field;
    return mod(fromLimbs(limbs.map(BigInt), W) * modInverse(this.radix, modulus), modulus);
  }
}

function readInts(bytes: Uint8Array, count: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
}
