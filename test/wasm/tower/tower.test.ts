/** The tower in every form on both curves against the reference arithmetic, element by element. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fp12 } from '../../../src/curve/curve.ts';
import { OptionError } from '../../../src/errors.ts';
import { ModuleBuilder } from '../../../src/wasm/emit/index.ts';
import { BLS12_381_FP, createForm } from '../../../src/wasm/field/index.ts';
import { cyclotomicPower, cyclotomicSqr } from '../../../src/wasm/tower/cyclotomic.ts';
import {
  fp2BatchInvert,
  fp2Dot,
  fp2Invert,
  fp2Mul,
  fp2MulFp,
  fp2MulXi,
  fp2Sqr,
  fp2Turn,
  fp2TurnXi,
} from '../../../src/wasm/tower/fp2-functions.ts';
import { fp6Invert, fp6Mul } from '../../../src/wasm/tower/fp6.ts';
import {
  fp12Conjugate,
  fp12Copy,
  fp12Equal,
  fp12Invert,
  fp12Mul,
  fp12One,
  fp12SwapLanes,
} from '../../../src/wasm/tower/fp12.ts';
import { halvesOne, halvesSqr, joinHalves } from '../../../src/wasm/tower/fp12-halves.ts';
import { fp12Frobenius } from '../../../src/wasm/tower/frobenius.ts';
import { Tower } from '../../../src/wasm/tower/tower.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { coefficients, cyclotomicOf, fp12Of, KERNELS, type Lanes, Workbench } from './workbench.ts';

/** Windows of every width, and digits of both signs. */
const EXPONENTS = [1n, 2n, 7n, 0xd201000000010000n, 4965661367192848881n, (1n << 64n) - 1n];

it('runs at least the scalar form', () => {
  expect(KERNELS.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['bn254 scalar', 'bls12-381 scalar']),
  );
});

describe.each(KERNELS)('tower of $name', ({ curve, form }) => {
  const { Fp2, Fp6, Fp12 } = curve.fields;
  const bench = new Workbench({ curve, form }, (module) => {
    const tower = new Tower(module, form, curve);
    return {
      fp2Mul: fp2Mul(tower),
      fp2Sqr: fp2Sqr(tower),
      turn: fp2Turn(tower),
      turnXi: fp2TurnXi(tower),
      dot2: fp2Dot(tower, 2),
      dot2Plus: fp2Dot(tower, 2, true),
      dot3: fp2Dot(tower, 3),
      fp2Invert: fp2Invert(tower),
      fp2BatchInvert: fp2BatchInvert(tower),
      mulXi: fp2MulXi(tower),
      mulFp: fp2MulFp(tower),
      fp6Mul: fp6Mul(tower),
      fp6Invert: fp6Invert(tower),
      mul: fp12Mul(tower),
      one: fp12One(tower),
      halvesOne: halvesOne(tower),
      halvesSqr: halvesSqr(tower),
      join: joinHalves(tower, false),
      joinConjugated: joinHalves(tower, true),
      invert: fp12Invert(tower),
      conjugate: fp12Conjugate(tower),
      copy: fp12Copy(tower),
      swap: fp12SwapLanes(tower),
      equal: fp12Equal(tower),
      frobenius1: fp12Frobenius(tower, 1),
      frobenius2: fp12Frobenius(tower, 2),
      frobenius3: fp12Frobenius(tower, 3),
      cyclotomicSqr: cyclotomicSqr(tower),
      ...Object.fromEntries(EXPONENTS.map((e) => [`power${e}`, cyclotomicPower(tower, e)])),
    };
  });
  const element = fp12Of(curve);
  const lanes = fc.tuple(element, element);
  const cyclotomic = fc.tuple(cyclotomicOf(curve), cyclotomicOf(curve));
  const { fpBytes, fp2Bytes, fp6Bytes, fp12Bytes } = new Tower(
    new ModuleBuilder({ minPages: 1, constantBase: 0 }),
    form,
    curve,
  );

  const expectLanes = (at: number, expected: Lanes<Fp12>): void => {
    expect(bench.readFp12(at).map(coefficients)).toEqual(expected.map((x) => coefficients(Fp12.create(x))));
  };

  const unary: Readonly<Record<string, (x: Fp12) => Fp12>> = {
    invert: (x) => (Fp12.is0(x) ? Fp12.ZERO : Fp12.inv(x)),
    conjugate: (x) => Fp12.conjugate(x),
    copy: (x) => x,
    frobenius1: (x) => Fp12.frobeniusMap(x, 1),
    frobenius2: (x) => Fp12.frobeniusMap(x, 2),
    frobenius3: (x) => Fp12.frobeniusMap(x, 3),
  };
  it.each(Object.entries(unary))('Fp12 %s, apart and in place', (name, reference) => {
    fc.assert(
      fc.property(lanes, (x) =>
        bench.scratch(() => {
          const [from, to] = [bench.fp12(x), bench.allocate(fp12Bytes)];
          const expected: Lanes<Fp12> = [reference(x[0]), reference(x[1])];
          bench.call(name, to, from);
          expectLanes(to, expected);
          expectLanes(from, x);
          bench.call(name, from, from);
          expectLanes(from, expected);
        }),
      ),
      { numRuns: fuzzRuns(20) },
    );
  });

  it('Fp12 with a half a lane: squares, joined two and two, the last with 1', () => {
    // Halves of one element: c0 in lane 0 of a pair of Fp6, c1 in lane 1.
    const halved = ({ c0, c1 }: Fp12): Lanes<Fp12> => [
      { c0, c1: Fp6.ZERO },
      { c0: c1, c1: Fp6.ZERO },
    ];
    fc.assert(
      fc.property(element, element, element, (x, y, z) =>
        bench.scratch(() => {
          const halves = bench.allocate(4 * fp6Bytes);
          for (const [i, value] of [x, y, z].entries()) {
            const at = bench.fp12(halved(value));
            bench.bytes.copyWithin(halves + i * fp6Bytes, at, at + fp6Bytes);
          }
          const out = bench.allocate(2 * fp12Bytes);
          bench.call('join', out, halves, 3);
          expectLanes(out, [x, y]);
          expectLanes(out + fp12Bytes, [z, Fp12.ONE]);
          for (let i = 0; i < 3; i++) bench.call('halvesSqr', halves + i * fp6Bytes);
          bench.call('join', out, halves, 3);
          expectLanes(out, [Fp12.sqr(x), Fp12.sqr(y)]);
          expectLanes(out + fp12Bytes, [Fp12.sqr(z), Fp12.ONE]);
          bench.call('joinConjugated', out, halves, 2);
          expectLanes(out, [Fp12.conjugate(Fp12.sqr(x)), Fp12.conjugate(Fp12.sqr(y))]);
          bench.call('halvesOne', halves);
          bench.call('join', out, halves, 1);
          expectLanes(out, [Fp12.ONE, Fp12.ONE]);
        }),
      ),
      { numRuns: fuzzRuns(20) },
    );
  });

  it('a chain of squarings with a half a lane keeps its range', () => {
    fc.assert(
      fc.property(element, (x) =>
        bench.scratch(() => {
          const at = bench.fp12([
            { c0: x.c0, c1: Fp6.ZERO },
            { c0: x.c1, c1: Fp6.ZERO },
          ]);
          for (let i = 0; i < 100; i++) bench.call('halvesSqr', at);
          const out = bench.allocate(fp12Bytes);
          bench.call('join', out, at, 1);
          expectLanes(out, [Fp12.pow(x, 1n << 100n), Fp12.ONE]);
        }),
      ),
      { numRuns: fuzzRuns(4) },
    );
  });

  it('Fp12 product, apart and over either factor', () => {
    fc.assert(
      fc.property(lanes, lanes, (x, y) => {
        const expected: Lanes<Fp12> = [Fp12.mul(x[0], y[0]), Fp12.mul(x[1], y[1])];
        for (const target of [0, 1, 2]) {
          bench.scratch(() => {
            const places = [bench.allocate(fp12Bytes), bench.fp12(x), bench.fp12(y)] as const;
            bench.call('mul', places[target] as number, places[1], places[2]);
            expectLanes(places[target] as number, expected);
          });
        }
      }),
      { numRuns: fuzzRuns(25) },
    );
  });

  it('an element times its inverse is 1, and a chain of 200 products keeps its range', () => {
    fc.assert(
      fc.property(cyclotomic, ([a, b]) =>
        bench.scratch(() => {
          const [x, y] = [bench.fp12([a, b]), bench.fp12([b, a])];
          for (let i = 0; i < 100; i++) {
            bench.call('mul', x, x, y);
            bench.call('mul', y, y, x);
          }
          let [s, t] = [a, b];
          for (let i = 0; i < 100; i++) {
            s = Fp12.mul(s, t);
            t = Fp12.mul(t, s);
          }
          expect(coefficients(bench.readFp12(x)[0])).toEqual(coefficients(s));
          const inverse = bench.allocate(fp12Bytes);
          bench.call('invert', inverse, x);
          bench.call('mul', x, x, inverse);
          expectLanes(x, [Fp12.ONE, Fp12.ONE]);
        }),
      ),
      { numRuns: fuzzRuns(1) },
    );
  });

  it('1, exchanged lanes and equality by lane', () => {
    fc.assert(
      fc.property(lanes, lanes, (x, y) =>
        bench.scratch(() => {
          const [a, b, one] = [bench.fp12(x), bench.fp12(y), bench.allocate(fp12Bytes)];
          const bits = (s: Lanes<Fp12>, t: Lanes<Fp12>): number =>
            (Fp12.eql(s[0], t[0]) ? 1 : 0) | (Fp12.eql(s[1], t[1]) ? 2 : 0);
          bench.call('one', one);
          expectLanes(one, [Fp12.ONE, Fp12.ONE]);
          expect(bench.call('equal', a, b)).toBe(bits(x, y));
          expect(bench.call('equal', a, bench.fp12([x[0], y[1]]))).toBe(1 | bits(x, y));
          expect(bench.call('equal', a, bench.fp12([y[0], x[1]]))).toBe(2 | bits(x, y));
          bench.call('swap', a, a);
          expectLanes(a, [x[1], x[0]]);
        }),
      ),
      { numRuns: fuzzRuns(20) },
    );
  });

  it('equality is one of values, not of representations, and sees every coefficient', () => {
    for (let k = 0; k < 12; k++) {
      bench.scratch(() => {
        const values = new Array<bigint>(12).fill(curve.modulus - 3n);
        const other = values.with(k, curve.modulus - 2n);
        const [a, b] = [bench.pairs([values, values]), bench.pairs([other, values])];
        expect(bench.call('equal', a, b)).toBe(2);
        // The same values by another way: x·1.
        const one = bench.allocate(fp12Bytes);
        bench.call('one', one);
        bench.call('mul', b, a, one);
        expect(bench.call('equal', a, b)).toBe(3);
      });
    }
  });

  it('cyclotomic squares and powers', () => {
    fc.assert(
      fc.property(cyclotomic, (x) =>
        bench.scratch(() => {
          const [from, to] = [bench.fp12(x), bench.allocate(fp12Bytes)];
          for (const e of EXPONENTS) {
            bench.call(`power${e}`, to, from);
            expectLanes(to, [Fp12.pow(x[0], e), Fp12.pow(x[1], e)]);
          }
          bench.call('cyclotomicSqr', to, from);
          expectLanes(to, [Fp12.sqr(x[0]), Fp12.sqr(x[1])]);
          bench.call('cyclotomicSqr', from, from);
          expectLanes(from, [Fp12.sqr(x[0]), Fp12.sqr(x[1])]);
        }),
      ),
      { numRuns: fuzzRuns(4) },
    );
  });

  it('Fp6 product and inverse', () => {
    fc.assert(
      fc.property(lanes, lanes, (x, y) =>
        bench.scratch(() => {
          const half = (z: Lanes<Fp12>): number => bench.fp12(z);
          const read = (at: number) =>
            bench.readPairs(at, 6).map((c) => coefficients({ c0: fromHalf(c), c1: Fp6.ZERO }).slice(0, 6));
          const fromHalf = (c: readonly bigint[]) => ({
            c0: { c0: c[0] ?? 0n, c1: c[1] ?? 0n },
            c1: { c0: c[2] ?? 0n, c1: c[3] ?? 0n },
            c2: { c0: c[4] ?? 0n, c1: c[5] ?? 0n },
          });
          const flat = (z: Fp12['c0']): bigint[] => coefficients({ c0: z, c1: Fp6.ZERO }).slice(0, 6);
          const [a, b, o] = [half(x), half(y), bench.allocate(fp6Bytes)];
          bench.call('fp6Mul', o, a, b);
          expect(read(o)).toEqual([0, 1].map((l) => flat(Fp6.mul((x[l] as Fp12).c0, (y[l] as Fp12).c0))));
          bench.call('fp6Invert', o, a);
          expect(read(o)).toEqual(
            [0, 1].map((l) => {
              const z = (x[l] as Fp12).c0;
              return flat(Fp6.is0(z) ? Fp6.ZERO : Fp6.inv(z));
            }),
          );
        }),
      ),
      { numRuns: fuzzRuns(15) },
    );
  });

  it('Fp2: sums of products, ξ, scalars, inverses alone and in batches', () => {
    fc.assert(
      fc.property(lanes, (x) =>
        bench.scratch(() => {
          const at = bench.fp12(x);
          const c = (lane: 0 | 1, k: number) => {
            const values = coefficients(x[lane]);
            return { c0: values[2 * k] ?? 0n, c1: values[2 * k + 1] ?? 0n };
          };
          const place = (k: number): number => at + k * fp2Bytes;
          const o = bench.allocate(fp2Bytes);
          const check = (reference: (lane: 0 | 1) => { c0: bigint; c1: bigint }): void => {
            const expected = ([0, 1] as const).map((lane) => {
              const { c0, c1 } = reference(lane);
              return [c0, c1];
            });
            expect(bench.readPairs(o, 2)).toEqual(expected);
          };
          bench.call('fp2Mul', o, place(0), place(1));
          check((l) => Fp2.mul(c(l, 0), c(l, 1)));
          bench.call('fp2Sqr', o, place(0));
          check((l) => Fp2.sqr(c(l, 0)));
          const turned = (k: number, xi = ''): number => {
            const to = bench.allocate(3 * fpBytes);
            bench.call(`turn${xi}`, to, place(k));
            return to;
          };
          const xi = (l: 0 | 1, k: number) => Fp2.mulByNonresidue(c(l, k));
          const sum = (...terms: { c0: bigint; c1: bigint }[]) => terms.reduce((s, t) => Fp2.add(s, t));
          const factors = [place(0), turned(1), place(2), turned(3, 'Xi')];
          const dot2 = (l: 0 | 1) => sum(Fp2.mul(c(l, 0), c(l, 1)), Fp2.mul(c(l, 2), xi(l, 3)));
          bench.call('dot2', o, ...factors);
          check(dot2);
          bench.call('dot2Plus', o, place(4), ...factors);
          check((l) => sum(dot2(l), c(l, 4)));
          bench.call('dot2Plus', o, o, ...factors);
          check((l) => sum(dot2(l), c(l, 4), dot2(l)));
          bench.call('dot3', o, ...factors, place(4), turned(5));
          check((l) => sum(dot2(l), Fp2.mul(c(l, 4), c(l, 5))));
          bench.call('mulXi', o, place(2));
          check((l) => Fp2.mulByNonresidue(c(l, 2)));
          bench.call('mulFp', o, place(2), at + fpBytes);
          check((l) => Fp2.mul(c(l, 2), c(l, 0).c1));
          const inverse = (l: 0 | 1, k: number) => (Fp2.is0(c(l, k)) ? Fp2.ZERO : Fp2.inv(c(l, k)));
          for (const k of [0, 3]) {
            bench.call('fp2Invert', o, place(k));
            check((l) => inverse(l, k));
          }
        }),
      ),
      { numRuns: fuzzRuns(15) },
    );
    fc.assert(
      fc.property(cyclotomic, fc.integer({ min: 0, max: 3 }), (x, zeroLanes) =>
        bench.scratch(() => {
          // The second element of lane 0 is 0, and comes out as 1.
          const values: Lanes<bigint[]> = [coefficients(x[0]).fill(0n, 2, 4), coefficients(x[1])];
          const [data, prefixes] = [bench.pairs(values), bench.allocate(6 * fp2Bytes)];
          bench.call('fp2BatchInvert', data, 6, prefixes, zeroLanes);
          const expected = values.map((lane, l) =>
            [0, 1, 2, 3, 4, 5].flatMap((k) => {
              if (zeroLanes & (1 << l)) return [0n, 0n];
              const z = { c0: lane[2 * k] ?? 0n, c1: lane[2 * k + 1] ?? 0n };
              const { c0, c1 } = Fp2.is0(z) ? Fp2.ONE : Fp2.inv(z);
              return [c0, c1];
            }),
          );
          expect(bench.readPairs(data, 12)).toEqual(expected);
        }),
      ),
      { numRuns: fuzzRuns(4) },
    );
  });

  it('refuses the form of another field', () => {
    const module = new ModuleBuilder({ minPages: 1, constantBase: 0 });
    const other = createForm(BLS12_381_FP, form.name);
    if (other.field.modulus === curve.modulus) return;
    expect(() => new Tower(module, other, curve)).toThrow(OptionError);
  });
});
