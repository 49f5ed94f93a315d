import { describe, expect, it } from 'vitest';
import { PooledGroup } from '../../src/backend/wasm/pooled-group.ts';
import { pooledMsm } from '../../src/backend/wasm/pooled-msm.ts';
import { writeBigintLE } from '../../src/field/bytes.ts';
import { mod } from '../../src/field/modular.ts';
import { emitCurve } from '../../src/wasm/curve/emit-curve.ts';
import { ModuleBuilder } from '../../src/wasm/emit/index.ts';
import { createForm } from '../../src/wasm/field/create-form.ts';
import { createPool } from '../../src/wasm/pool/index.ts';
import { FORMS, scalarBytes } from '../wasm/curve/group-bench.ts';
import { GRUMPKIN, GRUMPKIN_SPEC } from '../wasm/curve/grumpkin.ts';

type Point = typeof GRUMPKIN.BASE;

function encode(points: readonly Point[]): Uint8Array {
  const bytes = new Uint8Array(64 * points.length);
  points.forEach((point, i) => {
    if (point.is0()) return;
    const { x, y } = point.toAffine();
    writeBigintLE(x, bytes, 64 * i, 32);
    writeBigintLE(y, bytes, 64 * i + 32, 32);
  });
  return bytes;
}

describe.each(FORMS)('MSM on a curve of another field: Grumpkin, %s', (formName) => {
  it('agrees with the reference', async () => {
    const form = createForm(GRUMPKIN_SPEC.field, formName);
    const module = new ModuleBuilder({ minPages: 1, constantBase: 1024, constantCapacity: 1 << 16 });
    emitCurve(module, form, GRUMPKIN_SPEC, { msmBatch: 32, msmOnly: true });
    const pool = await createPool({ module: module.toBytes(), staticBytes: 1024 + (1 << 16), threads: 1 });
    const group = new PooledGroup('g1', GRUMPKIN_SPEC, form, pool, 32);
    const n = GRUMPKIN_SPEC.order;
    const points = Array.from({ length: 257 }, (_, i) =>
      i % 50 === 3 ? GRUMPKIN.ZERO : GRUMPKIN.BASE.multiplyUnsafe(BigInt(i * i + 1)),
    );
    // Pseudo-random, with the extremes.
    let state = 7n;
    const scalars = points.map((_, i) => {
      state = mod(state * state + 11n * state + BigInt(i), n);
      return [0n, 1n, n - 1n][i % 60] ?? state;
    });
    for (const length of [0, 1, 2, 15, 16, 17, 63, 64, 65, 257]) {
      const [own, factors] = [points.slice(0, length), scalars.slice(0, length)];
      const expected = own.reduce(
        (sum, point, i) => sum.add(point.multiplyUnsafe(factors[i] as bigint)),
        GRUMPKIN.ZERO,
      );
      const bases = await group.upload(encode(own));
      const sum = await pool.memory.withArena((arena) =>
        pooledMsm(group, [{ bases, scalars: arena.copyIn(scalarBytes(factors)) }], {}),
      );
      expect(sum).toEqual(encode([expected]));
      bases.dispose();
    }
    await pool.dispose();
  });
});
