/** One group's kernels in one form on a pool of their own, with what the reference arithmetic says about the same group. */

import { normalizeZ } from '@noble/curves/abstract/curve.js';
import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import fc from 'fast-check';
import { PooledGroup } from '../../../src/backend/wasm/pooled-group.ts';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../../src/curve/compressed.ts';
import { CURVES, type Curve } from '../../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../../src/curve/points.ts';
import { joinBytes, writeBigintLE } from '../../../src/field/bytes.ts';
import { emitCurve } from '../../../src/wasm/curve/emit-curve.ts';
import { groupSpec } from '../../../src/wasm/curve/group-spec.ts';
import { ModuleBuilder } from '../../../src/wasm/emit/index.ts';
import { createForm } from '../../../src/wasm/field/create-form.ts';
import type { FormName } from '../../../src/wasm/field/field-form.ts';
import { createPool } from '../../../src/wasm/pool/index.ts';
import { fuzzSeed } from '../../helpers/fuzz.ts';
import { drawWith } from '../../helpers/seeded.ts';

// biome-ignore lint/suspicious/noExplicitAny: points of G1 and G2 differ in their coordinates' type, which no test here looks at.
export type Point = WeierstrassPoint<any>;

export const FORMS: readonly FormName[] = ['fma', 'simd', 'scalar'];
export const GROUPS = ['g1', 'g2'] as const;
export type GroupName = (typeof GROUPS)[number];

/** Every group in every form. */
export const CASES: readonly { curve: Curve; group: GroupName; form: FormName; title: string }[] =
  CURVES.flatMap((curve) =>
    GROUPS.flatMap((group) =>
      FORMS.map((form) => ({ curve, group, form, title: `${curve.name} ${group} ${form}` })),
    ),
  );

export interface Bench {
  readonly curve: Curve;
  readonly name: GroupName;
  readonly group: PooledGroup<GroupName>;
  readonly infinity: Point;
  readonly generator: Point;
  /** Memory form of points. */
  encode(points: readonly Point[]): Uint8Array;
  compress(points: readonly Point[]): Uint8Array;
  decompress(bytes: Uint8Array): Point;
  /** Pseudo-random members of the group, affine. */
  points(count: number, seed: number): Point[];
  /** Pseudo-random scalars below the order. */
  scalars(count: number, seed: number): bigint[];
}

const CONSTANT_BASE = 1024;
const CONSTANT_CAPACITY = 1 << 18;

/** What may be chosen of a {@link Bench}. */
export interface BenchOptions {
  /** Small batches make buckets span several of them. */
  readonly msmBatch?: number;
  /** More than one thread: the pool must be disposed of. */
  readonly threads?: number;
}

/** Generates a group and puts it on a pool. */
export async function createBench(
  curve: Curve,
  name: GroupName,
  formName: FormName,
  { msmBatch = 32, threads = 1 }: BenchOptions = {},
): Promise<Bench> {
  const spec = groupSpec(curve, name);
  const form = createForm(spec.field, formName);
  const module = new ModuleBuilder({
    minPages: 1,
    constantBase: CONSTANT_BASE,
    constantCapacity: CONSTANT_CAPACITY,
  });
  emitCurve(module, form, spec, { msmBatch });
  const pool = await createPool({
    module: module.toBytes(),
    staticBytes: CONSTANT_BASE + CONSTANT_CAPACITY,
    threads,
  });
  const cons = (name === 'g1' ? curve.g1 : curve.g2) as unknown as WeierstrassPointCons<unknown>;
  const seedOf = (seed: number): number => (fuzzSeed() ?? 0) + seed;
  const scalars = (count: number, seed: number): bigint[] =>
    drawWith(
      fc.array(fc.bigInt({ min: 0n, max: curve.order - 1n }), { minLength: count, maxLength: count }),
      seedOf(seed),
    );
  return {
    curve,
    name,
    group: new PooledGroup(name, spec, form, pool, msmBatch),
    infinity: cons.ZERO,
    generator: cons.BASE,
    encode: (points) =>
      joinBytes(points.map((p) => (name === 'g1' ? g1ToBytes(curve, p) : g2ToBytes(curve, p)))),
    compress: (points) =>
      joinBytes(points.map((p) => (name === 'g1' ? compressG1(curve, p) : compressG2(curve, p)))),
    decompress: (bytes) => (name === 'g1' ? decompressG1(curve, bytes) : decompressG2(curve, bytes)),
    points: (count, seed) => {
      if (count === 0) return [];
      // An arithmetic progression from a random start by a random step: far cheaper than a multiplication each.
      const [start = 1n, step = 1n] = scalars(2, seed);
      const found: Point[] = [cons.BASE.multiplyUnsafe(start)];
      const difference = cons.BASE.multiplyUnsafe(step);
      while (found.length < count) found.push((found.at(-1) as Point).add(difference));
      return normalizeZ(cons, found as WeierstrassPoint<unknown>[]);
    },
    scalars,
  };
}

/** Scalars in memory form. */
export function scalarBytes(scalars: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(32 * scalars.length);
  scalars.forEach((scalar, i) => {
    writeBigintLE(scalar, bytes, 32 * i, 32);
  });
  return bytes;
}

/** Σ scalar_i·point_i by the reference arithmetic. */
export function referenceSum(bench: Bench, points: readonly Point[], scalars: readonly bigint[]): Point {
  return points.reduce(
    (sum, point, i) => sum.add(point.multiplyUnsafe(scalars[i] as bigint)),
    bench.infinity,
  );
}
