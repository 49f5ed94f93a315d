/**
 * Montgomery multiplier whose rounds stay a loop: row by row, some digits of one factor a turn. It is a tenth of the text of the
 * straight-line forms, for devices on which compiling is what takes long. Limbs are so narrow that a column takes all that comes
 * to it without a carry; only the lowest column carries, as it leaves.
 *
 * The limbs cover more bits than R has, so the loop divides by a power of two that is too high by `slack` bits: one factor comes
 * shifted up by as many.
 */

import { InternalError } from '../../errors.ts';
import { elementText, type FieldSpec, limbsOf, negatedInverse, typeName, wordText } from './field-spec.ts';
import { packText } from './limb-product.ts';

/** Rounds in a turn of the loop: what a turn costs besides them is shared, and text grows with them. */
const ROUNDS_A_TURN = 5;

/** WGSL of `bits` bits of the words that `word` names, from bit `at` on; what is outside the words is zero. */
function cutText(word: (index: number) => string, words: number, at: number, bits: number): string {
  const mask = `${2 ** bits - 1}u`;
  if (at < 0) return `(${word(0)} << ${-at}u) & ${mask}`;
  const [index, shift] = [at >> 5, at & 31];
  const low = shift === 0 ? word(index) : `(${word(index)} >> ${shift}u)`;
  if (32 - shift >= bits || index + 1 >= words) return `${low} & ${mask}`;
  return `(${low} | (${word(index + 1)} << ${32 - shift}u)) & ${mask}`;
}

/** WGSL lines that shift the variables `w0` … down by `bits` bits. */
function shiftLines(words: number, bits: number): string[] {
  const [whole, shift] = [bits >> 5, bits & 31];
  return Array.from({ length: words }, (_, i) => {
    if (i + whole >= words) return `w${i} = 0u;`;
    const low = shift === 0 ? `w${i + whole}` : `w${i + whole} >> ${shift}u`;
    const hasHigh = shift > 0 && i + whole + 1 < words;
    return hasHigh ? `w${i} = (${low}) | (w${i + whole + 1} << ${32 - shift}u);` : `w${i} = ${low};`;
  });
}

/** Generates `<prefix>_mul` as a loop over limbs of `limbBits` bits. */
export function loopProduct(field: FieldSpec, limbBits: number): string {
  const { prefix, modulus, words, radixBits } = field;
  const type = typeName(field);
  const count = ROUNDS_A_TURN * Math.ceil(radixBits / limbBits / ROUNDS_A_TURN);
  const slack = count * limbBits - radixBits;
  const mask = (1n << BigInt(limbBits)) - 1n;
  if (2n * BigInt(count) * mask * mask + (1n << BigInt(33 - limbBits)) >= 1n << 32n) {
    throw new InternalError(`Sums of ${count} products of ${limbBits} bits do not fit a word.`);
  }
  const limbs = limbsOf(modulus, limbBits, count);
  const inverse = negatedInverse(field, limbBits);
  const last = count - 1;

  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const text = cutText((word) => wordText('a', word), words, limbBits * i - slack, limbBits);
    lines.push(`let a${i} = ${text};`);
  }
  for (let i = 0; i < words; i++) lines.push(`var w${i} = ${wordText('b', i)};`);
  for (let i = 0; i < last; i++) lines.push(`var c${i} = 0u;`);
  lines.push(`for (var turn = 0u; turn < ${count / ROUNDS_A_TURN}u; turn++) {`);
  const turn: string[] = [];
  let columns = Array.from({ length: last }, (_, i) => `c${i}`);
  for (let round = 0; round < ROUNDS_A_TURN; round++) {
    const isLast = round === ROUNDS_A_TURN - 1;
    const [digit, sum, factor] = [`b${round}`, `s${round}`, `m${round}`];
    turn.push(
      `let ${digit} = ${cutText((word) => `w${word}`, words, limbBits * round, limbBits)};`,
      `let ${sum} = ${columns[0]} + a0 * ${digit};`,
      `let ${factor} = ((${sum} & MASK) * ${inverse}u) & MASK;`,
    );
    const next = columns.map((_, i) => (isLast ? `c${i}` : `c${i}_${round}`));
    for (const [i, name] of next.entries()) {
      const terms = [
        ...columns.slice(i + 1, i + 2),
        ...(i === 0 ? [`((${sum} + ${factor} * ${limbs[0]}u) >> ${limbBits}u)`] : []),
        `a${i + 1} * ${digit}`,
        ...(limbs[i + 1] ? [`${factor} * ${limbs[i + 1]}u`] : []),
      ];
      turn.push(`${isLast ? '' : 'let '}${name} = ${terms.join(' + ')};`);
    }
    columns = next;
  }
  turn.push(...shiftLines(words, limbBits * ROUNDS_A_TURN));
  lines.push(...turn.map((line) => `  ${line}`), '}');
  for (let i = 0; i < last; i++) {
    lines.push(`let d${i} = c${i}${i > 0 ? ` + (d${i - 1} >> ${limbBits}u)` : ''};`);
  }
  const outputs = Array.from({ length: count }, (_, i) =>
    i < last ? `(d${i} & MASK)` : `(d${i - 1} >> ${limbBits}u)`,
  );
  for (let i = 0; i < words; i++) lines.push(`let r${i} = ${packText(i, limbBits, 0, outputs)};`);
  const body = lines.map((line) => `  ${line.replaceAll('MASK', `${mask}u`)}`).join('\n');
  return `// a·b/R on ${count} limbs of ${limbBits} bits, ${ROUNDS_A_TURN} rounds a turn.
fn ${prefix}_mul(a: ${type}, b: ${type}) -> ${type} {
${body}
  return ${prefix}_reduce_once(${elementText(field, (i) => `r${i}`)});
}
`;
}
