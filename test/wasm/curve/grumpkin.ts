/** Grumpkin: y² = x³ − 17 over BN254's scalar field, of BN254's base field's order; BN254's partner in a cycle of curves. */

import { weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { BN254 } from '../../../src/curve/curve.ts';
import { mod, modPow } from '../../../src/field/modular.ts';
import { createDecomposition, shortRelations } from '../../../src/wasm/curve/endomorphism.ts';
import type { GroupSpec } from '../../../src/wasm/curve/group-spec.ts';
import { FIELD_SPECS, type FieldSpec } from '../../../src/wasm/field/field-spec.ts';

const p = BN254.order;
const n = BN254.modulus;
const b = p - 17n;
const generator = { x: 1n, y: 17631683881184975370165255887551781615748388533673675138860n };

/** The reference arithmetic. */
export const GRUMPKIN = weierstrass({ p, n, h: 1n, a: 0n, b, Gx: generator.x, Gy: generator.y });

function spec(): GroupSpec {
  const lambda = [2n, 3n, 5n].map((base) => modPow(base, (n - 1n) / 3n, n)).find((root) => root !== 1n);
  if (lambda === undefined) throw new Error('Expected a cube root of unity from a small base.');
  const image = GRUMPKIN.BASE.multiplyUnsafe(lambda).toAffine();
  if (image.y !== generator.y || modPow(image.x, 3n, p) !== 1n) {
    throw new Error('Expected λ to act on the generator as a cube root of unity on x.');
  }
  return {
    name: 'grumpkin',
    field: FIELD_SPECS.find(({ modulus }) => modulus === p) as FieldSpec,
    degree: 1,
    order: n,
    b: [b],
    generator: { x: [generator.x], y: [generator.y] },
    beta: mod(image.x, p),
    decomposition: createDecomposition(n, lambda, shortRelations(n, lambda)),
    subgroup: { kind: 'curve' },
    flags: { mask: 0xc0, smaller: 0x80, larger: 0xc0, infinity: 0x40 },
  };
}

/** What the generators need. */
export const GRUMPKIN_SPEC: GroupSpec = spec();
