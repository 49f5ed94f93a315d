import { describe, expect, it } from 'vitest';
import { BN254 } from '../../../src/curve/curve.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../../src/field/bytes.ts';
import { modInverse } from '../../../src/field/modular.ts';
import { type Bench, CASES, createBench, type Point, scalarBytes } from './engine-bench.ts';

/** Points with every meeting that addition must handle, at even and odd places, then random ones. */
function meetings(bench: Bench, count: number): { left: Point[]; right: Point[] } {
  const [p, q] = bench.points(2, 1) as [Point, Point];
  const o = bench.infinity;
  const left = [p, p, o, p, o, p, p, p.negate(), bench.generator];
  const right = [q, p, p, o, o, p.negate(), q, p, bench.generator];
  return {
    left: [...left, ...bench.points(count, 2)],
    right: [...right, ...bench.points(count, 3)],
  };
}

describe.each(CASES)('point vectors: $title', ({ curve, group, form }) => {
  const bench = createBench(curve, group, form);
  const { engine } = bench;
  const many = curve === BN254 && group === 'g1' ? 256 : 32;

  it('come back as the bytes they were, infinity among them, for odd and even lengths', () => {
    for (const length of [0, 1, 2, 3, 10]) {
      const points = [...bench.points(length, 4)];
      if (length > 2) points[2] = bench.infinity;
      const bytes = bench.encode(points);
      expect(engine.export(engine.import(bytes))).toEqual(bytes);
    }
  });

  it('take and give the Montgomery form of zkey files', () => {
    const bytes = bench.encode([...bench.points(4, 5), bench.infinity]);
    const { byteLength, modulus } = engine.form.field;
    const radix = 1n << BigInt(8 * byteLength);
    const scaled = (factor: bigint): Uint8Array => {
      const out = new Uint8Array(bytes.length);
      for (let at = 0; at < bytes.length; at += byteLength) {
        const value = bigintFromBytesLE(bytes.subarray(at, at + byteLength));
        writeBigintLE((value * factor) % modulus, out, at, byteLength);
      }
      return out;
    };
    const file = scaled(radix);
    expect(engine.export(engine.import(file, 'montgomery'))).toEqual(bytes);
    expect(engine.export(engine.import(bytes), 'montgomery')).toEqual(file);
    const wrong = scaled(modInverse(radix, modulus));
    expect(engine.export(engine.import(wrong, 'montgomery'))).not.toEqual(bytes);
  });

  it('add whatever meets', () => {
    const { left, right } = meetings(bench, many);
    const sum = engine.add(engine.import(bench.encode(left)), engine.import(bench.encode(right)));
    expect(engine.export(sum)).toEqual(bench.encode(left.map((p, i) => p.add(right[i] as Point))));
  });

  it('double and negate', () => {
    const { left } = meetings(bench, 8);
    const vector = engine.import(bench.encode(left));
    expect(engine.export(engine.double(vector))).toEqual(bench.encode(left.map((p) => p.double())));
    expect(engine.export(engine.negate(vector))).toEqual(bench.encode(left.map((p) => p.negate())));
  });

  it('compare by value, not by representation', () => {
    const points = [bench.infinity, ...bench.points(6, 6)];
    const vector = engine.import(bench.encode(points));
    const again = engine.negate(engine.negate(vector));
    expect(engine.equal(vector, again)).toBe(true);
    for (let i = 0; i < points.length; i++) {
      const changed = points.map((p, k) => (k === i ? p.add(bench.generator) : p));
      expect(engine.equal(vector, engine.import(bench.encode(changed)))).toBe(false);
      const negated = engine.import(bench.encode(points.map((p, k) => (k === i ? p.negate() : p))));
      expect(engine.equal(vector, negated)).toBe(i === 0);
    }
    expect(engine.equal(vector, { at: vector.at, length: 3 })).toBe(false);
  });

  it('scale element by element', () => {
    const r = curve.order;
    const edges = [0n, 1n, 2n, 3n, r - 1n, r - 2n, r >> 1n, 1n << 127n, (1n << 128n) - 1n, 1n << 253n];
    const { eigenvalue } = engine.spec.decomposition;
    const scalars = [...edges, eigenvalue, r - eigenvalue, 5n, ...bench.scalars(many, 7)];
    const points = bench.points(scalars.length, 8);
    points[12] = bench.infinity;
    const scaled = engine.scale(engine.import(bench.encode(points)), scalarBytes(scalars));
    const expected = points.map((p, i) => p.multiplyUnsafe(scalars[i] as bigint));
    expect(engine.export(scaled)).toEqual(bench.encode(expected));
  });

  it('scale more points than fit into one strip, with short scalars', () => {
    const base = bench.points(8, 9);
    const points = Array.from({ length: 515 }, (_, i) => base[i % 8] as Point);
    const scalars = points.map((_, i) => BigInt(i % 16) << 120n);
    const table = base.map((p) => Array.from({ length: 16 }, (_, k) => p.multiplyUnsafe(BigInt(k) << 120n)));
    const scaled = engine.scale(engine.import(bench.encode(points)), scalarBytes(scalars));
    expect(engine.export(scaled)).toEqual(
      bench.encode(points.map((_, i) => table[i % 8]?.[i % 16] as Point)),
    );
  });

  it('fold by one scalar', () => {
    const { left, right } = meetings(bench, 4);
    const [l, r] = [engine.import(bench.encode(left)), engine.import(bench.encode(right))];
    for (const x of [0n, 1n, curve.order - 1n, ...bench.scalars(1, 10)]) {
      const expected = left.map((p, i) => p.add((right[i] as Point).multiplyUnsafe(x)));
      expect(engine.export(engine.fold(l, r, x))).toEqual(bench.encode(expected));
    }
  });
});
