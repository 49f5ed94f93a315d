import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { bigintFromBytesLE, joinBytes, writeBigintLE } from '../../src/field/bytes.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { MULTIPLIERS, type MultiplierName } from '../../src/gpu/shader/field.ts';
import { baseField, fromMontgomery, toMontgomery } from '../../src/gpu/shader/field-spec.ts';
import { groupLibrary } from '../../src/gpu/shader/libraries.ts';
import type { GroupName } from '../../src/gpu/shader/point-programs.ts';
import { drawShared } from '../helpers/seeded.ts';
import { runKernel, useDevice } from './test-device.ts';

// biome-ignore lint/suspicious/noExplicitAny: points of G1 and G2 differ in their coordinates' type, which no test here looks at.
type Point = WeierstrassPoint<any>;

/** Kinds of sums: what the kernel computes from a and b. */
const SUMS: readonly { readonly title: string; readonly of: (a: Point, b: Point) => Point }[] = [
  { title: 'a + b, b affine', of: (a, b) => a.add(b) },
  { title: '2a', of: (a) => a.double() },
  { title: '2a + 2b over different denominators', of: (a, b) => a.double().add(b.double()) },
  { title: '2a + b, b affine', of: (a, b) => a.double().add(b) },
];

function sumKernel(curve: Curve, group: GroupName, multiplier: MultiplierName): Kernel {
  const code = `${groupLibrary(curve, group, multiplier).text}
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<u32>>;
@group(0) @binding(4) var<uniform> parameters: vec4<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= parameters.x) {
    return;
  }
  // b or 2b.
  var doubled: array<vec4<u32>, POINT_SIZE>;
  for (var stage = 0u; stage < 6u; stage++) {
    var start = HALTED;
    if (stage == 0u || stage == 2u) {
      for (var k = 0u; k < POINT_SIZE; k++) {
        doubled[k] = registers[ACCUMULATOR + k];
        var value = vec4<u32>();
        if (k < AFFINE_SIZE) {
          if (stage == 0u) {
            value = b[AFFINE_SIZE * i + k];
          } else {
            value = a[AFFINE_SIZE * i + k];
          }
        }
        registers[OPERAND + k] = value;
      }
      set_infinity();
      start = MIXED;
    } else if ((stage == 1u && parameters.y == 2u) || (stage == 3u && parameters.y != 0u)) {
      start = DOUBLE;
    } else if (stage == 4u && parameters.y != 1u) {
      for (var k = 0u; k < POINT_SIZE; k++) {
        if (parameters.y == 2u) {
          registers[OPERAND + k] = doubled[k];
        } else if (k < AFFINE_SIZE) {
          registers[OPERAND + k] = b[AFFINE_SIZE * i + k];
        }
      }
      if (parameters.y == 2u) {
        start = FULL;
      } else {
        start = MIXED;
      }
    } else if (stage == 5u) {
      start = AFFINE;
    }
    run(start);
  }
  for (var k = 0u; k < AFFINE_SIZE; k++) {
    out[AFFINE_SIZE * i + k] = registers[ACCUMULATOR + k];
  }
}
`;
  return {
    name: `test ${group} ${multiplier}`,
    code,
    workgroupSize: 64,
    bindings: ['uniform', 'read', 'read', 'write', 'uniform'],
  };
}

const device = useDevice();
const GROUPS = CURVES.flatMap((curve) =>
  (['g1', 'g2'] as const).map((group) => ({ curve, group, title: `${curve.name} ${group}` })),
);

describe.each(GROUPS)('$title on the GPU', ({ curve, group }) => {
  const field = baseField(curve);
  const cons = (group === 'g1' ? curve.g1 : curve.g2) as unknown as { BASE: Point; ZERO: Point };
  const encode = (points: readonly Point[]): Uint8Array =>
    joinBytes(points.map((p) => (group === 'g1' ? g1ToBytes(curve, p) : g2ToBytes(curve, p))));
  const convert = (bytes: Uint8Array, each: (value: bigint) => bigint): Uint8Array => {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += curve.fpBytes)
      writeBigintLE(each(bigintFromBytesLE(bytes.subarray(at, at + curve.fpBytes))), out, at, curve.fpBytes);
    return out;
  };
  const toDevice = (points: readonly Point[]): Uint8Array =>
    convert(encode(points), (v) => toMontgomery(field, v));

  // 256 random pairs (neighbours of two random walks), then all pairs of a few points, their opposites and infinity.
  const scalar = fc.noBias(fc.bigInt({ min: 1n, max: curve.order - 1n }));
  const seeds = drawShared(fc.array(scalar, { minLength: 4, maxLength: 4 }));
  const [p0, step0, p1, step1] = seeds.map((s) => cons.BASE.multiplyUnsafe(s)) as [
    Point,
    Point,
    Point,
    Point,
  ];
  const left: Point[] = [p0];
  const right: Point[] = [p1];
  while (left.length < 256) {
    left.push((left.at(-1) as Point).add(step0));
    right.push((right.at(-1) as Point).add(step1));
  }
  const special = [cons.ZERO, p0, p0.negate(), p0.double(), p1, p0.double().negate()];
  for (const a of special) for (const b of special) [left.push(a), right.push(b)];
  const [a, b] = [toDevice(left), toDevice(right)];
  const expected = SUMS.map(({ of }) => encode(left.map((p, i) => of(p, right[i] as Point))));
  const size = encode([cons.ZERO]).length;

  it.each(MULTIPLIERS)(
    'adds and doubles as the reference does, with the multiplier %s',
    async (multiplier) => {
      for (const [k, { title }] of SUMS.entries()) {
        const out = await runKernel(device(), {
          kernel: sumKernel(curve, group, multiplier),
          program: groupLibrary(curve, group, multiplier).programs.assembler.words(),
          inputs: [a, b],
          outputBytes: a.length,
          parameters: [left.length, k],
          threads: left.length,
        });
        const got = convert(out, (v) => fromMontgomery(field, v));
        for (let i = 0; i < left.length; i++) {
          const [from, to] = [i * size, (i + 1) * size];
          expect(got.subarray(from, to), `${title}, element ${i}`).toEqual(expected[k]?.subarray(from, to));
        }
      }
    },
  );
});
