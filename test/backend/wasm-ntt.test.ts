/** Scalars and transforms on every form, curve and number of threads; wasm-backend.test.ts runs the whole contract on some. */

import { afterAll, beforeAll, describe } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BLS12_381, BN254 } from '../../src/curve/curve.ts';
import type { Fixture } from './contract/fixture.ts';
import { matrixContract } from './contract/matrices.ts';
import { nttContract } from './contract/ntt.ts';
import { scalarContract } from './contract/scalars.ts';

describe.each([
  { curve: BN254, form: 'fma', threads: 5 },
  { curve: BN254, form: 'simd', threads: 2 },
  { curve: BLS12_381, form: 'fma', threads: 1 },
  { curve: BLS12_381, form: 'scalar', threads: 3 },
] as const)('scalars on $curve.name, $form, $threads threads', ({ curve, form, threads }) => {
  let created: Backend | undefined;
  const fixture: Fixture = {
    curve,
    backend: () => {
      if (!created) throw new Error('the backend is made in a hook; use it inside tests');
      return created;
    },
  };
  beforeAll(async () => {
    created = await createWasmBackend(curve, { form, threads });
  });
  afterAll(() => created?.dispose());

  scalarContract(fixture);
  nttContract(fixture);
  matrixContract(fixture);
});
