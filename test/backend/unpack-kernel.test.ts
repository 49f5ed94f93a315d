import { gzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { unpackKernel } from '../../src/backend/wasm/unpack-kernel.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 7);
const packed = gzipSync(bytes).toString('base64');

it('unpacks with what Node has', async () => {
  expect(new Uint8Array(await unpackKernel(packed))).toEqual(bytes);
});

it('unpacks with what browsers have', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  expect(await unpackKernel(packed)).toEqual(bytes);
});
