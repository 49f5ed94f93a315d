// The import direction. Each layer may import from itself and from the layers before it, never from a later one.
// scripts/check-imports.ts runs these rules; test/architecture/import-direction.test.ts proves that each one bites.
const layers = [
  { name: 'errors', path: '^src/errors\\.ts$' },
  { name: 'field', path: '^src/field/' },
  { name: 'curve', path: '^src/curve/' },
  { name: 'kernels', path: '^src/(msm|ntt|wasm|gpu|gpujs)/' },
  { name: 'backend', path: '^src/backend/' },
  { name: 'groth16', path: '^src/groth16/' },
  { name: 'proof-systems', path: '^src/(recursion|coprocessors)/' },
  { name: 'drop-in', path: '^src/drop-in/' },
  { name: 'entry-points', path: '^src/(index\\.ts$|node/)' },
  { name: 'cli', path: '^src/cli/' },
];
const anyLayer = layers.map((layer) => layer.path);

const upwardRules = layers.slice(0, -1).map((layer, rank) => ({
  name: `${layer.name}-imports-upward`,
  comment: `${layer.name} may import only ${layers
    .slice(0, rank + 1)
    .map((lower) => lower.name)
    .join(', ')}.`,
  severity: 'error',
  from: { path: layer.path },
  to: { path: layers.slice(rank + 1).map((higher) => higher.path) },
}));

module.exports = {
  forbidden: [
    ...upwardRules,
    {
      name: 'recursion-knows-no-coprocessor',
      comment:
        'The recursion layer folds any Groth16 proof; what a single system looks like stays in src/coprocessors.',
      severity: 'error',
      from: { path: '^src/recursion/' },
      to: { path: '^src/coprocessors/' },
    },
    {
      name: 'browser-entry-reaches-node-code',
      comment: 'src/index.ts must load in a browser: what needs Node is exported by src/node/index.ts.',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/node/' },
    },
    {
      name: 'folder-without-a-layer',
      comment:
        'Every module under src/ belongs to a layer: add the new folder to the list in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^src/', pathNot: anyLayer },
      to: {},
    },
    {
      name: 'import-from-a-folder-without-a-layer',
      comment:
        'Every module under src/ belongs to a layer: add the new folder to the list in .dependency-cruiser.cjs.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: anyLayer },
    },
    {
      name: 'node-builtin-outside-node-code',
      comment: 'A browser has no Node built-ins: only src/node and src/cli may import them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(node|cli)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'snark-toolchain-in-src',
      comment: 'snarkjs and its parts are oracles for tests, not code that Sheaf runs on.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '(^|node_modules/)(snarkjs|ffjavascript|wasmcurves|wasmbuilder|circomlib|circomlibjs|circom2)(/|$)',
      },
    },
    {
      name: 'undeclared-or-dev-package-in-src',
      comment:
        'What src/ imports must be listed under "dependencies" in package.json, or users will miss it. The optional peer gpu.js is loaded in one place, which says so when it is missing.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/gpujs/gpu-js\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'src-imports-outside-src',
      comment: 'Published code cannot reach the tests, benchmarks, examples or scripts.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts|dist)/' },
    },
    {
      name: 'unresolvable-import',
      comment: 'The import names a file or package that does not exist.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'import-cycle',
      comment: 'Modules that import each other cannot be read, tested or initialised apart.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
