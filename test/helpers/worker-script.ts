/** Scripts of workers as they follow from the modules that they are written in. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect } from 'vitest';

/** The text of a file that exports, under `constant`, the module's code as a script with a call of its `listen`. */
export function workerScript(module: URL, { test, constant }: { test: string; constant: string }): string {
  const name = basename(fileURLToPath(module));
  const { outputText } = ts.transpileModule(readFileSync(module, 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ES2022,
      removeComments: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  const script = outputText.replace(/^export (?=const|function)/gm, '');
  expect(script).not.toMatch(/^(export|import)\b/m);
  const literal = script.replace(/[\\`]|\$\{/g, '\\$&');
  return [
    `// Generated from ${name}; \`vitest run ${test} -u\` writes it anew.`,
    '',
    `/** The code of a worker, as a script that depends on nothing: what ${name} says, and a call of its \`listen\`. */`,
    `export const ${constant}: string = \`${literal}listen();`,
    '`;',
    '',
  ].join('\n');
}
