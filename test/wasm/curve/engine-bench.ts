/** One group's kernels in one form, instantiated for tests, with what the reference arithmetic says about the same group. */

import { normalizeZ } from '@noble/curves/abstract/curve.js';
import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import fc from 'fast-check';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../../src/curve/compressed.ts';
import { CURVES, type Curve } from '../../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../../src/curve/points.ts';
import { joinBytes, writeBigintLE } from '../../../src/field/bytes.ts';
import { type EmitCurveOptions, emitCurve } from '../../../src/wasm/curve/emit-curve.ts';
import { BumpAllocator, type Exports, GroupEngine } from '../../../src/wasm/curve/group-engine.ts';
import { groupSpec } from '../../../src/wasm/curve/group-spec.ts';
import { ModuleBuilder } from '../../../src/wasm/emit/index.ts';
import { createForm } from '../../../src/wasm/field/create-form.ts';
import type { FormName } from '../../../src/wasm/field/field-form.ts';
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
  readonly group: GroupName;
  readonly engine: GroupEngine;
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

const PAGES = 512;
const STACK_TOP = 1 << 20;

/** Generates and instantiates a group. Small MSM batches make buckets span several of them. */
export function createBench(
  curve: Curve,
  group: GroupName,
  formName: FormName,
  options: EmitCurveOptions = { msmBatch: 32 },
): Bench {
  const spec = groupSpec(curve, group);
  const form = createForm(spec.field, formName);
  const module = new ModuleBuilder({ minPages: PAGES, constantBase: 1024, constantCapacity: 1 << 18 });
  emitCurve(module, form, spec, options);
  const memory = new WebAssembly.Memory({ initial: PAGES });
  const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
  const compiled = new WebAssembly.Module(module.toBytes() as BufferSource);
  const instance = new WebAssembly.Instance(compiled, { env: { memory, sp } });
  const allocator = new BumpAllocator(STACK_TOP, PAGES * 65536);
  const cons = (group === 'g1' ? curve.g1 : curve.g2) as unknown as WeierstrassPointCons<unknown>;
  const seedOf = (seed: number): number => (fuzzSeed() ?? 0) + seed;
  const scalars = (count: number, seed: number): bigint[] =>
    drawWith(
      fc.array(fc.bigInt({ min: 0n, max: curve.order - 1n }), { minLength: count, maxLength: count }),
      seedOf(seed),
    );
  const exports = instance.exports as unknown as Exports;
  return {
    curve,
    group,
    engine: new GroupEngine(spec, form, { exports, memory }, allocator, options),
    infinity: cons.ZERO,
    generator: cons.BASE,
    encode: (points) =>
      joinBytes(points.map((p) => (group === 'g1' ? g1ToBytes(curve, p) : g2ToBytes(curve, p)))),
    compress: (points) =>
      joinBytes(points.map((p) => (group === 'g1' ? compressG1(curve, p) : compressG2(curve, p)))),
    decompress: (bytes) => (group === 'g1' ? decompressG1(curve, bytes) : decompressG2(curve, bytes)),
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
