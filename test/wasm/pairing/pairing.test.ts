/** The pairing engine in every form on both curves against the reference arithmetic. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fp12, G1Point, G2Point } from '../../../src/curve/curve.ts';
import { InternalError } from '../../../src/errors.ts';
import { PAIRING_EXPORTS } from '../../../src/wasm/pairing/pairing-exports.ts';
import {
  type MillerJob,
  type MillerSource,
  type MillerUse,
  STREAM_FROM,
} from '../../../src/wasm/pairing/pairing-layout.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { scalarArbitrary } from '../../helpers/group-elements.ts';
import { coefficients, fp12Of, KERNELS } from '../tower/workbench.ts';
import { PairingBench } from './pairing-bench.ts';

describe.each(KERNELS)('pairing of $name', (kernel) => {
  const { curve } = kernel;
  const { Fp12 } = curve.fields;
  const bench = new PairingBench(kernel);
  const { layout } = bench;
  const scalar = scalarArbitrary(curve);
  const g1 = (s: bigint): G1Point => (s === 0n ? curve.g1.ZERO : curve.g1.BASE.multiply(s));
  const g2 = (s: bigint): G2Point => (s === 0n ? curve.g2.ZERO : curve.g2.BASE.multiply(s));
  const flat = (values: readonly Fp12[]): bigint[][] => values.map((x) => coefficients(Fp12.create(x)));
  /** Π e(P, Q) by the reference, where pairs with infinity count as 1. */
  const reference = (pairs: readonly (readonly [G1Point, G2Point])[]): Fp12 => {
    const finite = pairs.filter(([p, q]) => !p.is0() && !q.is0());
    return finite.length === 0
      ? Fp12.ONE
      : curve.pair.pairingBatch(finite.map(([p, q]) => ({ g1: p, g2: q })));
  };

  it('exports what its description lists', () => {
    for (const [name, { parameters, result }] of Object.entries(PAIRING_EXPORTS)) {
      expect(bench.arity(name), name).toBe(parameters.length);
      if (result) expect(result.length, name).toBeGreaterThan(0);
    }
    expect(bench.exportNames().sort()).toEqual(Object.keys(PAIRING_EXPORTS).sort());
  });

  it('final exponentiation is the reference’s, of any element but 0', () => {
    const nonzero = fp12Of(curve).filter((x) => !Fp12.is0(x));
    fc.assert(
      fc.property(fc.tuple(nonzero, nonzero), (x) =>
        bench.scratch(() => {
          const [from, to] = [bench.fp12(x), bench.allocate(layout.gtPairBytes)];
          bench.call('finalExponentiation', to, from, 1);
          const expected = flat(x.map((y) => Fp12.finalExponentiate(y)));
          expect(flat(bench.readFp12(to))).toEqual(expected);
          bench.call('finalExponentiation', from, from, 1);
          expect(flat(bench.readFp12(from))).toEqual(expected);
        }),
      ),
      { numRuns: fuzzRuns(6) },
    );
  });

  it('two pairings, one a lane, in one product', () => {
    fc.assert(
      fc.property(fc.tuple(scalar, scalar, scalar, scalar), ([a, b, c, d]) =>
        bench.scratch(() => {
          const [p, q, r, s] = [g1(a), g1(b), g2(c), g2(d)];
          const [x] = bench.products([
            { pairs: [[p, r]] },
            {
              pairs: [
                [p, r],
                [q, s],
              ],
            },
          ]);
          expect(
            flat(
              bench.products([
                { pairs: [[p, r]] },
                {
                  pairs: [
                    [p, r],
                    [q, s],
                  ],
                },
              ]),
            ),
          ).toEqual(
            flat([
              reference([[p, r]]),
              reference([
                [p, r],
                [q, s],
              ]),
            ]),
          );
          // Bilinear: e(aG, cH) = e(G, H)^(ac).
          expect(coefficients(x as Fp12)).toEqual(
            coefficients(Fp12.pow(reference([[g1(1n), g2(1n)]]), (a * c) % curve.order)),
          );
        }),
      ),
      { numRuns: fuzzRuns(2) },
    );
  });

  it('many products that share lines, some lanes empty and some points infinite', () => {
    const small = fc.oneof({ weight: 1, arbitrary: fc.constant(0n) }, { weight: 4, arbitrary: scalar });
    const job = fc.record({
      points: fc.array(fc.tuple(small, small), { minLength: 1, maxLength: 3 }),
      products: fc.integer({ min: 1, max: 3 }),
      uses: fc.array(
        fc.record({
          source: fc.nat(100),
          products: fc.tuple(fc.nat(100), fc.nat(100)),
          scalars: fc.tuple(small, small),
          absent: fc.integer({ min: 0, max: 5 }),
        }),
        { maxLength: 5 },
      ),
    });
    fc.assert(
      fc.property(job, ({ points, products, uses }) =>
        bench.scratch(() => {
          const sources: MillerSource[] = points.map(([a, b], i) => {
            const at = [bench.g2(g2(a)), bench.g2(g2(b))] as const;
            return i === 1 ? { lines: bench.prepare(...at) } : { points: at };
          });
          const factors: [G1Point, G2Point][][] = Array.from({ length: products }, () => []);
          const millerUses: MillerUse[] = uses.map(({ source, products: wanted, scalars, absent }) => {
            const index = source % points.length;
            const targets: readonly [number, number] = [wanted[0] % products, wanted[1] % products];
            const at = [0, 1].map((lane) => {
              if (absent === lane) return 0;
              const p = g1(scalars[lane] as bigint);
              factors[targets[lane] as number]?.push([
                p,
                g2((points[index] as [bigint, bigint])[lane] as bigint),
              ]);
              return bench.g1(p);
            }) as [number, number];
            return { source: index, products: targets, points: at };
          });
          const values = bench.finish(bench.run({ products, sources, uses: millerUses }), products);
          expect(flat(values.slice(0, products))).toEqual(flat(factors.map(reference)));
          if (products % 2 === 1)
            expect(coefficients(values[products] as Fp12)).toEqual(coefficients(Fp12.ONE));
        }),
      ),
      { numRuns: fuzzRuns(4) },
    );
  });

  it('so many sources that lines are made step by step, prepared ones and infinities among them', () => {
    const few = fc.array(scalar, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(few, few, (as, bs) =>
        bench.scratch(() => {
          const p = [0n, ...as].map((a) => bench.g1(g1(a)));
          const q = [0n, ...bs].map((b) => bench.g2(g2(b)));
          const [a, b] = [
            [0n, ...as],
            [0n, ...bs],
          ];
          const lines = bench.prepare(q[1] as number, q[2] as number);
          /** Source i has the points i mod 4 and i + 1 mod 4; every fifth one is the prepared pair 1, 2. */
          const prepared = (i: number): boolean => i % 5 === 4;
          const pointsOf = (i: number): [number, number] => (prepared(i) ? [1, 2] : [i % 4, (i + 1) % 4]);
          const count = 2 * STREAM_FROM + 9;
          const sources = Array.from({ length: count }, (_, i): MillerSource => {
            const [s, t] = pointsOf(i);
            return prepared(i) ? { lines } : { points: [q[s] ?? 0, i === 2 ? 0 : (q[t] ?? 0)] };
          });
          const sums = [0n, 0n, 0n];
          const uses = Array.from({ length: 2 * count }, (_, k): MillerUse => {
            const source = k >> 1;
            const [s, t] = pointsOf(source);
            const [x, y] = [(k + 1) % 4, (k * k + 3) % 4];
            const [first, second] = [k % 3, (k + source) % 3];
            sums[first] = (sums[first] ?? 0n) + (a[x] ?? 0n) * (b[s] ?? 0n);
            if (source !== 2) sums[second] = (sums[second] ?? 0n) + (a[y] ?? 0n) * (b[t] ?? 0n);
            return { source, products: [first, second], points: [p[x] ?? 0, p[y] ?? 0] };
          });
          expect(sources.filter((s) => !('lines' in s)).length).toBeGreaterThanOrEqual(STREAM_FROM);
          const job = { products: 3, sources, uses };
          const base = reference([[g1(1n), g2(1n)]]);
          const expected = [...sums.map((s) => Fp12.pow(base, s % curve.order)), Fp12.ONE];
          expect(flat(bench.finish(bench.run(job), 3))).toEqual(flat(expected));
        }),
      ),
      { numRuns: fuzzRuns(2) },
    );
  });

  it('a product of pairings that cancel is 1: e(aG, bH)·e(−abG, H)', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) =>
        bench.scratch(() => {
          const ab = (a * b) % curve.order;
          const [x, y] = bench.products([
            {
              pairs: [
                [g1(a), g2(b)],
                [g1(ab).negate(), g2(1n)],
              ],
            },
            {
              pairs: [
                [g1(a), g2(b)],
                [g1(ab), g2(1n)],
              ],
            },
          ]);
          expect(coefficients(x as Fp12)).toEqual(coefficients(Fp12.ONE));
          expect(coefficients(y as Fp12)).not.toEqual(coefficients(Fp12.ONE));
        }),
      ),
      { numRuns: fuzzRuns(2) },
    );
  });

  it('no factors, no products', () => {
    bench.scratch(() => {
      const out = bench.run({ products: 2, sources: [], uses: [] });
      expect(flat(bench.readFp12(out))).toEqual(flat([Fp12.ONE, Fp12.ONE]));
      bench.run({ products: 0, sources: [], uses: [] });
      bench.call('finalExponentiation', out, out, 0);
      expect(flat(bench.readFp12(out))).toEqual(flat([Fp12.ONE, Fp12.ONE]));
    });
  });

  it('refuses a job with indices out of range', () => {
    const job = (use: Partial<MillerUse>): MillerJob => ({
      out: 0,
      products: 1,
      sources: [{ points: [0, 0] }],
      uses: [{ source: 0, products: [0, 0], points: [0, 0], ...use }],
    });
    expect(() => layout.encodeMillerJob(job({ source: 1 }), 0, 0)).toThrow(InternalError);
    expect(() => layout.encodeMillerJob(job({ products: [0, 1] }), 0, 0)).toThrow(InternalError);
    expect(layout.encodeMillerJob(job({}), 0, 0)).toHaveLength(layout.millerJobBytes(job({})));
  });
});
