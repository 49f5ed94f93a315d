/** WGSL of a prime field: struct, memory access, sums, and one of the multipliers behind `<prefix>_mul`. */

import {
  constantText,
  elementText,
  type FieldSpec,
  limbsOf,
  toMontgomery,
  typeName,
  wordText,
} from './field-spec.ts';
import { limbProduct } from './limb-product.ts';
import { loopProduct } from './loop-product.ts';
import { WORD_HELPERS, wordProduct } from './word-product.ts';

/** Multiplier forms: by the width of their limbs. Which one is fastest depends on the device; `loop13` is the one that compiles fastest. */
export type MultiplierName = 'word32' | 'limb13' | 'limb14' | 'limb15' | 'loop13';

/** All multiplier forms. */
export const MULTIPLIERS: readonly MultiplierName[] = ['word32', 'limb13', 'limb14', 'limb15', 'loop13'];

/** Definitions that a module needs once, whatever fields it has. */
export function commonText(multiplier: MultiplierName): string {
  return `// a - b - borrow as (difference, borrow).
fn sub_borrow(a: u32, b: u32, borrow: u32) -> vec2<u32> {
  let d = a - b;
  return vec2<u32>(d - borrow, select(0u, 1u, a < b) | select(0u, 1u, d < borrow));
}

// a + b + carry as (sum, carry).
fn add_carry(a: u32, b: u32, carry: u32) -> vec2<u32> {
  let s = a + b;
  let t = s + carry;
  return vec2<u32>(t, select(0u, 1u, s < a) | select(0u, 1u, t < s));
}
${multiplier === 'word32' ? `\n${WORD_HELPERS}` : ''}`;
}

/** Generates `<p>_mul`. */
export function productText(field: FieldSpec, multiplier: MultiplierName): string {
  if (multiplier === 'word32') return wordProduct(field);
  const limbBits = Number(multiplier.slice(4));
  return multiplier === 'loop13' ? loopProduct(field, limbBits) : limbProduct(field, limbBits);
}

/** WGSL lines of word-wise `left ± right` with a running carry: the words are `<name>0.x`, `<name>1.x` …, the carry `<name><n-1>.y`. */
function chain(
  field: FieldSpec,
  name: string,
  step: string,
  left: (index: number) => string,
  right: (index: number) => string,
): string[] {
  return Array.from({ length: field.words }, (_, i) => {
    const carry = i === 0 ? '0u' : `${name}${i - 1}.y`;
    return `let ${name}${i} = ${step}(${left(i)}, ${right(i)}, ${carry});`;
  });
}

/**
 * Generates a field without its product:
 * `<P>` struct, `<p>_zero()`, `<p>_one()` (Montgomery), `<p>_is_zero`, `<p>_equal`, `<p>_select(a, b, takeB)`, `<p>_add`,
 * `<p>_sub`, `<p>_neg`, `<p>_double`, `<p>_inverse` (0 gives 0), `<p>_to_montgomery`, `<p>_from_montgomery`.
 *
 * Elements are canonical in and out of every function. `<p>_mul` is long straight-line code and every call is inlined:
 * call it from one place of a loop.
 */
export function fieldText(field: FieldSpec): string {
  const { prefix: p, words, modulus } = field;
  const type = typeName(field);
  const vectors = Array.from({ length: words / 4 }, (_, i) => i);
  const modulusWords = limbsOf(modulus, 32, words).map((word) => `0x${word.toString(16)}u`);
  const block = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');
  const reduce = chain(
    field,
    'd',
    'sub_borrow',
    (i) => wordText('a', i),
    (i) => modulusWords[i] as string,
  );
  const sum = chain(
    field,
    's',
    'add_carry',
    (i) => wordText('a', i),
    (i) => wordText('b', i),
  );
  const difference = chain(
    field,
    'd',
    'sub_borrow',
    (i) => wordText('a', i),
    (i) => wordText('b', i),
  );
  const restored = chain(
    field,
    'r',
    'add_carry',
    (i) => `d${i}.x`,
    (i) => `(${modulusWords[i]} & mask)`,
  );
  const exponent = limbsOf(modulus - 2n, 32, words).map((word) => `0x${word.toString(16)}u`);
  const bits = (modulus - 2n).toString(2).length;
  return `struct ${type} {
${vectors.map((i) => `  v${i}: vec4<u32>,`).join('\n')}
}

fn ${p}_zero() -> ${type} {
  return ${constantText(field, 0n)};
}

// 1 in Montgomery form.
fn ${p}_one() -> ${type} {
  return ${constantText(field, toMontgomery(field, 1n))};
}

fn ${p}_is_zero(a: ${type}) -> bool {
  let v = ${vectors.map((i) => `a.v${i}`).join(' | ')};
  return (v.x | v.y | v.z | v.w) == 0u;
}

fn ${p}_equal(a: ${type}, b: ${type}) -> bool {
  let v = ${vectors.map((i) => `(a.v${i} ^ b.v${i})`).join(' | ')};
  return (v.x | v.y | v.z | v.w) == 0u;
}

fn ${p}_select(a: ${type}, b: ${type}, take_b: bool) -> ${type} {
  return ${type}(${vectors.map((i) => `select(a.v${i}, b.v${i}, take_b)`).join(', ')});
}

// a below 2·modulus to canonical form.
fn ${p}_reduce_once(a: ${type}) -> ${type} {
${block(reduce)}
  return ${p}_select(${elementText(field, (i) => `d${i}.x`)}, a, d${words - 1}.y != 0u);
}

// The modulus leaves the top bit free, so a sum has no carry.
fn ${p}_add(a: ${type}, b: ${type}) -> ${type} {
${block(sum)}
  return ${p}_reduce_once(${elementText(field, (i) => `s${i}.x`)});
}

fn ${p}_sub(a: ${type}, b: ${type}) -> ${type} {
${block(difference)}
  let mask = 0u - d${words - 1}.y;
${block(restored)}
  return ${elementText(field, (i) => `r${i}.x`)};
}

fn ${p}_neg(a: ${type}) -> ${type} {
  return ${p}_sub(${p}_zero(), a);
}

fn ${p}_double(a: ${type}) -> ${type} {
  return ${p}_add(a, a);
}

const ${p}_exponent = array<u32, ${words}>(${exponent.join(', ')});

// a^(modulus - 2), in Montgomery form as a is; 0 gives 0. Square and multiply around one call of the product.
fn ${p}_inverse(a: ${type}) -> ${type} {
  var result = a;
  var bit = ${bits - 1};
  var multiply = false;
  while (bit > 0 || multiply) {
    result = ${p}_mul(result, ${p}_select(result, a, multiply));
    if (multiply) {
      multiply = false;
    } else {
      bit -= 1;
      multiply = ((${p}_exponent[bit >> 5u] >> u32(bit & 31)) & 1u) == 1u;
    }
  }
  return result;
}

fn ${p}_to_montgomery(a: ${type}) -> ${type} {
  return ${p}_mul(a, ${constantText(field, toMontgomery(field, toMontgomery(field, 1n)))});
}

fn ${p}_from_montgomery(a: ${type}) -> ${type} {
  return ${p}_mul(a, ${constantText(field, 1n)});
}
`;
}
