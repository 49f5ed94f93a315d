import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { workerScript } from '../../helpers/worker-script.ts';

const folder = new URL('../../../src/groth16/witness/', import.meta.url);

it('is what witness-loop.ts says', async () => {
  const text = workerScript(new URL('witness-loop.ts', folder), {
    test: 'test/groth16/witness/witness-loop-source.test.ts',
    constant: 'WITNESS_LOOP_SOURCE',
  });
  await expect(text).toMatchFileSnapshot(fileURLToPath(new URL('witness-loop-source.ts', folder)));
});
