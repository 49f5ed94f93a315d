import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { checkImports, importProblems } from '../../scripts/check-imports.ts';

type Tree = Readonly<Record<string, string>>;

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const rules: readonly string[] = createRequire(import.meta.url)(
  '../../.dependency-cruiser.cjs',
).forbidden.map((rule: { name: string }) => rule.name);

/** Source of a module that imports `specifiers` for their effect. */
function importing(...specifiers: readonly string[]): string {
  return [...specifiers.map((specifier) => `import '${specifier}';`), 'export {};', ''].join('\n');
}

/** One module a layer, each importing from the layers below it: nothing here may be refused. */
const lawful: Tree = {
  'package.json': JSON.stringify({
    type: 'module',
    dependencies: { runtime: '1.0.0' },
    devDependencies: { snarkjs: '1.0.0', tester: '1.0.0' },
  }),
  ...Object.fromEntries(
    ['runtime', 'tester', 'stranger', 'snarkjs'].flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, 'exports.x = 1;\n'],
    ]),
  ),
  'test/helper.ts': importing(),
  'src/errors.ts': importing(),
  'src/field/base.ts': importing('../errors.ts', 'runtime'),
  'src/curve/base.ts': importing('../errors.ts', '../field/base.ts'),
  'src/wasm/base.ts': importing('../curve/base.ts'),
  'src/gpu/base.ts': importing('../wasm/base.ts'),
  'src/ntt/base.ts': importing('../gpu/base.ts'),
  'src/msm/base.ts': importing('../curve/base.ts', '../ntt/base.ts', '../wasm/base.ts', '../gpu/base.ts'),
  'src/backend/base.ts': importing('../msm/base.ts', '../errors.ts'),
  'src/groth16/base.ts': importing('../backend/base.ts', '../field/base.ts'),
  'src/recursion/base.ts': importing('../groth16/base.ts', '../curve/base.ts'),
  'src/coprocessors/base.ts': importing('../groth16/base.ts', '../recursion/base.ts'),
  'src/drop-in/base.ts': importing('../coprocessors/base.ts', '../groth16/base.ts'),
  'src/index.ts': importing(
    './drop-in/base.ts',
    './recursion/base.ts',
    './coprocessors/base.ts',
    './errors.ts',
  ),
  'src/node/index.ts': importing('../index.ts', 'node:fs'),
  'src/cli/main.ts': importing('../index.ts', '../node/index.ts', 'node:process'),
};

interface Violation {
  readonly rule: string;
  readonly from: string;
  /** The module that must not be imported, or a pattern of its path. */
  readonly to: unknown;
}

/** For every layer but the last: a module of it that imports one module of each layer above. */
function upwardCases(): { title: string; files: Tree; expected: readonly Violation[] }[] {
  const layers: readonly (readonly [rule: string, importer: string, targets: readonly string[]])[] = [
    ['errors', 'src/errors.ts', []],
    ['field', 'src/field/astray.ts', ['src/field/base.ts']],
    ['curve', 'src/curve/astray.ts', ['src/curve/base.ts']],
    [
      'kernels',
      'src/msm/astray.ts',
      ['src/msm/base.ts', 'src/ntt/base.ts', 'src/wasm/base.ts', 'src/gpu/base.ts'],
    ],
    ['backend', 'src/backend/astray.ts', ['src/backend/base.ts']],
    ['groth16', 'src/groth16/astray.ts', ['src/groth16/base.ts']],
    ['proof-systems', 'src/recursion/astray.ts', ['src/recursion/base.ts', 'src/coprocessors/base.ts']],
    ['drop-in', 'src/drop-in/astray.ts', ['src/drop-in/base.ts']],
    ['entry-points', 'src/node/astray.ts', ['src/index.ts', 'src/node/index.ts']],
    ['cli', '', ['src/cli/main.ts']],
  ];
  return layers.slice(0, -1).map(([layer, importer], rank) => {
    const targets = layers.slice(rank + 1).flatMap(([, , modules]) => modules);
    const up = importer === 'src/errors.ts' ? './' : '../';
    const rule = `${layer}-imports-upward`;
    return {
      title: `${layer} imports a layer above it`,
      files: { [importer]: importing(...targets.map((target) => target.replace('src/', up))) },
      expected: targets.map((to) => ({ rule, from: importer, to })),
    };
  });
}

const otherCases: { title: string; files: Tree; expected: readonly Violation[] }[] = [
  {
    title: 'recursion imports a coprocessor',
    files: { 'src/recursion/astray.ts': importing('../coprocessors/base.ts') },
    expected: [
      {
        rule: 'recursion-knows-no-coprocessor',
        from: 'src/recursion/astray.ts',
        to: 'src/coprocessors/base.ts',
      },
    ],
  },
  {
    title: 'the browser entry point imports code for Node',
    files: { 'src/index.ts': importing('./node/files.ts'), 'src/node/files.ts': importing() },
    expected: [{ rule: 'browser-entry-reaches-node-code', from: 'src/index.ts', to: 'src/node/files.ts' }],
  },
  {
    title: 'a folder that has no layer imports and is imported',
    files: {
      'src/utils/astray.ts': importing('../errors.ts'),
      'src/cli/astray.ts': importing('../utils/astray.ts'),
    },
    expected: [
      { rule: 'folder-without-a-layer', from: 'src/utils/astray.ts', to: 'src/errors.ts' },
      {
        rule: 'import-from-a-folder-without-a-layer',
        from: 'src/cli/astray.ts',
        to: 'src/utils/astray.ts',
      },
    ],
  },
  {
    title: 'browser code imports Node built-ins, in every form of an import',
    files: {
      'src/field/prefixed.ts': importing('node:fs'),
      'src/field/bare.ts': importing('fs'),
      'src/curve/type-only.ts': "import type { Stats } from 'node:fs';\nexport type S = Stats;\n",
      'src/gpu/re-export.ts': "export { join } from 'node:path';\n",
      'src/index.ts': "export const worker = (): Promise<unknown> => import('node:worker_threads');\n",
    },
    expected: [
      'src/field/prefixed.ts',
      'src/field/bare.ts',
      'src/curve/type-only.ts',
      'src/gpu/re-export.ts',
      'src/index.ts',
    ].map((from) => ({ rule: 'node-builtin-outside-node-code', from, to: expect.any(String) })),
  },
  {
    title: 'src imports snarkjs and its parts, installed or not, also from the command line',
    files: {
      'src/groth16/astray.ts': importing('snarkjs'),
      'src/curve/astray.ts': importing('ffjavascript'),
      'src/wasm/astray.ts': importing('wasmcurves/build/bn128_wasm.js'),
      'src/cli/circomlib.ts': importing('circomlib/circuits/poseidon.circom'),
      'src/node/circom2.ts': importing('circom2'),
    },
    expected: [
      ['src/groth16/astray.ts', 'snarkjs'],
      ['src/curve/astray.ts', 'ffjavascript'],
      ['src/wasm/astray.ts', 'wasmcurves'],
      ['src/cli/circomlib.ts', 'circomlib'],
      ['src/node/circom2.ts', 'circom2'],
    ].map(([from = '', name = '']) => ({
      rule: 'snark-toolchain-in-src',
      from,
      to: expect.stringContaining(name),
    })),
  },
  {
    title: 'src imports a package that is not a declared dependency',
    files: { 'src/cli/astray.ts': importing('tester', 'stranger') },
    expected: ['tester', 'stranger'].map((name) => ({
      rule: 'undeclared-or-dev-package-in-src',
      from: 'src/cli/astray.ts',
      to: expect.stringContaining(name),
    })),
  },
  {
    title: 'src imports a test helper',
    files: { 'src/cli/astray.ts': importing('../../test/helper.ts') },
    expected: [{ rule: 'src-imports-outside-src', from: 'src/cli/astray.ts', to: 'test/helper.ts' }],
  },
  {
    title: 'an import resolves to nothing',
    files: { 'src/cli/astray.ts': importing('./missing.ts') },
    expected: [
      { rule: 'unresolvable-import', from: 'src/cli/astray.ts', to: expect.stringContaining('missing') },
    ],
  },
  {
    title: 'modules import each other, in values or in types alone',
    files: {
      'src/field/a.ts': importing('./b.ts'),
      'src/field/b.ts': importing('./a.ts'),
      'src/curve/a.ts': "import type { B } from './b.ts';\nexport type A = B | null;\n",
      'src/curve/b.ts': "import type { A } from './a.ts';\nexport type B = A | 1;\n",
    },
    expected: [
      { rule: 'import-cycle', from: 'src/field/a.ts', to: 'src/field/b.ts' },
      { rule: 'import-cycle', from: 'src/curve/a.ts', to: 'src/curve/b.ts' },
    ],
  },
];

describe('import direction', () => {
  const cases = [...upwardCases(), ...otherCases];
  let folder: string | undefined;

  function write(files: Tree): string {
    folder = mkdtempSync(join(tmpdir(), 'sheaf-imports-'));
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return folder;
  }

  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  });

  it('is kept by the repository', async () => {
    const report = await checkImports(repositoryRoot);
    expect(importProblems(report)).toEqual([]);
    expect(report.modulesRead.length).toBeGreaterThan(10);
    expect(report.importCount).toBeGreaterThan(report.modulesRead.length);
  });

  it('accepts a tree in which each layer imports from those below', async () => {
    const report = await checkImports(write(lawful));
    expect(importProblems(report)).toEqual([]);
    expect(report.modulesRead).toEqual(
      Object.keys(lawful)
        .filter((path) => path.startsWith('src/'))
        .sort(),
    );
  });

  it.each(cases)('refuses: $title', async ({ files, expected }) => {
    const report = await checkImports(write({ ...lawful, ...files }));
    for (const violation of expected) {
      expect(report.violations).toContainEqual(expect.objectContaining(violation));
    }
    expect(importProblems(report).length).toBeGreaterThanOrEqual(expected.length);
  });

  it('has a case for every rule', () => {
    const broken = new Set(cases.flatMap(({ expected }) => expected.map(({ rule }) => rule)));
    expect([...broken].sort()).toEqual([...rules].sort());
  });

  it('does not pass a tree of which it read nothing', async () => {
    const report = await checkImports(write({ 'package.json': '{}', 'src/notes.txt': 'no module here' }));
    expect(report.modulesRead).toEqual([]);
    expect(importProblems(report)).not.toEqual([]);
  });
});
