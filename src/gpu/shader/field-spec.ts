/**
 * What a prime field's shader code is generated from. Elements are little-endian words of 32 bits, canonical (below the
 * modulus) and, where kernels multiply them, in Montgomery form with R = 2^(32·words), the form zkey and ptau files have.
 */

import type { Curve } from '../../curve/curve.ts';
import { modInverse } from '../../field/modular.ts';

/** One prime field as the generator sees it. */
export interface FieldSpec {
  /** Prefix of everything generated for it, such as `fq`: names are `fq_mul`, `Fq` … */
  readonly prefix: string;
  readonly modulus: bigint;
  /** Words of 32 bits an element has; a multiple of 4, because memory is read as vec4<u32>. */
  readonly words: number;
  /** log2 R. */
  readonly radixBits: number;
}

/** Describes a prime field; `bytes` is the length of an element in memory form. */
function fieldSpec(prefix: string, modulus: bigint, bytes: number): FieldSpec {
  return { prefix, modulus, words: bytes / 4, radixBits: 8 * bytes };
}

/** The scalar field of a curve. */
export function scalarField(curve: Curve): FieldSpec {
  return fieldSpec('fr', curve.order, curve.frBytes);
}

/** The base field of a curve. */
export function baseField(curve: Curve): FieldSpec {
  return fieldSpec('fq', curve.modulus, curve.fpBytes);
}

/** Name of a field's struct: the prefix with a capital. */
export function typeName(field: { readonly prefix: string }): string {
  return field.prefix.charAt(0).toUpperCase() + field.prefix.slice(1);
}

/** value·R mod modulus. */
export function toMontgomery(field: FieldSpec, value: bigint): bigint {
  return (value << BigInt(field.radixBits)) % field.modulus;
}

/** value/R mod modulus. */
export function fromMontgomery(field: FieldSpec, value: bigint): bigint {
  return (value * modInverse(1n << BigInt(field.radixBits), field.modulus)) % field.modulus;
}

/** −modulus^−1 mod 2^bits: what Montgomery reduction multiplies a limb of `bits` bits with. */
export function negatedInverse(field: FieldSpec, bits: number): bigint {
  const size = 1n << BigInt(bits);
  return size - modInverse(field.modulus % size, size);
}

/** The limbs of a value, lowest first. */
export function limbsOf(value: bigint, limbBits: number, count: number): bigint[] {
  const mask = (1n << BigInt(limbBits)) - 1n;
  return Array.from({ length: count }, (_, i) => (value >> BigInt(i * limbBits)) & mask);
}

/** WGSL of a field constant. */
export function constantText(field: FieldSpec, value: bigint): string {
  const words = limbsOf(value, 32, field.words).map((word) => `0x${word.toString(16).padStart(8, '0')}u`);
  return elementText(field, (i) => words[i] as string);
}

/** WGSL of word `index` of the element that `name` holds. */
export function wordText(name: string, index: number): string {
  return `${name}.v${index >> 2}.${'xyzw'.charAt(index & 3)}`;
}

/** WGSL that builds an element of words by their names. */
export function elementText(field: FieldSpec, word: (index: number) => string): string {
  const vectors = Array.from(
    { length: field.words / 4 },
    (_, i) => `vec4<u32>(${[0, 1, 2, 3].map((j) => word(4 * i + j)).join(', ')})`,
  );
  return `${typeName(field)}(${vectors.join(', ')})`;
}
