import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mod, modInverse } from '../../../src/field/modular.ts';
import { toPtr } from '../../../src/wasm/emit/index.ts';
import type { Element, Range } from '../../../src/wasm/field/index.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { integerOf, liesIn, limbsIn } from './extreme-limbs.ts';
import { ALL_FORMS, Sandbox } from './sandbox.ts';

const OPERATIONS = ['add', 'sub', 'neg', 'double', 'triple', 'mul', 'sqr', 'dot', 'both', 'reduce'] as const;

/** One step: an operation on earlier values, which are picked from the most recent ones to build up long lazy chains. */
interface Step {
  readonly operation: (typeof OPERATIONS)[number];
  readonly a: number;
  readonly b: number;
}

const INPUTS = 3;
const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('add', 'sub', 'double', 'triple') },
    { weight: 1, arbitrary: fc.constantFrom(...OPERATIONS) },
  ) as fc.Arbitrary<Step['operation']>,
  a: fc.nat(3),
  b: fc.nat(5),
});

describe.each(ALL_FORMS)('random programs on $name', ({ form }) => {
  const { modulus: p } = form.field;
  const radixInverse = modInverse(form.radix, p);
  const inputs = fc.array(limbsIn(form, form.stored), { minLength: 2 * INPUTS, maxLength: 2 * INPUTS });

  /** The value a step must have, on plain integers mod p. */
  function reference(values: readonly bigint[], { operation, a, b }: Step): bigint {
    const x = values.at(-1 - (a % values.length)) ?? 0n;
    const y = values.at(-1 - (b % values.length)) ?? 0n;
    const plain = {
      add: () => x + y,
      sub: () => x - y,
      neg: () => -x,
      double: () => 2n * x,
      triple: () => 3n * x,
      mul: () => x * y * radixInverse,
      sqr: () => x * x * radixInverse,
      dot: () => (x * y + y * y) * radixInverse,
      both: () => (x * x + x * y + y * y) * radixInverse,
      reduce: () => x,
    };
    return mod(plain[operation](), p);
  }

  it('keep every intermediate value right and within its proven range', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 24 }), inputs, (steps, limbs) => {
        const ranges: Range[] = [];
        const sandbox = new Sandbox(form, ({ module }) => ({
          program: module.define('program', ['i32', 'i32'], 'void', (f, out, input) => {
            const ops = form.ops(f);
            const values: Element[] = [];
            for (let i = 0; i < INPUTS; i++) values.push(ops.load(toPtr(input, i * form.pairBytes)));
            steps.forEach(({ operation, a, b }, i) => {
              const x = values.at(-1 - (a % values.length)) as Element;
              const y = values.at(-1 - (b % values.length)) as Element;
              const emit = {
                add: () => ops.add(x, y),
                sub: () => ops.sub(x, y),
                neg: () => ops.neg(x),
                double: () => ops.double(x),
                triple: () => ops.triple(x),
                mul: () => ops.mul(x, y),
                sqr: () => ops.sqr(x),
                dot: () =>
                  ops.sumOfProducts([
                    [x, y],
                    [y, y],
                  ]),
                // Two interleaved sums of different shape, added up.
                both: () => {
                  const [p, q] = ops.sumsOfProducts([
                    [[x, x]],
                    [
                      [x, y],
                      [y, y],
                    ],
                  ]) as [Element, Element];
                  return ops.add(p, q);
                },
                reduce: () => ops.reduce(x),
              };
              const result = emit[operation]();
              // Stored as it is, unreduced: the test sees the very limbs.
              ops.store(toPtr(out, i * form.pairBytes), result, result.range);
              values.push(result);
              ranges.push(result.range);
            });
          }),
        }));
        const input = sandbox.allocate(INPUTS * form.pairBytes);
        const out = sandbox.allocate(steps.length * form.pairBytes);
        for (let i = 0; i < INPUTS; i++) {
          sandbox.writeLimbs(input + i * form.pairBytes, limbs[2 * i] ?? [], limbs[2 * i + 1] ?? []);
        }
        sandbox.call('program', out, input);
        for (const lane of [0, 1] as const) {
          const values = Array.from({ length: INPUTS }, (_, i) => integerOf(form, limbs[2 * i + lane] ?? []));
          steps.forEach((each, i) => {
            values.push(reference(values, each));
            const result = sandbox.readLimbs(out + i * form.pairBytes, lane);
            expect(mod(integerOf(form, result), p)).toBe(values.at(-1));
            expect(liesIn(form, result, ranges[i] as Range)).toBe(true);
          });
        }
      }),
      { numRuns: fuzzRuns(12) },
    );
  });
});
