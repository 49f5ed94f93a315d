/** Points of the WebGPU backend that are on its device from the start. */

import type { Backend, BackendVector, Bases } from '../../src/backend/backend.ts';

/** Preparing brings points to the device, however few they are. */
async function place<V extends BackendVector>(points: V, prepare: (points: V) => Promise<Bases>): Promise<V> {
  (await prepare(points)).dispose();
  return points;
}

/** The backend, whose uploads leave points on the device: operations on few of them run there too. */
export function onDevice(backend: Backend): Backend {
  return {
    ...backend,
    uploadG1: async (...given) => place(await backend.uploadG1(...given), (p) => backend.prepareG1(p)),
    uploadG2: async (...given) => place(await backend.uploadG2(...given), (p) => backend.prepareG2(p)),
  };
}
