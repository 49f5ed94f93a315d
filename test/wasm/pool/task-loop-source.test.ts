import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const folder = new URL('../../../src/wasm/pool/', import.meta.url);

/** The file src/wasm/pool/task-loop-source.ts as it follows from task-loop.ts. */
function generate(): string {
  const source = readFileSync(new URL('task-loop.ts', folder), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ES2022,
      removeComments: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  const script = outputText.replace(/^export (?=const|function)/gm, '');
  expect(script).not.toMatch(/^(export|import)\b|[`\\]/m);
  return [
    '// Generated from task-loop.ts; `vitest run test/wasm/pool/task-loop-source.test.ts -u` writes it anew.',
    '',
    '/** The code of a worker, as a script that depends on nothing: what task-loop.ts says, and a call of its `listen`. */',
    `export const TASK_LOOP_SOURCE: string = \`${script}listen();`,
    '`;',
    '',
  ].join('\n');
}

it('is what task-loop.ts says', async () => {
  await expect(generate()).toMatchFileSnapshot(fileURLToPath(new URL('task-loop-source.ts', folder)));
});
