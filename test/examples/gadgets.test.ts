import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompiledCircuit, compileCircuit } from '../../examples/lib/artefacts.ts';
import {
  BASE,
  type CurvePoint,
  Fn,
  Fp,
  fromMontgomery,
  mapToCurve,
  randomBits,
  randomFieldElement,
  toMontgomery,
} from '../../examples/lib/curve.ts';
import { poseidon4 } from '../../examples/lib/poseidon.ts';
import { POSEIDON_CONSTANTS_FILE, poseidonConstantsSource } from '../../examples/lib/poseidon-source.ts';
import { expectRefused, expectSatisfied } from './witness.ts';

/**
 * poseidon(1, 2, 3, 4) as circomlib's tests, go-iden3-crypto and the Solidity contract of circomlibjs have
 * it.
 */
const POSEIDON_1234 = 18821383157269793795438455681495246036402687001665670618754263018637548127333n;

let folder: string;
let gadgets: CompiledCircuit;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-gadgets-'));
  gadgets = await compileCircuit(fileURLToPath(new URL('gadgets.circom', import.meta.url)), folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function inputs(changes: { hashed?: bigint[]; point?: [bigint, bigint]; values?: bigint[] } = {}): {
  hashed: bigint[];
  point: [bigint, bigint];
  values: bigint[];
} {
  const { u, v } = toMontgomery(BASE);
  return { hashed: [1n, 2n, 3n, 4n], point: [u, v], values: [1n, 2n, 3n, 4n, 5n], ...changes };
}

/** A point of the whole group, in and out of the subgroup. */
function randomPoint(): CurvePoint {
  return fromMontgomery(mapToCurve(randomFieldElement()).point);
}

describe('poseidon', () => {
  test('agrees with the published value, in and out of the circuit', async () => {
    expect(poseidon4(0n, [1n, 2n, 3n, 4n])).toBe(POSEIDON_1234);
    expect((await expectSatisfied(gadgets, inputs()))[0]).toBe(POSEIDON_1234);
  });

  test('agrees with itself on random elements, in and out of the circuit', async () => {
    const hashed = Array.from({ length: 4 }, randomFieldElement) as [bigint, bigint, bigint, bigint];
    expect((await expectSatisfied(gadgets, inputs({ hashed })))[0]).toBe(poseidon4(0n, hashed));
    expect(poseidon4(1n, hashed)).not.toBe(poseidon4(0n, hashed));
  });

  test('has the constants in the circuit that its authors prescribe', () => {
    expect(readFileSync(POSEIDON_CONSTANTS_FILE, 'utf8')).toBe(poseidonConstantsSource());
  });
});

describe('clearing the cofactor', () => {
  test('multiplies points of the whole group by 8', async () => {
    for (let i = 0; i < 4; i++) {
      const point = randomPoint();
      const { u, v } = toMontgomery(point);
      const expected = toMontgomery(point.clearCofactor());
      expect((await expectSatisfied(gadgets, inputs({ point: [u, v] }))).slice(1, 3)).toEqual([
        expected.u,
        expected.v,
      ]);
    }
  });

  test('refuses every point of small order', async () => {
    await expectRefused(gadgets, inputs({ point: [0n, 0n] }), 'Double');

    // l · P has an order that divides 8; all of 4 and 8 turn up among a few P, and its multiples are the
    // rest.
    const orders = new Set<number>();
    for (let tries = 0; orders.size < 2 && tries < 200; tries++) {
      const point = randomPoint();
      const small = point.multiplyUnsafe(Fn.ORDER - 1n).add(point);
      const order = [1, 2, 4, 8].find((candidate) => multiple(small, candidate).is0()) as number;
      if (order < 4 || orders.has(order)) continue;
      orders.add(order);
      const { u, v } = toMontgomery(small);
      await expectRefused(gadgets, inputs({ point: [u, v] }), 'Double');
    }
    expect([...orders].sort()).toEqual([4, 8]);
  });

  test('refuses a point off the curve', async () => {
    const { u, v } = toMontgomery(BASE);
    await expectRefused(gadgets, inputs({ point: [u, Fp.add(v, 1n)] }), 'OnCurve');
  });
});

describe('the median network', () => {
  test('finds the middle of five, equal values and extremes included', async () => {
    const largest = 2n ** 64n - 1n;
    const cases = [
      [5n, 4n, 3n, 2n, 1n],
      [7n, 7n, 7n, 7n, 7n],
      [0n, largest, 0n, largest, largest],
      [0n, 0n, largest, largest, 0n],
      Array.from({ length: 5 }, () => randomBits(64)),
    ];
    for (const values of cases) {
      const middle = values.toSorted((a, b) => (a < b ? -1 : 1))[2];
      expect((await expectSatisfied(gadgets, inputs({ values })))[3]).toBe(middle);
    }
  });

  test('refuses a value of 2^64 and a negative one', async () => {
    for (const value of [2n ** 64n, Fp.ORDER - 1n]) {
      await expectRefused(gadgets, inputs({ values: [1n, 2n, value, 4n, 5n] }), 'Bits');
    }
  });
});

function multiple(point: CurvePoint, times: number): CurvePoint {
  return Array.from({ length: times }, () => point).reduce((sum, term) => sum.add(term));
}
