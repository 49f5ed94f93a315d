import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { CURVES, type Fp12, type G1Point, type G2Point } from '../../src/curve/curve.ts';
import { gtToBytes } from '../../src/curve/gt.ts';
import { mod } from '../../src/field/modular.ts';
import { SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { GpuGroup } from '../../src/gpu/group.ts';
import { GpuMiller, type MillerOptions } from '../../src/gpu/miller.ts';
import type { MillerTerm } from '../../src/gpu/miller-plan.ts';
import { Pacer } from '../../src/gpu/pacer.ts';
import { type Segment, sliceSegments } from '../../src/gpu/segments.ts';
import { MULTIPLIERS } from '../../src/gpu/shader/field.ts';
import { drawShared } from '../helpers/seeded.ts';
import { GROUP_CASES, type GroupCase, type Point } from './group-case.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();
const COUNT = 256;

describe.each(CURVES)('Miller loops on the GPU, $name', (curve) => {
  const [side1, side2] = GROUP_CASES.filter((group) => group.curve === curve) as [GroupCase, GroupCase];
  const scalar = fc.noBias(fc.bigInt({ min: 1n, max: curve.order - 1n }));
  const [p0 = 1n, dp = 1n, q0 = 1n, dq = 1n, a = 1n] = drawShared(
    fc.array(scalar, { minLength: 5, maxLength: 5 }),
  );
  const ps = side1.walk(p0, dp, COUNT);
  const qs = side2.walk(q0, dq, COUNT);
  const logs = ps.map((_, i) => mod((p0 + dp * BigInt(i)) * (q0 + dq * BigInt(i)), curve.order));
  let g1: GpuGroup;
  let g2: GpuGroup;
  let miller: GpuMiller;
  let cpu: Backend;
  beforeAll(async () => {
    const pacer = new Pacer(device());
    g1 = await GpuGroup.create(device(), pacer, curve, 'g1', SOFTWARE_MULTIPLIER);
    g2 = await GpuGroup.create(device(), pacer, curve, 'g2', SOFTWARE_MULTIPLIER);
    miller = await GpuMiller.create(device(), pacer, curve, SOFTWARE_MULTIPLIER);
    cpu = await createWasmBackend(curve, { threads: 1 });
  });
  afterAll(() => cpu?.dispose());

  /** Products of pairings in GT, of terms given as points. */
  async function pairings(
    products: readonly (readonly (readonly [readonly Point[], readonly Point[]])[])[],
    options: MillerOptions & { readonly with?: GpuMiller } = {},
  ): Promise<Uint8Array> {
    const terms: MillerTerm[][] = [];
    for (const product of products) {
      const own: MillerTerm[] = [];
      for (const [left, right] of product) {
        own.push({ g1: await g1.upload(side1.encode(left)), g2: await g2.upload(side2.encode(right)) });
      }
      terms.push(own);
    }
    const bytes = await (options.with ?? miller).millerProducts(terms, options);
    release(terms.flat().flatMap((term) => [...term.g1, ...term.g2]));
    return cpu.finalExponentiation(bytes);
  }

  function release(segments: readonly Segment[]): void {
    for (const { buffer } of segments) buffer.release();
  }

  const generator = curve.pair.pairing(curve.g1.BASE, curve.g2.BASE);
  const one = gtToBytes(curve, curve.fields.Fp12.ONE);
  /** The pairing of the generators to a power, by the reference. */
  function power(log: bigint): Uint8Array {
    return gtToBytes(curve, curve.fields.Fp12.pow(generator, mod(log, curve.order)));
  }
  const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  const at = (bytes: Uint8Array, i: number): Uint8Array =>
    bytes.slice(i * curve.gtBytes, (i + 1) * curve.gtBytes);

  it('agrees with the reference pairing, pair by pair', async () => {
    const got = await pairings(ps.map((p, i) => [[[p], [qs[i] as Point]]]));
    for (const i of [0, 64, COUNT - 1]) {
      const expected = curve.pair.pairing(ps[i] as G1Point, qs[i] as unknown as G2Point);
      expect(at(got, i), `pair ${i}`).toEqual(gtToBytes(curve, expected));
    }
    // The logarithms of the pairings along the walks are quadratic: each is the last one times a ratio that grows by a constant.
    const { Fp12 } = curve.fields;
    const of = (log: bigint): Fp12 => Fp12.pow(generator, mod(log, curve.order));
    let [expected, ratio] = [of(p0 * q0), of(p0 * dq + dp * q0 + dp * dq)];
    const growth = of(2n * dp * dq);
    for (let i = 0; i < COUNT; i++) {
      expect(at(got, i), `pair ${i}`).toEqual(gtToBytes(curve, expected));
      expected = Fp12.mul(expected, ratio);
      ratio = Fp12.mul(ratio, growth);
    }
  });

  it('multiplies any number of pairs', async () => {
    const sizes = [0, 1, 2, 3, 7, 8, 9, 33];
    const got = await pairings(sizes.map((n) => [[ps.slice(0, n), qs.slice(0, n)]]));
    for (const [i, n] of sizes.entries())
      expect(at(got, i), `${n} pairs`).toEqual(power(sum(logs.slice(0, n))));
    expect(await pairings([])).toEqual(new Uint8Array());
    expect(await pairings([[], [[[], []]]])).toEqual(Uint8Array.from([...one, ...one]));
  });

  it('counts pairs with infinity as 1', async () => {
    const [p, q] = [ps[0] as Point, qs[0] as Point];
    const got = await pairings([
      [[[side1.zero], [q]]],
      [[[p], [side2.zero]]],
      [[[side1.zero], [side2.zero]]],
      [
        [
          [side1.zero, p, p, p],
          [q, side2.zero, q, side2.zero],
        ],
      ],
      [
        [[side1.base], [side2.base]],
        [[], []],
        [[p], [side2.zero]],
      ],
    ]);
    for (const i of [0, 1, 2]) expect(at(got, i)).toEqual(one);
    expect(at(got, 3)).toEqual(power(logs[0] as bigint));
    expect(at(got, 4)).toEqual(power(1n));
  });

  it('is bilinear', async () => {
    const [p, q] = [side1.base, ps[0] as Point];
    const [ap, aq] = [side1.base.multiplyUnsafe(a), side2.base.multiplyUnsafe(a)];
    const got = await pairings([
      [
        [[ap], [side2.base]],
        [[p.negate()], [aq]],
      ],
      [
        [
          [q, q.negate()],
          [aq, aq],
        ],
      ],
      [[[ap], [side2.base]]],
      [[[p], [aq]]],
      [[[p.negate()], [side2.base]]],
    ]);
    for (const i of [0, 1]) expect(at(got, i)).toEqual(one);
    for (const i of [2, 3]) expect(at(got, i)).toEqual(power(a));
    expect(at(got, 4)).toEqual(power(-1n));
  });

  it('gives the same for any plan, with points that stand in several products', async () => {
    const count = 15;
    const left = await g1.upload(side1.encode(ps.slice(0, count)));
    const right = await g2.upload(side2.encode(qs.slice(0, count)));
    const slice = (from: number, to: number, shift = 0): MillerTerm => ({
      g1: sliceSegments(left, from + shift, to + shift),
      g2: sliceSegments(right, from, to),
    });
    const products = [[slice(0, 14)], [slice(3, 9), slice(5, 14)], [], [slice(0, 14, 1)], [slice(7, 8)]];
    const log = (from: number, to: number, shift = 0): bigint => {
      let total = 0n;
      for (let i = from; i < to; i++) total += (p0 + dp * BigInt(i + shift)) * (q0 + dq * BigInt(i));
      return total;
    };
    const expected = [log(0, 14), log(3, 9) + log(5, 14), 0n, log(0, 14, 1), log(7, 8)].map(power);
    const widest = 4 * 6 * curve.fpBytes;
    for (const options of [
      { threads: 1 },
      { threads: 2 ** 16 },
      { lineBytes: 7 * widest },
      { threads: 40, lineBytes: 50 * widest },
    ]) {
      const seen: number[] = [];
      const bytes = await miller.millerProducts(products, { ...options, onProgress: (f) => seen.push(f) });
      const got = await cpu.finalExponentiation(bytes);
      for (const [i, value] of expected.entries()) expect(at(got, i), JSON.stringify(options)).toEqual(value);
      expect(seen).toEqual(seen.toSorted((x, y) => x - y));
      expect(seen.at(-1)).toBe(1);
    }
    release([...left, ...right]);
  });

  it.each(MULTIPLIERS.filter((name) => name !== SOFTWARE_MULTIPLIER))(
    'agrees with the multiplier %s',
    async (name) => {
      const other = await GpuMiller.create(device(), new Pacer(device()), curve, name);
      const got = await pairings(
        [[[ps.slice(0, 5), qs.slice(0, 5)]], [[[ps[5] as Point], [qs[5] as Point]]]],
        {
          with: other,
        },
      );
      expect(at(got, 0)).toEqual(power(sum(logs.slice(0, 5))));
      expect(at(got, 1)).toEqual(power(logs[5] as bigint));
    },
  );

  it('stops when it is aborted on the way', async () => {
    const left = await g1.upload(side1.encode(ps.slice(0, 2)));
    const right = await g2.upload(side2.encode(qs.slice(0, 2)));
    const controller = new AbortController();
    const seen: number[] = [];
    const run = miller.millerProducts([[{ g1: left, g2: right }]], {
      signal: controller.signal,
      onProgress: (fraction) => {
        seen.push(fraction);
        controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeLessThan(1);
    release([...left, ...right]);
  });
});
