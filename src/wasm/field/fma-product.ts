import { InternalError } from '../../errors.ts';
import {
  doubleBits,
  type FunctionBuilder,
  f64x2,
  i64x2,
  type Local,
  lanesToBytes,
  type V128,
  v128,
} from '../emit/index.ts';
import type { FmaLayout } from './fma-layout.ts';
import type { ColumnSink, Product, Read } from './fma-schedule.ts';

/*
 * Σ a·b / R mod p in doubles. Notation: w limb bits, n limbs, RN rounding to nearest, ties to even.
 *
 * Splitting. With C1 = 3·2^(w+51) and |x·y| ≤ 2^(w+51), hi = RN(x·y + C1) lies in [2^(w+52), 2^(w+53)], where doubles are 2^w
 * apart: hi = C1 + 2^w·h with h the integer nearest to x·y/2^w, |h| ≤ 2^51. With C2 = C1 + 3·2^51, C2 − hi is exact and
 * lo = RN(x·y + (C2 − hi)) = 3·2^51 + l with l = x·y − 2^w·h, |l| ≤ 2^(w−1) ≤ 2^50: an integer in [2^52, 2^53], so exact too.
 *
 * Pairs. Two products of |x·y| ≤ 2^(w+50) for one column share their integer additions: hi' = RN(x'·y' + hi) instead of
 * RN(x'·y' + C1). 2^(w+50) is a multiple of 2^w, so hi is within C1 ± 2^(w+50) by monotonicity and hi' within C1 ± 2^(w+51), all on
 * the same grid; hi − hi' is exact, l' = RN(x'·y' + (hi − hi')) is an integer, |l'| ≤ 2^(w−1), and lo + l' = 3·2^51 + l + l'
 * with |l + l'| ≤ 2^w ≤ 2^51 is still an exact double in [2^52, 2^53].
 *
 * Columns. The bits of hi, read as an integer, are bits(C1) + h; those of lo are bits(3·2^51) + l. Column k is the i64 sum of
 * the bits of every lo of weight 2^(w·k) and every hi of weight 2^(w(k−1)), and starts from a constant that takes all biases
 * off again. Its true value stays below (count of summands)·2^51 < 2^61, whatever the wrapped sum of biases does on the way.
 *
 * Carrying out of column k. The constant also adds 2^(w−1) + 2^62: the column is then positive, its low w bits less 2^(w−1)
 * are the balanced remainder m in [−2^(w−1), 2^(w−1)), and its logical shift by w, less 2^(62−w) taken from the next
 * column's constant, is the carry.
 *
 * Reduction. The lowest n − 2 columns are folded: m_i·2^(w·i) is congruent to m_i·F_i·2^(w(n−2)) with
 * F_i = 2^(−w(n−2−i)) mod p, |F_i| ≤ p/2; these rows do not depend on each other. The other two low columns are cleared by
 * Montgomery rows q = m·(−1/p) mod 2^w, |q| ≤ 2^(w−1). There the low half of q·p_0 is not computed: m + l(q·p_0) is a
 * multiple of 2^w of magnitude at most 2^w, and it is 0. It could be −2^w only for m = l = −2^(w−1). Then m·mu (mu odd) ties
 * in the rounding, q = ±2^(w−1), and q·p_0 ties again; C1/2^w is even, so each tie goes to the even quotient. With
 * mu ≡ −p_0 mod 4: p_0 ≡ 3 gives mu ≡ 1, −mu/2 → even quotient (1 − mu)/2, q = −2^(w−1), −p_0/2 → (−p_0 − 1)/2,
 * l = +2^(w−1); p_0 ≡ 1 gives mu ≡ 3, quotient (−mu − 1)/2, q = +2^(w−1), p_0/2 → (p_0 − 1)/2, l = +2^(w−1). So m + l = 0.
 *
 * Result. |result|·R ≤ Σ|a·b| + Σ_i 2^(w−1)·(p/2)·2^(w(n−2)) + 2^(w−1)·p·(2^(w(n−2)) + 2^(w(n−1))), so
 * |result| ≤ p·(Σ A·B·p/R + 1/2 + n·2^(−w)) for |a| ≤ A·p, |b| ≤ B·p: FmaLayout.productRange.
 *
 * Prepared factors. b is given as the n rows B_i = b·2^(w(i+2)) mod p, balanced, |B_i| ≤ (1/2 + 2^−30)·p: Σ a_i·B_i is congruent to
 * a·b·2^(2w) and has n columns; two Montgomery rows as above divide by 2^(2w). There are no folds, n² + 2n products instead of
 * 2n² and a few. |result|·2^(2w) ≤ n·max|a_i|·|B_i| + 2^(w−1)·p·(1 + 2^w): FmaLayout.preparedRange. b itself is plain: the row
 * n − 2 is its Montgomery form.
 */

/** One Σ a·b/R to compute, as the order of its work, and the bound of the top limb of its result. */
export interface FmaSum {
  readonly schedule: (sink: ColumnSink) => Generator<void>;
  readonly topBound: number;
}

/**
 * Emits several sums of products; returns the limbs of each result in new locals. A sum by itself waits for its own carries and
 * quotients: the sums are interleaved, step by step, so that one computes while another waits.
 */
export function emitFmaProducts(
  f: FunctionBuilder,
  form: FmaLayout,
  sums: readonly FmaSum[],
): Local<'v128'>[][] {
  const running = sums.map(({ schedule, topBound }) => {
    const isTopWide = topBound > 2 ** 51;
    const counter = new BiasCounter(form);
    for (const steps = schedule(counter); !steps.next().done; );
    const columns = new Columns(f, form, counter.finish(isTopWide));
    return { columns, isTopWide, steps: schedule(columns) };
  });
  for (let waiting = running; waiting.length > 0; )
    waiting = waiting.filter(({ steps }) => !steps.next().done);
  return running.map(({ columns, isTopWide }) => columns.finish(isTopWide));
}

/** Start of the doubles whose last bit counts 1 and that low halves are added to. */
const LOW_BASE = 3 * 2 ** 51;

/** C1: start of the doubles whose last bit counts 2^w. */
function splitter(limbBits: number): number {
  return 3 * 2 ** (limbBits + 51);
}

/** Added to a column that is carried out of, so that it is positive and rounds to nearest. */
function positive(limbBits: number): bigint {
  return (1n << BigInt(limbBits - 1)) + (1n << 62n);
}

/** First pass over the schedule: adds up what every column must start from. */
class BiasCounter implements ColumnSink {
  readonly #limbBits: number;
  readonly #limbCount: number;
  readonly #bias: bigint[];

  constructor(form: FmaLayout) {
    this.#limbBits = form.limbBits;
    this.#limbCount = form.limbCount;
    this.#bias = new Array<bigint>(2 * form.limbCount).fill(0n);
  }

  accumulate(_products: readonly Product[], column: number, withLow: boolean): void {
    if (withLow) this.#add(column, -doubleBits(LOW_BASE));
    this.#add(column + 1, -doubleBits(splitter(this.#limbBits)));
  }

  clear(column: number): Read {
    this.#add(column, positive(this.#limbBits));
    this.#add(column + 1, -(1n << BigInt(62 - this.#limbBits)));
    return unread;
  }

  quotient(): Read {
    return unread;
  }

  twice(): Read {
    return unread;
  }

  limb(): Read {
    return unread;
  }

  /** The start of every column, with the carries of the upper half and the form of the top limb counted in. */
  finish(isTopWide: boolean): readonly bigint[] {
    const top = 2 * this.#limbCount - 1;
    for (let k = this.#limbCount; k < top; k++) this.clear(k);
    // A narrow top column ends as the bits of the double 3·2^51 + top; a wide one is split once more.
    this.#add(top, isTopWide ? positive(this.#limbBits) : doubleBits(LOW_BASE));
    return this.#bias;
  }

  #add(column: number, value: bigint): void {
    this.#bias[column] = (this.#bias[column] ?? 0n) + value;
  }
}

function unread(): never {
  throw new InternalError('The counting pass reads no operand.');
}

/** Second pass: emits the code. */
class Columns implements ColumnSink {
  readonly #f: FunctionBuilder;
  readonly #form: FmaLayout;
  readonly #bias: readonly bigint[];
  readonly #sums: (Local<'v128'> | undefined)[] = [];
  readonly #temporaries: Local<'v128'>[] = [];
  readonly #highs: readonly [Local<'v128'>, Local<'v128'>];
  readonly #low: Local<'v128'>;
  readonly #c1: V128;
  readonly #c2: V128;

  constructor(f: FunctionBuilder, form: FmaLayout, bias: readonly bigint[]) {
    this.#f = f;
    this.#form = form;
    this.#bias = bias;
    this.#highs = [this.#temporary(), this.#temporary()];
    this.#low = this.#temporary();
    // Used by every product: worth a register even in straight-line code.
    this.#c1 = f.constant(lanesToBytes(doubleBits(splitter(form.limbBits))), 'hoist');
    this.#c2 = f.constant(lanesToBytes(doubleBits(splitter(form.limbBits) + LOW_BASE)), 'hoist');
  }

  accumulate(products: readonly Product[], column: number, withLow: boolean): void {
    let before: V128 | undefined;
    products.forEach(([x, y], i) => {
      const high = this.#highs[i % 2] as Local<'v128'>;
      this.#f.set(high, f64x2.relaxedMadd(x(), y(), before ?? this.#c1));
      if (withLow) {
        const low = f64x2.relaxedMadd(x(), y(), f64x2.sub(before ?? this.#c2, high));
        this.#f.set(this.#low, before ? f64x2.add(this.#low, low) : low);
      }
      before = high;
    });
    if (!before) return;
    if (withLow) this.#add(column, this.#low);
    this.#add(column + 1, before);
  }

  clear(column: number): Read {
    const remainder = this.#temporary();
    this.#f.set(remainder, this.#remainder(column));
    this.#carry(column);
    return () => remainder;
  }

  quotient(remainder: Read): Read {
    const [high] = this.#highs;
    const quotient = this.#temporary();
    const inverse = this.#double(this.#form.inverse);
    this.#f.set(high, f64x2.relaxedMadd(remainder(), inverse, this.#c1));
    this.#f.set(quotient, f64x2.relaxedMadd(remainder(), inverse, f64x2.sub(this.#c1, high)));
    return () => quotient;
  }

  twice(x: Local<'v128'>): Read {
    const doubled = this.#temporary();
    this.#f.set(doubled, f64x2.add(x, x));
    return () => doubled;
  }

  limb(value: number): Read {
    return () => this.#double(value);
  }

  /** Normalises the upper half: the limbs of the result. */
  finish(isTopWide: boolean): Local<'v128'>[] {
    const top = 2 * this.#form.limbCount - 1;
    const limbs: Local<'v128'>[] = [];
    for (let k = this.#form.limbCount; k < top; k++) {
      limbs.push(this.#f.let(this.#remainder(k)));
      this.#carry(k);
    }
    limbs.push(this.#f.let(isTopWide ? this.#wideTop() : f64x2.sub(this.#sum(top), this.#double(LOW_BASE))));
    this.#f.release(this.#sum(top), ...this.#temporaries);
    return limbs;
  }

  #add(column: number, summand: V128): void {
    const sum = this.#sums[column];
    if (sum) this.#f.set(sum, i64x2.add(sum, summand));
    else this.#sums[column] = this.#f.let(i64x2.add(this.#integer(this.#bias[column] ?? 0n), summand));
  }

  #remainder(column: number): V128 {
    const w = this.#form.limbBits;
    const low = v128.and(this.#sum(column), this.#integer((1n << BigInt(w)) - 1n));
    // The bits of 2^52 + low, a double; less 2^52 and the half that made the column round to nearest.
    return f64x2.sub(v128.or(low, this.#double(2 ** 52)), this.#double(2 ** 52 + 2 ** (w - 1)));
  }

  #carry(column: number): void {
    const sum = this.#sum(column);
    this.#add(column + 1, i64x2.shrU(sum, this.#form.limbBits));
    this.#f.release(sum);
  }

  /** The top column as a double when it may exceed 2^51: remainder + 2^w·carry, exact below 2^53. */
  #wideTop(): V128 {
    const column = 2 * this.#form.limbCount - 1;
    const w = this.#form.limbBits;
    const carry = v128.or(i64x2.shrU(this.#sum(column), w), this.#double(2 ** 52));
    const carried = f64x2.sub(carry, this.#double(2 ** 52 + 2 ** (62 - w)));
    return f64x2.relaxedMadd(carried, this.#double(2 ** w), this.#remainder(column));
  }

  #sum(column: number): Local<'v128'> {
    const sum = this.#sums[column];
    if (!sum) throw new InternalError(`Column ${column} was never added to.`);
    return sum;
  }

  #temporary(): Local<'v128'> {
    const local = this.#f.local('v128');
    this.#temporaries.push(local);
    return local;
  }

  #integer(value: bigint): V128 {
    return this.#f.constant(lanesToBytes(value));
  }

  #double(value: number): V128 {
    return this.#integer(doubleBits(value));
  }
}
