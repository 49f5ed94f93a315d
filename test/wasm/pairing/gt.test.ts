/** The target group in every form on both curves against the reference arithmetic. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fp12 } from '../../../src/curve/curve.ts';
import { gtMultiExp, gtToBytes, isInGt } from '../../../src/curve/gt.ts';
import { compressGt } from '../../../src/curve/torus.ts';
import { writeBigintBE, writeBigintLE } from '../../../src/field/bytes.ts';
import { mod } from '../../../src/field/modular.ts';
import { pairingParameters } from '../../../src/wasm/pairing/parameters.ts';
import { DECOMPRESS_STATUS } from '../../../src/wasm/pairing/torus.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { scalarArbitrary } from '../../helpers/group-elements.ts';
import { coefficients, cyclotomicOf, fp12Of, KERNELS, type Lanes, negated } from '../tower/workbench.ts';
import { PairingBench } from './pairing-bench.ts';

const join = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

describe.each(KERNELS)('GT of $name', (kernel) => {
  const { curve } = kernel;
  const { Fp12 } = curve.fields;
  const bench = new PairingBench(kernel);
  const { layout } = bench;
  const generator = curve.pair.pairing(curve.g1.BASE, curve.g2.BASE);
  const flat = (values: readonly Fp12[]): bigint[][] => values.map((x) => coefficients(Fp12.create(x)));
  /** Elements of GT: powers of the generator, and the neutral one. */
  const member = fc
    .oneof(
      { weight: 6, arbitrary: scalarArbitrary(curve) },
      { weight: 1, arbitrary: fc.constantFrom(0n, 1n, curve.order - 1n) },
    )
    .map((s) => gtMultiExp(curve, [generator], [s]));
  const pairsOf = (values: readonly Fp12[]): number => {
    const lanes = Array.from(
      { length: Math.ceil(values.length / 2) },
      (_, i): Lanes<Fp12> => [values[2 * i] ?? Fp12.ONE, values[2 * i + 1] ?? Fp12.ONE],
    );
    const at = bench.allocate(Math.max(1, lanes.length) * layout.gtPairBytes);
    lanes.forEach((pair, i) => {
      const place = bench.fp12(pair);
      bench.bytes.copyWithin(at + i * layout.gtPairBytes, place, place + layout.gtPairBytes);
    });
    return at;
  };
  const readAll = (at: number, count: number): Fp12[] =>
    Array.from({ length: Math.ceil(count / 2) }, (_, i) => bench.readFp12(at + i * layout.gtPairBytes))
      .flat()
      .slice(0, count);

  it('memory form both ways', () => {
    fc.assert(
      fc.property(fc.array(fp12Of(curve), { minLength: 1, maxLength: 3 }), (half) =>
        bench.scratch(() => {
          const values = [...half, ...half.toReversed()];
          const bytes = join(values.map((x) => gtToBytes(curve, x)));
          const pairs = bench.allocate(half.length * layout.gtPairBytes);
          bench.call('gtFromBytes', pairs, bench.place(bytes), half.length);
          expect(flat(readAll(pairs, values.length))).toEqual(flat(values));
          const out = bench.allocate(bytes.length);
          bench.call('gtToBytes', out, pairs, half.length);
          expect(bench.bytes.slice(out, out + bytes.length)).toEqual(bytes);
        }),
      ),
      { numRuns: fuzzRuns(10) },
    );
  });

  it('finds the first coefficient that is not canonical', () => {
    const { fpBytes, modulus: p } = curve;
    const top = (1n << BigInt(8 * fpBytes)) - 1n;
    const words = fc.array(fc.constantFrom(0n, 1n, 2n ** 64n - 1n), {
      minLength: fpBytes / 8,
      maxLength: fpBytes / 8,
    });
    const value = fc.oneof(
      fc.bigInt({ min: 0n, max: p - 1n }),
      fc.constantFrom(0n, p - 1n, p, p + 1n, p - (1n << 64n), p + (1n << 64n), top),
      words.map((w) => w.reduce((sum, word) => (sum << 64n) | word, 0n)),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (values) =>
        bench.scratch(() => {
          const bytes = new Uint8Array(values.length * fpBytes);
          for (const [i, v] of values.entries()) writeBigintLE(v, bytes, i * fpBytes, fpBytes);
          expect(bench.call('fpNotCanonical', bench.place(bytes), values.length)).toBe(
            values.findIndex((v) => v >= p),
          );
        }),
      ),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('products, pairwise and of all', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fp12Of(curve), fp12Of(curve)), { maxLength: 6 }), (factors) =>
        bench.scratch(() => {
          const even = factors.slice(0, factors.length & ~1);
          const [left, right] = [pairsOf(even.map(([a]) => a)), pairsOf(even.map(([, b]) => b))];
          const out = pairsOf([]);
          const total = even.reduce((product, [, b]) => Fp12.mul(product, b), Fp12.ONE);
          bench.call('gtProduct', out, right, even.length / 2);
          expect(flat(readAll(out, 2))).toEqual(flat([total, total]));
          bench.call('gtMul', left, left, right, even.length / 2);
          expect(flat(readAll(left, even.length))).toEqual(flat(even.map(([a, b]) => Fp12.mul(a, b))));
        }),
      ),
      { numRuns: fuzzRuns(8) },
    );
  });

  it('membership: what the reference says, for members and for all kinds of others', () => {
    const { Fp2 } = curve.fields;
    const others = fc.oneof(
      fp12Of(curve),
      cyclotomicOf(curve),
      fc.constantFrom(Fp12.ZERO, Fp12.ONE, negated(curve, Fp12.ONE)),
      member.map((x) => negated(curve, x)),
      // A cube root of 1 is in a subfield, so it is not cyclotomic.
      member.map((x) =>
        Fp12.mul(
          x,
          Fp12.create({
            ...Fp12.ONE,
            c0: { ...Fp12.ONE.c0, c0: Fp2.pow(Fp2.NONRESIDUE, (curve.modulus ** 2n - 1n) / 3n) },
          }),
        ),
      ),
    );
    fc.assert(
      fc.property(member, others, fc.boolean(), (x, y, swap) =>
        bench.scratch(() => {
          const lanes: Lanes<Fp12> = swap ? [y, x] : [x, y];
          const expected = lanes.reduce((bits, z, lane) => bits | (isInGt(curve, z) ? 1 << lane : 0), 0);
          expect(expected & (swap ? 2 : 1)).not.toBe(0);
          expect(bench.call('gtMembers', bench.fp12(lanes))).toBe(expected);
        }),
      ),
      { numRuns: fuzzRuns(5) },
    );
  });

  it('membership: the exponents of the test leave nothing but elements of order r', () => {
    const { modulus: p, order: r } = curve;
    const { parameter, negative } = pairingParameters(curve);
    const u = negative ? -parameter : parameter;
    const cyclotomicOrder = p ** 4n - p ** 2n + 1n;
    const h = curve.name === 'bn254' ? 6n * u + 2n + p - p ** 2n + p ** 3n : p - u;
    const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
    expect(gcd(cyclotomicOrder, mod(h, cyclotomicOrder))).toBe(r);
  });

  it('products of powers, with the scalars at the edges', () => {
    const edge = fc.constantFrom(
      0n,
      1n,
      2n,
      7n,
      8n,
      9n,
      15n,
      16n,
      17n,
      31n,
      33n,
      curve.order - 1n,
      curve.order - 2n,
      8n ** 80n,
      2n ** 248n - 1n,
      2n ** 253n - 2n ** 247n,
    );
    const scalar = fc.oneof(scalarArbitrary(curve), edge);
    const check = (terms: readonly (readonly [Fp12, bigint])[]): void =>
      bench.scratch(() => {
        const count = Math.ceil(terms.length / 2);
        const scalars = new Uint8Array(64 * count);
        for (const [i, [, s]] of terms.entries()) writeBigintLE(s, scalars, 32 * i, 32);
        const out = pairsOf([]);
        const scratch = bench.allocate(layout.multiExpScratchBytes(count));
        bench.call('gtMultiExp', out, pairsOf(terms.map(([b]) => b)), bench.place(scalars), count, scratch);
        const expected = gtMultiExp(
          curve,
          terms.map(([b]) => b),
          terms.map(([, s]) => s),
        );
        expect(flat(readAll(out, 2))).toEqual(flat([expected, expected]));
      });
    check([]);
    check([0n, 1n, curve.order - 1n].map((s) => [generator, s]));
    fc.assert(fc.property(fc.array(fc.tuple(member, scalar), { minLength: 1, maxLength: 5 }), check), {
      numRuns: fuzzRuns(2),
    });
  });

  const compress = (values: readonly Fp12[]): { bytes: Uint8Array[]; bad: number } => {
    const count = Math.ceil(values.length / 2);
    const { gtCompressedBytes: size } = curve;
    const out = bench.allocate(2 * count * size);
    const scratch = bench.allocate(layout.torusScratchBytes(count));
    const bad = bench.call('gtCompress', out, pairsOf(values), count, scratch);
    return { bytes: values.map((_, i) => bench.bytes.slice(out + i * size, out + (i + 1) * size)), bad };
  };
  const decompress = (
    encoded: readonly Uint8Array[],
  ): { values: Fp12[]; statuses: number[]; bad: number } => {
    const one = compressGt(curve, Fp12.ONE);
    const count = Math.ceil(encoded.length / 2);
    const padded = join(encoded.length % 2 === 0 ? encoded : [...encoded, one]);
    const out = bench.allocate(count * layout.gtPairBytes);
    const [scratch, statuses] = [bench.allocate(layout.torusScratchBytes(count)), bench.allocate(8 * count)];
    const bad = bench.call('gtDecompress', out, bench.place(padded), count, scratch, statuses);
    return {
      values: readAll(out, encoded.length),
      statuses: encoded.map((_, i) => bench.readWord(statuses + 4 * i)),
      bad,
    };
  };

  it('torus encodings are the reference’s and are read back', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 5 }), (values) =>
        bench.scratch(() => {
          const { bytes, bad } = compress(values);
          expect(bad).toBe(-1);
          expect(bytes).toEqual(values.map((x) => compressGt(curve, x)));
          const read = decompress(bytes);
          expect(flat(read.values)).toEqual(flat(values));
          expect(read.statuses).toEqual(values.map(() => DECOMPRESS_STATUS.ok));
          expect(read.bad).toBe(-1);
        }),
      ),
      { numRuns: fuzzRuns(3) },
    );
  });

  it('refuses to compress what is outside GT for want of a part in w', () => {
    bench.scratch(() => {
      const minusOne = negated(curve, Fp12.ONE);
      expect(compress([generator, Fp12.ONE, minusOne, minusOne]).bad).toBe(2);
      expect(compress([generator, minusOne, generator]).bad).toBe(1);
      expect(compress([generator, Fp12.ONE, generator, Fp12.ONE]).bad).toBe(-1);
    });
  });

  it('refuses encodings that are not canonical or not of GT, each with its reason', () => {
    const { gtCompressedBytes: size, fpBytes, modulus: p } = curve;
    const valid = compressGt(curve, generator);
    const withCoefficient = (k: number, value: bigint, base = valid): Uint8Array => {
      const bytes = Uint8Array.from(base);
      writeBigintBE(value, bytes, k * fpBytes, fpBytes);
      return bytes;
    };
    const zeros = new Uint8Array(size);
    const oneWith = (at: number, byte: number): Uint8Array => compressGt(curve, Fp12.ONE).with(at, byte);
    const cases: readonly (readonly [Uint8Array, number])[] = [
      ...[0, 1, 2, 3, 4, 5].map((k) => [withCoefficient(k, p + BigInt(k)), k + 1] as const),
      [withCoefficient(2, p, withCoefficient(4, p)), 3],
      [zeros, DECOMPRESS_STATUS.minusOne],
      [oneWith(size - 1, 1), 1],
      [oneWith(0, 0x41), 1],
      [oneWith(0, 0x80), 1],
      [withCoefficient(3, 5n), DECOMPRESS_STATUS.notInGroup],
      [zeros.with(size - 1, 1), DECOMPRESS_STATUS.notInGroup],
      [zeros.with(0, 1), DECOMPRESS_STATUS.notInGroup],
    ];
    bench.scratch(() => {
      for (const [bytes, status] of cases) {
        for (const encoded of [
          [bytes, valid],
          [valid, bytes],
        ]) {
          const { values, statuses, bad } = decompress(encoded);
          const index = encoded.indexOf(bytes);
          expect(statuses).toEqual(encoded.map((_, i) => (i === index ? status : DECOMPRESS_STATUS.ok)));
          expect(bad).toBe(index);
          expect(coefficients(values[1 - index] as Fp12)).toEqual(coefficients(generator));
        }
      }
      const all = decompress(cases.map(([bytes]) => bytes));
      expect(all.statuses).toEqual(cases.map(([, status]) => status));
      expect(all.bad).toBe(0);
      expect(decompress([valid, valid, zeros, zeros]).bad).toBe(2);
    });
  });
});
