/** Backends for tests of what is built on them. */

import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { CURVES, type Curve } from '../../src/curve/curve.ts';

// One thread: test files run beside each other.
const backends: ReadonlyMap<Curve, Backend> = new Map(
  await Promise.all(
    CURVES.map(async (curve) => [curve, await createWasmBackend(curve, { threads: 1 })] as const),
  ),
);

/** The backend that people use by default, one per curve; tests of backends hold it against the reference. */
export function backendOf(curve: Curve): Backend {
  return backends.get(curve) as Backend;
}
