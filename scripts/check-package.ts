/**
 * Packs the package as `npm publish` would and checks the tarball: publint, attw (ESM only), its list of files,
 * and that the packed library and command line start from it under the Node that runs this script.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import * as v from 'valibot';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifestSchema = v.object({
  name: v.string(),
  version: v.string(),
  bin: v.record(v.string(), v.string()),
  exports: v.record(v.string(), v.unknown()),
  dependencies: v.record(v.string(), v.string()),
});

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Builds, packs into `folder`, and returns the tarball's path and the files it holds. */
function pack(folder: string): { tarball: string; files: readonly string[] } {
  run('npm', ['run', '--silent', 'build'], root);
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root);
  const tarballs = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  const [name] = tarballs;
  if (name === undefined || tarballs.length > 1) {
    throw new Error(`Expected one tarball from \`npm pack\`, found ${tarballs.length}.`);
  }
  const tarball = join(folder, name);
  const files = run('tar', ['-tzf', tarball], root).trim().split('\n');
  return { tarball, files: files.map((file) => file.replace(/^package\//, '')) };
}

const published =
  /^(?:dist\/.+\.(?:js|d\.ts)(?:\.map)?|dist\/chunks\/embedded\/.+\.wasm|dist\/THIRD-PARTY-LICENSES\.txt|src\/.+\.ts|package\.json|README\.md|LICENSE)$/;

/** Names what must not be published, such as a file of tests or a build's left-over. */
function strayFiles(files: readonly string[]): string[] {
  return files.filter((file) => !published.test(file)).map((file) => `${file} should not be in the package`);
}

async function publintProblems(tarball: string): Promise<string[]> {
  const bytes = readFileSync(tarball);
  const arrayBuffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: arrayBuffer }, strict: true });
  return messages
    .filter((message) => message.type !== 'suggestion')
    .map((message) => formatMessage(message, pkg) ?? message.code);
}

/** Unpacks the tarball beside links to its declared dependencies alone, then loads every entry point and the CLI. */
function startFromTarball(tarball: string, folder: string): void {
  const manifest = v.parse(manifestSchema, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const modules = join(folder, 'app', 'node_modules');
  const unpacked = join(modules, manifest.name);
  mkdirSync(unpacked, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1'], root);
  for (const dependency of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(join(root, 'node_modules', dependency), join(modules, dependency), 'junction');
  }
  const app = join(folder, 'app');
  const exportsOf = (specifier: string): string => {
    const script = `const m = await import(${JSON.stringify(specifier)}); console.log(Object.keys(m).sort().join(' '))`;
    return run(process.execPath, ['--input-type=module', '--eval', script], app).trim();
  };
  for (const entry of Object.keys(manifest.exports).filter((key) => !key.endsWith('.json'))) {
    const specifier = `${manifest.name}${entry.slice(1)}`;
    const names = exportsOf(specifier);
    if (names === '') throw new Error(`Expected exports from "${specifier}", found none.`);
    console.log(`${specifier}: ${names.split(' ').length} exported values`);
  }
  const portable = join(unpacked, 'dist/portable/index.js');
  if (exportsOf(pathToFileURL(portable).href) !== exportsOf(manifest.name)) {
    throw new Error('Expected the same exports for Node and elsewhere, they differ.');
  }
  for (const [command, file] of Object.entries(manifest.bin)) {
    const version = run(process.execPath, [join(unpacked, file), '--version'], app).trim();
    if (!version.includes(manifest.version)) {
      throw new Error(
        `Expected \`${command} --version\` to print ${manifest.version}, it printed "${version}".`,
      );
    }
    console.log(`${command} --version: ${version}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sheaf-package-'));
try {
  const { tarball, files } = pack(folder);
  console.log(`${files.length} files, ${Math.round(statSync(tarball).size / 1000)} kB packed`);
  const problems = [...strayFiles(files), ...(await publintProblems(tarball))];
  if (problems.length > 0) throw new Error(`The package is not fit to publish:\n${problems.join('\n')}`);
  // Its own exit code tells: attw prints what it found, then execFileSync throws.
  execFileSync(
    'attw',
    [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-summary', '--format', 'ascii'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  startFromTarball(tarball, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
