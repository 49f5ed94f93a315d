import { expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import type { GpuEngine } from '../../src/backend/webgpu/engine.ts';
import { OwnVector, type VectorHome } from '../../src/backend/webgpu/hybrid-vector.ts';
import type { Segment } from '../../src/gpu/segments.ts';

it('is put on a device once, however many ask for it at the same time', async () => {
  let uploads = 0;
  const home: VectorHome = {
    cpu: {} as Backend,
    upload: async () => {
      uploads++;
      return [{ first: 0, length: 1 } as Segment];
    },
    download: () => Promise.reject(new Error('nothing is read')),
    onFault: () => {},
  };
  const vector = new OwnVector(home, 'fr', 1, { bytes: new Uint8Array(32) });
  const engine = {} as GpuEngine;
  const [one, two, view] = await Promise.all([
    vector.onDevice(engine),
    vector.onDevice(engine),
    vector.slice(0, 1).onDevice(engine),
  ]);
  expect(uploads).toBe(1);
  expect(two).toBe(one);
  expect(view).toEqual(one);
  // Another device is another matter.
  await vector.onDevice({} as GpuEngine);
  expect(uploads).toBe(2);
});
