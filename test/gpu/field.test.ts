import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../src/field/bytes.ts';
import { mod, modInverse } from '../../src/field/modular.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import {
  commonText,
  fieldText,
  MULTIPLIERS,
  type MultiplierName,
  productText,
} from '../../src/gpu/shader/field.ts';
import {
  baseField,
  type FieldSpec,
  fromMontgomery,
  scalarField,
  toMontgomery,
  typeName,
} from '../../src/gpu/shader/field-spec.ts';
import { drawShared } from '../helpers/seeded.ts';
import { runKernel, useDevice } from './test-device.ts';

/** What each operation must give on a and b as stored, by integers. */
const EXPECTED: Readonly<Record<string, (field: FieldSpec, a: bigint, b: bigint) => bigint>> = {
  add: ({ modulus }, a, b) => mod(a + b, modulus),
  sub: ({ modulus }, a, b) => mod(a - b, modulus),
  mul: (field, a, b) => fromMontgomery(field, a * b),
  neg: ({ modulus }, a) => mod(-a, modulus),
  double: ({ modulus }, a) => mod(2n * a, modulus),
  inverse: (field, a) =>
    a === 0n ? 0n : toMontgomery(field, toMontgomery(field, modInverse(a, field.modulus))),
  to_montgomery: (field, a) => toMontgomery(field, a),
  from_montgomery: (field, a) => fromMontgomery(field, a),
  is_zero: (_, a) => (a === 0n ? 1n : 0n),
  equal: (_, a, b) => (a === b ? 1n : 0n),
};
const OPERATIONS = Object.keys(EXPECTED);

function operationKernel(field: FieldSpec, multiplier: MultiplierName): Kernel {
  const [f, type] = [field.prefix, typeName(field)];
  const word = (condition: string): string => {
    const rest = Array.from({ length: field.words / 4 - 1 }, () => ', vec4<u32>()').join('');
    return `${type}(vec4<u32>(select(0u, 1u, ${condition}), 0u, 0u, 0u)${rest})`;
  };
  const value: Readonly<Record<string, string>> = {
    is_zero: word(`${f}_is_zero(x)`),
    equal: word(`${f}_equal(x, y)`),
    add: `${f}_add(x, y)`,
    sub: `${f}_sub(x, y)`,
    mul: `${f}_mul(x, y)`,
  };
  const code = `${commonText(multiplier)}
${fieldText(field)}
${productText(field, multiplier)}
@group(0) @binding(0) var<storage, read> a: array<${type}>;
@group(0) @binding(1) var<storage, read> b: array<${type}>;
@group(0) @binding(2) var<storage, read_write> out: array<${type}>;
@group(0) @binding(3) var<uniform> count: vec4<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= count.x) {
    return;
  }
  let x = a[i];
  let y = b[i];
${OPERATIONS.map((name, k) => `  out[${OPERATIONS.length}u * i + ${k}u] = ${value[name] ?? `${f}_${name}(x)`};`).join('\n')}
}
`;
  return {
    name: `test ${f} ${multiplier}`,
    code,
    workgroupSize: 64,
    bindings: ['read', 'read', 'write', 'uniform'],
  };
}

/** Values at which carries, borrows and reductions turn. */
function edges({ modulus, radixBits }: FieldSpec): bigint[] {
  const near = [0n, 1n, 2n, modulus - 1n, modulus - 2n, modulus >> 1n, (modulus >> 1n) + 1n];
  const masks = [13n, 15n, 32n, 252n].map((bits) => (1n << bits) - 1n);
  const high = masks.map((mask) => modulus - 1n - (modulus & mask));
  return [...near, ...masks, ...high, (1n << BigInt(radixBits)) % modulus].filter(
    (v) => v >= 0n && v < modulus,
  );
}

const device = useDevice();
const FIELDS = CURVES.flatMap((curve) =>
  [scalarField(curve), baseField(curve)].map((field) => ({ field, title: `${curve.name} ${field.prefix}` })),
);

describe.each(FIELDS)('$title on the GPU', ({ field }) => {
  const size = field.words * 4;
  const element = fc.noBias(fc.bigInt({ min: 0n, max: field.modulus - 1n }));
  const random = drawShared(fc.array(fc.tuple(element, element), { minLength: 300, maxLength: 300 }));
  const special = edges(field);
  const pairs = [...special.flatMap((a) => special.map((b) => [a, b] as const)), ...random];
  const pack = (side: 0 | 1): Uint8Array => {
    const bytes = new Uint8Array(pairs.length * size);
    for (const [i, pair] of pairs.entries()) writeBigintLE(pair[side], bytes, i * size, size);
    return bytes;
  };

  it.each(MULTIPLIERS)('computes as integers do, with the multiplier %s', async (multiplier) => {
    const out = await runKernel(device(), {
      kernel: operationKernel(field, multiplier),
      inputs: [pack(0), pack(1)],
      outputBytes: pairs.length * OPERATIONS.length * size,
      parameters: [pairs.length],
      threads: pairs.length,
    });
    for (const [i, [a, b]] of pairs.entries()) {
      for (const [k, name] of OPERATIONS.entries()) {
        const at = (i * OPERATIONS.length + k) * size;
        const expected = EXPECTED[name]?.(field, a, b);
        if (bigintFromBytesLE(out.subarray(at, at + size)) !== expected)
          expect.fail(
            `${name}(${a}, ${b}): got ${bigintFromBytesLE(out.subarray(at, at + size))}, expected ${expected}`,
          );
      }
    }
  });
});
