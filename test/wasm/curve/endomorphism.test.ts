import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVES } from '../../../src/curve/curve.ts';
import { InternalError } from '../../../src/errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../../src/field/bytes.ts';
import { mod } from '../../../src/field/modular.ts';
import { createDecomposition, decompose } from '../../../src/wasm/curve/endomorphism.ts';
import { groupSpec } from '../../../src/wasm/curve/group-spec.ts';
import { BIAS_BYTES, partBytes, windowBias, windowCount } from '../../../src/wasm/curve/scalar-split.ts';
import { residue } from '../../curve/arbitraries.ts';
import { createBench, FORMS, GROUPS, type Point, scalarBytes } from './group-bench.ts';

const SPECS = CURVES.flatMap((curve) =>
  GROUPS.map((group) => ({ curve, group, title: `${curve.name} ${group}` })),
);

describe.each(SPECS)('endomorphisms: $title', ({ curve, group }) => {
  const spec = groupSpec(curve, group);
  const decompositions = [spec.decomposition, ...(spec.frobenius ? [spec.frobenius.decomposition] : [])];

  it('split any scalar into short parts', () => {
    fc.assert(
      fc.property(residue(curve.order), (scalar) => {
        for (const decomposition of decompositions) {
          const parts = decompose(decomposition, scalar);
          const sum = parts.reduce((all, part, j) => all + part * decomposition.eigenvalue ** BigInt(j), 0n);
          expect(mod(sum - scalar, curve.order)).toBe(0n);
          for (const part of parts) {
            expect(part < 0n ? -part : part).toBeLessThanOrEqual(decomposition.partBound);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('have eigenvalues that the reference confirms on random points', async () => {
    const bench = await createBench(curve, group, 'scalar');
    const [point] = bench.points(1, 30) as [Point];
    const p = curve.modulus;
    const { x, y } = point.toAffine();
    const scaled = point.multiplyUnsafe(spec.decomposition.eigenvalue).toAffine();
    const beta = (a: unknown): unknown =>
      typeof a === 'bigint'
        ? mod(a * spec.beta, p)
        : {
            c0: mod((a as { c0: bigint }).c0 * spec.beta, p),
            c1: mod((a as { c1: bigint }).c1 * spec.beta, p),
          };
    expect([scaled.x, scaled.y]).toEqual([beta(x), y]);
  });

  it('refuse a lattice that is not one of relations', () => {
    const { order, eigenvalue, rows } = spec.decomposition;
    const [first = [], second = []] = rows;
    expect(() => createDecomposition(order, eigenvalue + 1n, rows)).toThrow(InternalError);
    expect(() => createDecomposition(order, eigenvalue, [first, first])).toThrow(InternalError);
    expect(() => createDecomposition(order, eigenvalue, [first, second.map((e) => 2n * e)])).toThrow(
      InternalError,
    );
  });

  it.each(FORMS)('are split in the kernel as here (%s)', async (form) => {
    const { group: kernels, scalars: draw } = await createBench(curve, group, form);
    const { memory } = kernels.pool;
    const r = curve.order;
    const scalars = [0n, 1n, 2n, r - 1n, r >> 1n, spec.decomposition.eigenvalue, ...draw(100, 31)];
    for (const decomposition of decompositions) {
      const dimensions = decomposition.rows.length as 2 | 4;
      const length = partBytes(dimensions);
      const bias = windowBias(5, windowCount(decomposition.partBound, 5));
      const at = memory.alloc(scalars.length * dimensions * length);
      const [from, biasAt] = [memory.alloc(32 * scalars.length), memory.alloc(BIAS_BYTES)];
      const biasBytes = new Uint8Array(BIAS_BYTES);
      writeBigintLE(bias, biasBytes, 0, BIAS_BYTES);
      memory.write(from, scalarBytes(scalars));
      memory.write(biasAt, biasBytes);
      kernels.pool.call(`${spec.name}.split${dimensions}`, at, from, scalars.length, biasAt);
      scalars.forEach((scalar, i) => {
        decompose(decomposition, scalar).forEach((part, j) => {
          const bytes = memory.copyOut(at + (i * dimensions + j) * length, length);
          expect(bigintFromBytesLE(bytes)).toBe(part + bias);
        });
      });
    }
  });
});
