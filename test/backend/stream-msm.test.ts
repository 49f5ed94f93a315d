import { afterAll, describe, expect, it } from 'vitest';
import { type MsmChunk, streamMsm } from '../../src/backend/stream-msm.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { g1ToBytes, g2ToBytes } from '../../src/curve/points.ts';
import { LengthMismatchError, MemoryLimitError } from '../../src/errors.ts';
import { joinBytes, writeBigintLE } from '../../src/field/bytes.ts';

const MIB = 2 ** 20;
const BASES = 16;
const r = BN254.order;

/** `length` terms over 16 multiples of the generator, and their sum, which takes 16 multiplications. */
function terms(group: 'g1' | 'g2', length: number): MsmChunk & { sum: Uint8Array } {
  const encode = (k: bigint): Uint8Array =>
    group === 'g1'
      ? g1ToBytes(BN254, k === 0n ? BN254.g1.ZERO : BN254.g1.BASE.multiplyUnsafe(k))
      : g2ToBytes(BN254, k === 0n ? BN254.g2.ZERO : BN254.g2.BASE.multiplyUnsafe(k));
  const bases = Array.from({ length: BASES }, (_, i) => encode(BigInt(i)));
  const scalars = new Uint8Array(32 * length);
  let [state, total] = [12345n, 0n];
  for (let i = 0; i < length; i++) {
    state = (state * 6364136223846793005n + 1442695040888963407n) % r;
    writeBigintLE(state, scalars, 32 * i, 32);
    total = (total + state * BigInt(i % BASES)) % r;
  }
  return {
    points: joinBytes(Array.from({ length }, (_, i) => bases[i % BASES] as Uint8Array)),
    scalars,
    sum: encode(total),
  };
}

async function* cut({ points, scalars }: MsmChunk, size: number): AsyncGenerator<MsmChunk> {
  const pointBytes = (32 * points.length) / scalars.length;
  for (let at = 0; at < scalars.length / 32; at += size) {
    yield {
      points: points.subarray(at * pointBytes, (at + size) * pointBytes),
      scalars: scalars.subarray(at * 32, (at + size) * 32),
    };
  }
}

describe('streamed MSM', async () => {
  const small = await createWasmBackend(BN254, { threads: 1, memoryBytes: 16 * MIB });
  afterAll(() => small.dispose());

  it('sums what is too large for memory at once, and the error of the single sum names it', async () => {
    const all = terms('g1', 2 ** 17);
    await expect(small.uploadG1(all.points)).rejects.toThrow(MemoryLimitError);
    await expect(small.uploadG1(all.points)).rejects.toThrow(/streamMsm/);
    const seen: number[] = [];
    const options = { chunkLength: 2 ** 13, length: 2 ** 17, onProgress: (part: number) => seen.push(part) };
    expect(await streamMsm(small, 'g1', cut(all, 2 ** 16), options)).toEqual(all.sum);
    expect(seen).toHaveLength(16);
    expect(seen.at(-1)).toBe(1);
  });

  it.each(['g1', 'g2'] as const)(
    'takes chunks of any size, none at all, and cancelling sums in %s',
    async (group) => {
      const all = terms(group, 101);
      for (const size of [1, 7, 100, 101])
        expect(await streamMsm(small, group, cut(all, size))).toEqual(all.sum);
      const zero = new Uint8Array(all.sum.length);
      expect(await streamMsm(small, group, cut(terms(group, 0), 5))).toEqual(zero);
      const one = terms(group, 2);
      const opposite = new Uint8Array(32);
      writeBigintLE(r - 1n, opposite, 0, 32);
      const [plus, minus] = [new Uint8Array(32).fill(1, 0, 1), opposite];
      const twice = joinBytes([one.points.subarray(one.sum.length), one.points.subarray(one.sum.length)]);
      const cancelling = { points: twice, scalars: joinBytes([plus, minus]) };
      expect(await streamMsm(small, group, cut(cancelling, 1))).toEqual(zero);
    },
  );

  it('closes its source on errors, and refuses chunks that do not match', async () => {
    const all = terms('g1', 8);
    let closed = false;
    async function* bad(): AsyncGenerator<MsmChunk> {
      try {
        yield { points: all.points, scalars: all.scalars.subarray(32) };
        yield all;
      } finally {
        closed = true;
      }
    }
    await expect(streamMsm(small, 'g1', bad())).rejects.toThrow(LengthMismatchError);
    expect(closed).toBe(true);
    const controller = new AbortController();
    controller.abort();
    await expect(streamMsm(small, 'g1', cut(all, 2), { signal: controller.signal })).rejects.toThrow(
      /abort/i,
    );
    await expect(streamMsm(small, 'g1', cut(all, 2), { chunkLength: 0 })).rejects.toThrow(/chunkLength/);
  });
});
