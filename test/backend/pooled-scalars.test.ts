/** What vectors of scalars and transforms leave behind in linear memory: nothing that is not theirs, and no secrets. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKernels } from '../../src/backend/wasm/kernels.ts';
import { PooledNtt } from '../../src/backend/wasm/pooled-ntt.ts';
import { PooledScalars } from '../../src/backend/wasm/pooled-scalars.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { AbortedError, MemoryLimitError } from '../../src/errors.ts';
import { createPool, type WasmPool } from '../../src/wasm/pool/index.ts';

const MAXIMUM_BYTES = 20 << 20;

describe('scalars in linear memory', () => {
  let pool: WasmPool;
  let scalars: PooledScalars;
  let transforms: PooledNtt;
  beforeEach(async () => {
    const kernels = await loadKernels(BN254, 'fma');
    pool = await createPool({
      module: kernels.bytes,
      staticBytes: kernels.staticBytes,
      threads: 2,
      memory: { maximumBytes: MAXIMUM_BYTES },
    });
    scalars = new PooledScalars(kernels, pool);
    transforms = new PooledNtt(scalars);
  });
  afterEach(() => pool.dispose());

  it('a transform leaves its result and nothing else', async () => {
    const vector = await scalars.powers(3n, 2 ** 12, 1n);
    const before = pool.memory.stats().pieces;
    const result = await transforms.transform(vector, { shift: 5n });
    expect(pool.memory.stats().pieces).toBe(before + 1);
    result.dispose();
    result.dispose();
    vector.dispose();
    expect(pool.memory.stats().pieces).toBe(0);
  });

  it('one that is cancelled leaves nothing', async () => {
    const vector = await scalars.powers(3n, 2 ** 16, 1n);
    const before = pool.memory.stats();
    const controller = new AbortController();
    const running = transforms.transform(vector, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toBeInstanceOf(AbortedError);
    expect(pool.memory.stats().usedBytes).toBe(before.usedBytes);
  });

  it('one that does not fit says so, leaves nothing, and smaller ones go on', async () => {
    const vector = await scalars.powers(3n, 2 ** 18, 1n);
    const before = pool.memory.stats().usedBytes;
    const refused = transforms.transform(vector, {});
    await expect(refused).rejects.toBeInstanceOf(MemoryLimitError);
    await expect(refused).rejects.toMatchObject({ code: 'MEMORY_LIMIT' });
    expect(pool.memory.stats().usedBytes).toBe(before);
    const part = await transforms.transform(vector.slice(0, 2 ** 14), {});
    expect(part.length).toBe(2 ** 14);
  });

  it('uploads, reads and products leave no copy, and a vector is overwritten when it is disposed of', async () => {
    const values = Array.from({ length: 300 }, (_, i) => BN254.order - 3n ** BigInt(i % 160) - BigInt(i));
    const bytes = packScalars(BN254, values);
    const start = pool.memory.alloc(1);
    const vector = await scalars.upload(bytes);
    const square = await scalars.mul(vector, vector, {});
    expect(await scalars.read(vector)).toEqual(bytes);
    const [first, second] = [vector.at, square.at];
    const length = vector.length * vector.elementBytes;
    vector.dispose();
    square.dispose();
    for (const at of [first, second])
      expect(pool.memory.copyOut(at, length).every((byte) => byte === 0)).toBe(true);
    const whole = Buffer.from(pool.memory.copyOut(0, pool.memory.stats().currentBytes));
    for (const index of [0, 1, 150, 299]) {
      expect(
        whole.includes(Buffer.from(bytes.subarray(32 * index, 32 * index + 32))),
        `scalar ${index}`,
      ).toBe(false);
    }
    pool.memory.free(start);
  });

  it('a vector is disposed of after its pool without a word', async () => {
    const vector = await scalars.powers(3n, 8, 1n);
    await pool.dispose();
    expect(() => vector.dispose()).not.toThrow();
  });
});
