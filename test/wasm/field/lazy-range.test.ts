import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/errors.ts';
import { mod, modInverse } from '../../../src/field/modular.ts';
import { toPtr } from '../../../src/wasm/emit/index.ts';
import { type Element, type Range, sumRange } from '../../../src/wasm/field/index.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { integerOf, liesIn, limbsIn } from './extreme-limbs.ts';
import { ALL_FORMS, elementOf, Sandbox } from './sandbox.ts';

const VALUES = [0.5, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8];
const LIMBS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 12, 16];

describe.each(ALL_FORMS)('lazy ranges of $name', ({ form }) => {
  const { modulus: p } = form.field;
  const radixInverse = modInverse(form.radix, p);
  const ranges: Range[] = VALUES.flatMap((value) => LIMBS.map((limb) => ({ value, limb }))).filter((range) =>
    form.canHold(range),
  );
  const larger = (a: Range, b: Range): boolean =>
    a.value >= b.value && a.limb >= b.limb && (a.value > b.value || a.limb > b.limb);
  /** Those of a list that no other one contains: the corners of what is accepted. */
  const corners = (accepted: readonly Range[]): Range[] =>
    accepted.filter((range) => !accepted.some((other) => larger(other, range)));

  it('accepts the product of two stored elements and of a sum with a difference', () => {
    const { stored } = form;
    expect(form.productRange([[stored, stored]])).toBeDefined();
    expect(form.canHold(sumRange(stored, stored))).toBe(true);
    expect(form.productRange([[form.reduced, sumRange(form.reduced, form.reduced)]])).toBeDefined();
    expect(form.productRange([[{ value: 1e12, limb: 1 }, stored]])).toBeUndefined();
    expect(form.productRange([[{ value: 1, limb: 1e6 }, stored]])).toBeUndefined();
    expect(form.canHold({ value: 1, limb: 1e6 })).toBe(false);
    expect(form.canHold({ value: 1e6, limb: 1 })).toBe(false);
  });

  const productCases = ranges.flatMap((a) => {
    const others = corners(ranges.filter((b) => form.productRange([[a, b]])));
    return others.map((b) => ({ a, b }));
  });
  // Corners of the whole set of accepted pairs: growing either factor leaves it.
  const extremeProducts = productCases.filter(
    ({ a, b }) => !ranges.some((wider) => larger(wider, a) && form.productRange([[wider, b]])),
  );

  it('multiplies correctly at every corner of the accepted ranges', () => {
    expect(extremeProducts.length).toBeGreaterThan(1);
    const picked = extremeProducts.slice(0, 24);
    const sandbox = new Sandbox(form, ({ module }) =>
      Object.fromEntries(
        picked.map(({ a, b }, i) => [
          `product${i}`,
          module.define(`product${i}`, ['i32', 'i32', 'i32'], 'void', (f, o, x, y) => {
            const ops = form.ops(f);
            const product = ops.mul(ops.load(x, a), ops.load(y, b));
            ops.store(o, product, product.range);
          }),
        ]),
      ),
    );
    const [out, x, y] = [sandbox.pair(), sandbox.pair(), sandbox.pair()];
    picked.forEach(({ a, b }, i) => {
      const range = form.productRange([[a, b]]) as Range;
      const [inA, inB] = [limbsIn(form, a), limbsIn(form, b)];
      fc.assert(
        fc.property(inA, inB, inA, inB, (a0, b0, a1, b1) => {
          sandbox.writeLimbs(x, a0, a1);
          sandbox.writeLimbs(y, b0, b1);
          sandbox.call(`product${i}`, out, x, y);
          for (const [lane, [left, right]] of [
            [a0, b0],
            [a1, b1],
          ].entries()) {
            const limbs = sandbox.readLimbs(out, lane as 0 | 1);
            const expected = integerOf(form, left as bigint[]) * integerOf(form, right as bigint[]);
            expect(mod(integerOf(form, limbs), p)).toBe(mod(expected * radixInverse, p));
            expect(liesIn(form, limbs, range)).toBe(true);
          }
        }),
        { numRuns: fuzzRuns(30) },
      );
    });
  });

  it('multiplies by a prepared factor at every corner of what can be held, two at a time', () => {
    const cases = [...corners(ranges), form.stored, form.reduced];
    const results: Range[] = [];
    const sandbox = new Sandbox(form, ({ module }) => ({
      prepare: module.define('prepare', ['i32', 'i32'], 'void', (f, to, from) => {
        const ops = form.ops(f);
        ops.prepare(to, ops.load(from));
      }),
      plain: module.define('plain', ['i32', 'i32'], 'void', (f, o, factor) => {
        const ops = form.ops(f);
        ops.store(o, ops.loadPrepared(factor));
      }),
      ...Object.fromEntries(
        cases.map((range, i) => [
          `product${i}`,
          module.define(`product${i}`, ['i32', 'i32', 'i32', 'i32'], 'void', (f, o, x, first, second) => {
            const ops = form.ops(f);
            const a = ops.load(x, range);
            const products = ops.mulPrepared([
              [a, first],
              [a, second],
            ]) as [Element, Element];
            results[i] = products[0].range;
            ops.store(o, products[0], products[0].range);
            ops.store(toPtr(o, form.pairBytes), products[1], products[1].range);
          }),
        ]),
      ),
    }));
    const [out, x] = [sandbox.allocate(2 * form.pairBytes), sandbox.pair()];
    const places = [sandbox.allocate(form.preparedBytes), sandbox.allocate(form.preparedBytes)] as const;
    cases.forEach((range, i) => {
      const input = limbsIn(form, range);
      fc.assert(
        fc.property(input, input, elementOf(form.field), elementOf(form.field), (a0, a1, b0, b1) => {
          sandbox.writeLimbs(x, a0, a1);
          sandbox.call('prepare', places[0], sandbox.pair(b0, b1));
          sandbox.call('prepare', places[1], sandbox.pair(b1, b0));
          sandbox.call(`product${i}`, out, x, ...places);
          for (const [which, factor] of [b0, b1].entries()) {
            for (const [lane, limbs] of [a0, a1].entries()) {
              const product = sandbox.readLimbs(out + which * form.pairBytes, lane as 0 | 1);
              expect(mod(integerOf(form, product), p)).toBe(mod(integerOf(form, limbs) * factor, p));
              expect(liesIn(form, product, results[i] as Range)).toBe(true);
            }
            sandbox.call('plain', out, places[which] as number);
            expect(sandbox.readPair(out)).toEqual([factor, factor]);
          }
        }),
        { numRuns: fuzzRuns(20) },
      );
    });
  });

  const extremeSquares = corners(ranges.filter((a) => form.productRange([[a, a]])));
  const holdable = corners(ranges);

  it('squares, reduces and canonicalises at every corner of the accepted ranges', () => {
    const names = { sqr: extremeSquares, reduce: holdable, canonical: holdable } as const;
    const cases = Object.entries(names).flatMap(([name, list]) =>
      list.map((range, i) => ({ name, range, i })),
    );
    const sandbox = new Sandbox(form, ({ module }) =>
      Object.fromEntries(
        cases.map(({ name, range, i }) => [
          `${name}${i}`,
          module.define(`${name}${i}`, ['i32', 'i32'], 'void', (f, o, x) => {
            const ops = form.ops(f);
            const result = ops[name as keyof typeof names](ops.load(x, range));
            ops.store(o, result, result.range);
          }),
        ]),
      ),
    );
    const [out, x] = [sandbox.pair(), sandbox.pair()];
    for (const { name, range, i } of cases) {
      const input = limbsIn(form, range);
      fc.assert(
        fc.property(input, input, (lane0, lane1) => {
          sandbox.writeLimbs(x, lane0, lane1);
          sandbox.call(`${name}${i}`, out, x);
          for (const [lane, limbsBefore] of [lane0, lane1].entries()) {
            const before = integerOf(form, limbsBefore);
            const limbs = sandbox.readLimbs(out, lane as 0 | 1);
            const after = integerOf(form, limbs);
            if (name === 'sqr') {
              expect(mod(after, p)).toBe(mod(before * before * radixInverse, p));
              expect(liesIn(form, limbs, form.productRange([[range, range]]) as Range)).toBe(true);
            } else if (name === 'reduce') {
              expect(mod(after, p)).toBe(mod(before, p));
              expect(liesIn(form, limbs, form.reduced)).toBe(true);
            } else {
              expect(after).toBe(mod(before, p));
              expect(limbs.every((limb) => limb >= 0n && limb < 1n << BigInt(form.limbBits))).toBe(true);
            }
          }
        }),
        { numRuns: fuzzRuns(30) },
      );
    }
  });

  it('sums as many products as it accepts', () => {
    const { stored } = form;
    const accepted = (count: number): Range | undefined =>
      form.productRange(Array.from({ length: count }, () => [stored, stored] as const));
    let count = 1;
    while (count < 12 && accepted(count + 1)) count++;
    const range = accepted(count) as Range;
    const sandbox = new Sandbox(form, ({ module }) => ({
      sum: module.define('sum', ['i32', 'i32', 'i32'], 'void', (f, o, x, y) => {
        const ops = form.ops(f);
        const terms = Array.from({ length: count }, (_, i) => {
          const a = ops.load(toPtr(x, i * form.pairBytes));
          // Every third term is a square.
          return [a, i % 3 === 2 ? a : ops.load(toPtr(y, i * form.pairBytes))] as const;
        });
        // A second sum, interleaved with the first: its terms in reverse order give the same result.
        const [result, same] = ops.sumsOfProducts([terms, terms.toReversed()]) as [Element, Element];
        ops.store(o, result, result.range);
        ops.store(toPtr(o, form.pairBytes), same, same.range);
      }),
    }));
    const out = sandbox.allocate(2 * form.pairBytes);
    const [x, y] = [sandbox.allocate(count * form.pairBytes), sandbox.allocate(count * form.pairBytes)];
    const many = fc.array(limbsIn(form, stored), { minLength: 2 * count, maxLength: 2 * count });
    fc.assert(
      fc.property(many, many, (xs, ys) => {
        for (let i = 0; i < count; i++) {
          sandbox.writeLimbs(x + i * form.pairBytes, xs[2 * i] ?? [], xs[2 * i + 1] ?? []);
          sandbox.writeLimbs(y + i * form.pairBytes, ys[2 * i] ?? [], ys[2 * i + 1] ?? []);
        }
        sandbox.call('sum', out, x, y);
        for (const lane of [0, 1] as const) {
          let expected = 0n;
          for (let i = 0; i < count; i++) {
            const a = integerOf(form, xs[2 * i + lane] ?? []);
            expected += a * (i % 3 === 2 ? a : integerOf(form, ys[2 * i + lane] ?? []));
          }
          for (const at of [out, out + form.pairBytes]) {
            const limbs = sandbox.readLimbs(at, lane);
            expect(mod(integerOf(form, limbs), p)).toBe(mod(expected * radixInverse, p));
            expect(liesIn(form, limbs, range)).toBe(true);
          }
        }
      }),
    );
  });

  it('refuses to generate what no reduction can make room for', () => {
    expect(
      () =>
        new Sandbox(form, ({ module }) => ({
          sum: module.define('sum', ['i32'], 'void', (f, o) => {
            const ops = form.ops(f);
            ops.store(o, ops.load(o), { value: 0.25, limb: 1 });
          }),
        })),
    ).toThrow(InternalError);
    expect(
      () =>
        new Sandbox(form, ({ module }) => ({
          sum: module.define('sum', ['i32'], 'void', (f, o) => {
            const ops = form.ops(f);
            const one = ops.one();
            ops.store(o, ops.sumOfProducts(new Array(100_000).fill([one, one])));
          }),
        })),
    ).toThrow(InternalError);
  });
});
