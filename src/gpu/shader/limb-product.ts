/**
 * Montgomery multiplier on narrow limbs: products of two limbs leave room in a 32-bit word, so that many of them are summed
 * before a carry is taken (lazy carries). Column by column (Koç, Acar, Kaliski, "Analyzing and Comparing Montgomery
 * Multiplication Algorithms", 1996: finely integrated product scanning). The generator bounds every sum and splits it into
 * limb and carry just before it could pass 2^32.
 *
 * Operands and result have 32-bit words and R = 2^(32·words), whatever the limb width: when it does not divide log2 R, the
 * last round takes the remaining bits only, and the result is read from between two limbs.
 */

import { elementText, type FieldSpec, limbsOf, negatedInverse, typeName, wordText } from './field-spec.ts';

const WORD = 1n << 32n;

/** Terms to be added to a column, and the largest value they have together. */
interface Carry {
  readonly terms: readonly string[];
  readonly bound: bigint;
}

/** A column's running sum. What would overflow it is split off as a carry, in units of the next column. */
class Column {
  readonly #name: string;
  readonly #lines: string[];
  readonly #limbBits: number;
  #terms: string[];
  #bound: bigint;
  #carries: string[] = [];
  #carryBound = 0n;

  constructor(name: string, lines: string[], limbBits: number, carryIn: Carry) {
    this.#name = name;
    this.#lines = lines;
    this.#limbBits = limbBits;
    this.#terms = [...carryIn.terms];
    this.#bound = carryIn.bound;
  }

  /** Makes sure that `bound` more fit. */
  reserve(bound: bigint): void {
    if (this.#bound + bound >= WORD) {
      const part = `${this.#name}_${this.#carries.length}`;
      this.#lines.push(`let ${part} = ${this.#terms.join(' + ')};`);
      this.#terms = [`(${part} & MASK)`];
      this.#carries.push(`(${part} >> ${this.#limbBits}u)`);
      this.#carryBound += this.#bound >> BigInt(this.#limbBits);
      this.#bound = (1n << BigInt(this.#limbBits)) - 1n;
    }
    this.#bound += bound;
  }

  add(term: string, bound: bigint): void {
    this.reserve(bound);
    this.#terms.push(term);
  }

  /** Names the sum. */
  close(): void {
    this.#lines.push(`let ${this.#name} = ${this.#terms.join(' + ') || '0u'};`);
  }

  /** What goes to the next column when `sum` is this one's final value. */
  carry(sum: string): Carry {
    const high = this.#bound >> BigInt(this.#limbBits);
    const terms = high > 0n ? [`(${sum} >> ${this.#limbBits}u)`] : [];
    return { terms: [...terms, ...this.#carries], bound: high + this.#carryBound };
  }
}

/** WGSL of limb `index`, cut out of 32-bit words. */
function unpackText(name: string, index: number, limbBits: number, words: number): string {
  const [word, shift] = [(index * limbBits) >> 5, (index * limbBits) & 31];
  const available = 32 - shift;
  const low = shift === 0 ? wordText(name, word) : `(${wordText(name, word)} >> ${shift}u)`;
  if (available > limbBits) return `${low} & MASK`;
  if (available === limbBits || word + 1 === words) return low;
  return `(${low} | (${wordText(name, word + 1)} << ${available}u)) & MASK`;
}

/** WGSL of word `index` of a number whose normalised limbs are given; its bit 0 is bit `offset` of limb 0. */
export function packText(index: number, limbBits: number, offset: number, limbs: readonly string[]): string {
  const parts = limbs.flatMap((limb, i) => {
    const at = i * limbBits - offset - 32 * index;
    if (at <= -limbBits || at >= 32) return [];
    if (at === 0) return [limb];
    return at < 0 ? [`(${limb} >> ${-at}u)`] : [`(${limb} << ${at}u)`];
  });
  return parts.join(' | ');
}

/** Generates `<prefix>_mul` on limbs of `limbBits` bits, 12 to 15: wider ones leave no room for a second product. */
export function limbProduct(field: FieldSpec, limbBits: number): string {
  const { prefix, modulus, words, radixBits } = field;
  const type = typeName(field);
  const count = Math.ceil(modulus.toString(2).length / limbBits);
  const mask = (1n << BigInt(limbBits)) - 1n;
  const modulusLimbs = limbsOf(modulus, limbBits, count);
  // Largest value of each limb of an operand: the highest is shorter than the others.
  const operandBounds = limbsOf(modulus, limbBits, count).map((top, i) => (i === count - 1 ? top : mask));
  const inverse = negatedInverse(field, limbBits);
  // Rounds that clear a whole limb each and, where bits remain, one that clears `lastBits`.
  const wholeRounds = Math.floor(radixBits / limbBits);
  const lastBits = radixBits - wholeRounds * limbBits;
  const rounds = wholeRounds + (lastBits > 0 ? 1 : 0);
  const lastMask = (1n << BigInt(lastBits)) - 1n;
  const factorBound = (round: number): bigint => (round < wholeRounds ? mask : lastMask);

  const lines: string[] = [];
  for (const name of ['a', 'b']) {
    for (let i = 0; i < count; i++) lines.push(`let ${name}${i} = ${unpackText(name, i, limbBits, words)};`);
  }
  const outputs: string[] = [];
  let carry: Carry = { terms: [], bound: 0n };
  // The result is below 2·modulus, which fits the words: columns beyond them are zero.
  for (let k = 0; outputs.length * limbBits - lastBits < 32 * words; k++) {
    const column = new Column(`c${k}`, lines, limbBits, carry);
    for (let i = Math.max(0, k - count + 1); i <= Math.min(k, count - 1); i++) {
      column.add(`a${i} * b${k - i}`, (operandBounds[i] as bigint) * (operandBounds[k - i] as bigint));
    }
    for (let i = Math.max(0, k - count + 1); i < Math.min(k, rounds); i++) {
      const limb = modulusLimbs[k - i] as bigint;
      if (limb > 0n) column.add(`m${i} * ${limb}u`, factorBound(i) * limb);
    }
    const sum = k < rounds ? `s${k}` : `c${k}`;
    if (k < rounds) {
      const own = factorBound(k);
      column.reserve(own * (modulusLimbs[0] as bigint));
      column.close();
      lines.push(`let m${k} = ((c${k} & ${own}u) * ${inverse & own}u) & ${own}u;`);
      lines.push(`let ${sum} = c${k} + m${k} * ${modulusLimbs[0]}u;`);
    } else column.close();
    if (k >= wholeRounds) {
      outputs.push(`o${outputs.length}`);
      lines.push(`let ${outputs.at(-1)} = ${sum} & MASK;`);
    }
    carry = column.carry(sum);
  }
  for (let i = 0; i < words; i++) lines.push(`let r${i} = ${packText(i, limbBits, lastBits, outputs)};`);
  const body = lines.map((line) => `  ${line.replaceAll('MASK', `${mask}u`)}`).join('\n');
  return `// a·b/R on ${count} limbs of ${limbBits} bits.
fn ${prefix}_mul(a: ${type}, b: ${type}) -> ${type} {
${body}
  return ${prefix}_reduce_once(${elementText(field, (i) => `r${i}`)});
}
`;
}
