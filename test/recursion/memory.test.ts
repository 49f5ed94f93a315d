import { describe, expect, it } from 'vitest';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { MemoryLimitError } from '../../src/errors.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { createDevSrs } from '../../src/recursion/srs/dev-srs.ts';
import { createMemoryLineStore } from '../../src/recursion/srs/line-store.ts';
import { syntheticBatch } from '../helpers/synthetic-groth16.ts';

const MIB = 2 ** 20;
const SLOTS = 512;
/** What code, stacks and scratch take whatever the size, and what comes on top of it for each slot. */
const FIXED_BYTES = 5 * MIB;
const SLOT_BYTES = 4096;

const { members: few } = syntheticBatch(BN254, {
  keys: [{ alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 13n] }],
  proofs: Array.from({ length: 4 }, (_, i) => ({ key: 0, inputs: [BigInt(i)], a: 3n + BigInt(i), b: 4n })),
});
const members = Array.from({ length: SLOTS }, (_, i) => few[i % few.length] as (typeof few)[0]);

describe('a fold in little memory', () => {
  it('needs no more than a little for each slot, with lines kept or without', async () => {
    const roomy = await createWasmBackend(BN254, { threads: 2 });
    const srs = await createDevSrs(roomy, SLOTS);
    const { bytes } = await aggregate(members, { srs, backend: roomy });
    await roomy.dispose();
    const memoryBytes = FIXED_BYTES + SLOTS * SLOT_BYTES;
    const tight = await createWasmBackend(BN254, { threads: 2, memoryBytes });
    expect((await aggregate(members, { srs, backend: tight })).bytes).toEqual(bytes);
    // The lines of this many slots would not fit: they are left out, and the composite is the same.
    expect(tight.lines?.byteLength(2 * SLOTS)).toBeGreaterThan(memoryBytes);
    const lines = createMemoryLineStore();
    expect((await aggregate(members, { srs, backend: tight, lines })).bytes).toEqual(bytes);
    await tight.dispose();
  });

  it('that does not fit ends in a typed error, and leaves the backend fit for a smaller one', async () => {
    const backend = await createWasmBackend(BN254, { threads: 2, memoryBytes: FIXED_BYTES });
    const srs = await createDevSrs(backend, 16);
    const large = await backend.uploadG1(srs.tau1.g1);
    const many = new Uint8Array(64 * 40_000);
    await expect(backend.uploadG1(many)).rejects.toThrow(MemoryLimitError);
    large.dispose();
    expect((await aggregate(few, { srs, backend })).composite.statement.capacity).toBe(4);
    await backend.dispose();
  });
});
