import { mod, modInverse } from '../../field/modular.ts';
import type { FieldForm } from './field-form.ts';
import type { FieldSpec } from './field-spec.ts';
import { balance, fromLimbs, toBalancedLimbs } from './limbs.ts';
import { type Range, roundUp } from './range.ts';

/** Doubles hold every integer up to this. */
const MAX_EXACT = 2 ** 53;

/**
 * Limbs in doubles, products by fused multiply-add; two lanes of a v128. 254- and 255-bit moduli take 5 limbs of 51 bits
 * (R = 2^255), 381 bits take 8 limbs of 48 (R = 2^384, the radix of Montgomery files; the three bits spared per limb let
 * sums of several products' worth of terms go into the multiplier without carries).
 *
 * A product a_i·b_j is split at 2^w by adding it to C1 = 3·2^(w+51), where doubles are 2^w apart: this takes
 * |a_i·b_j| ≤ 2^(w+51), the first condition of {@link productRange}. See `fma-product.ts` for the rest of the proof.
 */
export class FmaLayout implements Omit<FieldForm, 'ops'> {
  readonly name = 'fma';
  readonly field: FieldSpec;
  readonly limbCount: number;
  readonly limbBits: number;
  readonly radix: bigint;
  readonly pairBytes: number;
  readonly singleBytes: number;
  readonly laneBytes = 8;
  readonly preparedBytes: number;
  readonly stored: Range = { value: 1, limb: 1 };
  /** |k − x/p| ≤ 1/2 + 2^−31 for the quotient k in `FmaOps`, since its error is below limb·2^(w−1)·2^(w(n−2))·2/p. */
  readonly reduced: Range = { value: 0.5 + 2 ** -30, limb: 1 };
  /** Balanced limbs of p. */
  readonly modulusLimbs: readonly number[];
  /** p / 2^(w(n−1)): the modulus in units of the top limb. */
  readonly modulusTop: number;
  /** −1/p mod 2^w, balanced. */
  readonly inverse: number;
  /** Columns folded by multiplication before the two Montgomery rows; see `fma-product.ts`. */
  readonly foldCount: number;
  /** Balanced limbs of 2^(−w(foldCount − i)) mod p. */
  readonly folds: readonly (readonly number[])[];

  constructor(field: FieldSpec) {
    const p = field.modulus;
    this.field = field;
    const wide = field.byteLength === 48;
    this.limbCount = wide ? 8 : 5;
    this.limbBits = wide ? 48 : 51;
    const w = BigInt(this.limbBits);
    this.radix = 1n << (w * BigInt(this.limbCount));
    this.pairBytes = 16 * this.limbCount;
    this.singleBytes = 8 * this.limbCount;
    this.preparedBytes = this.limbCount * this.singleBytes;
    this.modulusLimbs = this.#limbs(p);
    this.modulusTop = roundUp(Number(p) / 2 ** (this.limbBits * (this.limbCount - 1)));
    this.inverse = Number(BigInt.asIntN(this.limbBits, -modInverse(p, 1n << w)));
    this.foldCount = this.limbCount - 2;
    this.folds = Array.from({ length: this.foldCount }, (_, i) =>
      this.#limbs(balance(modInverse(1n << (w * BigInt(this.foldCount - i)), p), p)),
    );
  }

  /** Bound of the top limb: the value's share and what the lower limbs may hide, Σ limb·2^(w−1)·2^(w·i) below 2^(w(n−1)). */
  topBound({ value, limb }: Range): number {
    return Math.ceil(roundUp(value * this.modulusTop + 0.5 * limb) + 1);
  }

  /** Bound of every limb. */
  limbBound(range: Range): number {
    return Math.max(Math.ceil(range.limb * 2 ** (this.limbBits - 1)), this.topBound(range));
  }

  /** Greatest quotient that `FmaOps` subtracts when it reduces this range. */
  quotientBound(range: Range): number {
    return Math.floor(roundUp(range.value + 0.5 + 2 ** -30));
  }

  canHold(range: Range): boolean {
    const quotient = this.quotientBound(range);
    const lower = Math.ceil(range.limb * 2 ** (this.limbBits - 1));
    return this.modulusLimbs.every((limb, i) => {
      const bound = i === this.limbCount - 1 ? this.topBound(range) : lower;
      // The carry that comes in is at most 2^53 / 2^w.
      return bound + quotient * Math.abs(limb) + 64 <= MAX_EXACT;
    });
  }

  productRange(terms: readonly (readonly [Range, Range])[]): Range | undefined {
    const limit = 1n << BigInt(this.limbBits + 51);
    let value = 0;
    for (const [a, b] of terms) {
      if (BigInt(this.limbBound(a)) * BigInt(this.limbBound(b)) > limit) return undefined;
      value += a.value * b.value;
    }
    const modulusOverRadix = Number(this.field.modulus) / Number(this.radix);
    const range = {
      value: roundUp(value * modulusOverRadix + 0.5 + this.limbCount * 2 ** -this.limbBits),
      limb: 1,
    };
    return this.topBound(range) <= MAX_EXACT / 2 && this.canHold(range) && terms.length <= 64
      ? range
      : undefined;
  }

  /** The range of a·b mod p for a prepared b, or undefined if a is beyond it; see `fma-product.ts`. */
  preparedRange(a: Range): Range | undefined {
    const bound = this.limbBound(a);
    if (BigInt(bound) * BigInt(this.limbBound(this.reduced)) > 1n << BigInt(this.limbBits + 51)) {
      return undefined;
    }
    const share = (this.limbCount * bound * this.reduced.value) / 2 ** (2 * this.limbBits);
    return { value: roundUp(share + 0.5 + 2 ** -this.limbBits), limb: 1 };
  }

  encodePair(lane0: bigint, lane1: bigint): Uint8Array {
    const [a, b] = [this.montgomeryLimbs(lane0), this.montgomeryLimbs(lane1)];
    return new Uint8Array(Float64Array.from(a.flatMap((limb, i) => [limb, b[i] ?? 0])).buffer);
  }

  decodePair(bytes: Uint8Array): [bigint, bigint] {
    const limbs = readDoubles(bytes, 2 * this.limbCount);
    return [0, 1].map((lane) => this.#value(limbs.filter((_, i) => i % 2 === lane))) as [bigint, bigint];
  }

  encodeSingle(value: bigint): Uint8Array {
    return new Uint8Array(Float64Array.from(this.montgomeryLimbs(value)).buffer);
  }

  decodeSingle(bytes: Uint8Array): bigint {
    return this.#value(readDoubles(bytes, this.limbCount));
  }

  /** Whether squares may use doubled limbs: 2·a_i·a_j for i < j stays within the splitter's range. */
  canDouble(range: Range): boolean {
    const lower = BigInt(Math.ceil(range.limb * 2 ** (this.limbBits - 1)));
    return 2n * lower * BigInt(this.limbBound(range)) <= 1n << BigInt(this.limbBits + 51);
  }

  /** Whether factor·a_i·b_j is at most 2^(w+50), so that two such products may share the splitter. */
  canPairProducts(a: Range, i: number, b: Range, j: number, factor: number): boolean {
    const bound = (range: Range, limb: number): bigint =>
      BigInt(
        limb === this.limbCount - 1 ? this.topBound(range) : Math.ceil(range.limb * 2 ** (this.limbBits - 1)),
      );
    return BigInt(factor) * bound(a, i) * bound(b, j) <= 1n << BigInt(this.limbBits + 50);
  }

  /** Bound, in units of p, of an integer of `field.byteLength` bytes. */
  get bytesBound(): number {
    return roundUp(2 ** (8 * this.field.byteLength) / Number(this.field.modulus));
  }

  /** Limbs of value mod p, of least magnitude. */
  balancedLimbs(value: bigint): number[] {
    return this.#limbs(balance(value, this.field.modulus));
  }

  /** Limbs of value·R mod p, of least magnitude. */
  montgomeryLimbs(value: bigint): number[] {
    return this.balancedLimbs(mod(value, this.field.modulus) * this.radix);
  }

  #limbs(value: bigint): number[] {
    return toBalancedLimbs(value, this.limbBits, this.limbCount).map(Number);
  }

  #value(limbs: readonly number[]): bigint {
    const { modulus } = this.field;
    const integer = fromLimbs(limbs.map(BigInt), this.limbBits);
    return mod(integer * modInverse(this.radix, modulus), modulus);
  }
}

function readDoubles(bytes: Uint8Array, count: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
}
