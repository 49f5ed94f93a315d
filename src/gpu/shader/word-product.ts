/**
 * Montgomery multiplier on 32-bit words (CIOS). WGSL has neither a high product nor a carry flag: `mul_add_add` makes both of
 * four products of half words.
 */

import { elementText, type FieldSpec, limbsOf, negatedInverse, typeName, wordText } from './field-spec.ts';

/** Helper shared by all fields of a module: a·b + c + d as (low, high), which never overflows 64 bits. */
export const WORD_HELPERS = `// a*b + c + d as (low word, high word).
fn mul_add_add(a: u32, b: u32, c: u32, d: u32) -> vec2<u32> {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let ll = al * bl;
  let m1 = ah * bl + (ll >> 16u);
  let m2 = al * bh + (m1 & 0xffffu);
  let low = (m2 << 16u) | (ll & 0xffffu);
  let high = ah * bh + (m1 >> 16u) + (m2 >> 16u);
  let s1 = low + c;
  let s2 = s1 + d;
  return vec2<u32>(s2, high + select(0u, 1u, s1 < c) + select(0u, 1u, s2 < d));
}
`;

/** Generates `<prefix>_mul` on 32-bit words. */
export function wordProduct(field: FieldSpec): string {
  const { prefix, words, modulus } = field;
  const type = typeName(field);
  const inverse = negatedInverse(field, 32);
  const modulusWords = limbsOf(modulus, 32, words).map((word) => `0x${word.toString(16)}u`);
  const lines: string[] = [];
  // The modulus leaves the top bit free, so the running sum stays below 2·modulus and needs one word more during a row only.
  let sum: string[] = new Array<string>(words).fill('0u');
  for (let i = 0; i < words; i++) {
    const product: string[] = [];
    let carry = '0u';
    for (let j = 0; j < words; j++) {
      const name = `p${i}_${j}`;
      lines.push(`let ${name} = mul_add_add(${wordText('a', i)}, ${wordText('b', j)}, ${sum[j]}, ${carry});`);
      product.push(`${name}.x`);
      carry = `${name}.y`;
    }
    const top = carry;
    lines.push(`let m${i} = ${product[0]} * 0x${inverse.toString(16)}u;`);
    const next: string[] = [];
    carry = '0u';
    for (let j = 0; j < words; j++) {
      const name = `q${i}_${j}`;
      lines.push(`let ${name} = mul_add_add(m${i}, ${modulusWords[j]}, ${product[j]}, ${carry});`);
      if (j > 0) next.push(`${name}.x`);
      carry = `${name}.y`;
    }
    lines.push(`let t${i} = ${top} + ${carry};`);
    sum = [...next, `t${i}`];
  }
  return `// a·b/R on ${words} words of 32 bits.
fn ${prefix}_mul(a: ${type}, b: ${type}) -> ${type} {
${lines.map((line) => `  ${line}`).join('\n')}
  return ${prefix}_reduce_once(${elementText(field, (i) => sum[i] as string)});
}
`;
}
