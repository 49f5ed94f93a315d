import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { workerScript } from '../../helpers/worker-script.ts';

const folder = new URL('../../../src/wasm/pool/', import.meta.url);

it('is what task-loop.ts says', async () => {
  const text = workerScript(new URL('task-loop.ts', folder), {
    test: 'test/wasm/pool/task-loop-source.test.ts',
    constant: 'TASK_LOOP_SOURCE',
  });
  await expect(text).toMatchFileSnapshot(fileURLToPath(new URL('task-loop-source.ts', folder)));
});
