/**
 * Puts the compiled modules of dist/ together into one file for each entry point and chunks for what entry points share: a process
 * that imports two hundred modules waits for their resolution longer than for anything that they do. Declarations stay as
 * they are. Chunks lie as deep as the modules that they are made of, so that paths relative to a module hold.
 *
 * Twice: for Node with the packages of {@link INLINED} inside, which would take a process as long as all of Sheaf; and in
 * dist/portable for everything else, where bundlers want to see packages and may have them already.
 */

import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build } from 'esbuild';

const CHUNKS = 'chunks';
const PORTABLE = 'portable';
/** Packages that the files for Node carry: their licences allow it with their notice, which goes along. */
const INLINED = ['@noble/curves', '@noble/hashes', 'fflate', 'valibot'];
const NOTICES = 'THIRD-PARTY-LICENSES.txt';
/** What scripts/embed-kernels.ts wrote. */
const KERNELS = join('backend', 'wasm', 'embedded');
const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');

/** All packages that Sheaf may load, apart from those inlined. */
function otherPackages(): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    peerDependencies?: Record<string, string>;
  };
  const all = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  return all.filter((name) => !INLINED.includes(name));
}

function bundle(entries: readonly string[], outdir: string, options: BuildOptions): Promise<BuildResult> {
  return build({
    entryPoints: entries.map((entry) => join(dist, `${entry}.js`)),
    outbase: dist,
    outdir,
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    charset: 'utf8',
    // Names stay; what engines have to read becomes a third less.
    minifyWhitespace: true,
    sourcemap: 'linked',
    logLevel: 'warning',
    ...options,
  });
}

/** The licences of the packages that a bundle carries. */
function notices({ metafile }: BuildResult): string {
  const inputs = Object.keys(metafile?.inputs ?? {}).join('\n');
  const carried = INLINED.filter((name) => inputs.includes(`node_modules/${name}/`));
  return carried
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        version: string;
      };
      const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      if (!licence) throw new Error(`${name} has no licence file; it cannot be inlined.`);
      return `${name} ${version}\n\n${readFileSync(join(folder, licence), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

const outdir = mkdtempSync(join(tmpdir(), 'sheaf-bundle-'));
try {
  // Kernels are strings of base64, and need no chunk with a source map of their own.
  const forNode = await bundle(['index', 'node/index', 'cli/main'], outdir, {
    external: ['node:*', './embedded/*', ...otherPackages()],
    metafile: true,
  });
  await bundle(['index'], join(outdir, PORTABLE), {
    packages: 'external',
    external: ['node:*'],
    plugins: [
      {
        name: 'kernels',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\/embedded\// }, ({ path }) => ({
            path: `../../${CHUNKS}/${path.slice(2)}`,
            external: true,
          })),
      },
    ],
  });
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (/\.js(?:\.map)?$/.test(file) && !file.startsWith(KERNELS)) rmSync(join(dist, file));
  }
  cpSync(outdir, dist, { recursive: true });
  renameSync(join(dist, KERNELS), join(dist, CHUNKS, 'embedded'));
  writeFileSync(join(dist, NOTICES), notices(forNode));
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
