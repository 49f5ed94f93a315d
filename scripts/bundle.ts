/**
 * Puts the compiled modules of dist/ together into one file for each entry point and chunks for what entry points share: a process
 * that imports two hundred modules waits for their resolution longer than for anything that they do. Declarations stay as
 * they are. Chunks lie as deep as the modules that they are made of, so that paths relative to a module hold.
 */

import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRIES = ['index', 'node/index', 'cli/main'];
const CHUNKS = 'chunks';
/** What scripts/embed-kernels.ts wrote. */
const KERNELS = join('backend', 'wasm', 'embedded');
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

const outdir = mkdtempSync(join(tmpdir(), 'sheaf-bundle-'));
try {
  await build({
    entryPoints: ENTRIES.map((entry) => join(dist, `${entry}.js`)),
    outbase: dist,
    outdir,
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    packages: 'external',
    // Kernels are strings of base64, and need no chunk with a source map of their own.
    external: ['node:*', './embedded/*'],
    charset: 'utf8',
    // Names stay; what engines have to read becomes a third less.
    minifyWhitespace: true,
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (/\.js(?:\.map)?$/.test(file) && !file.startsWith(KERNELS)) rmSync(join(dist, file));
  }
  cpSync(outdir, dist, { recursive: true });
  renameSync(join(dist, KERNELS), join(dist, CHUNKS, 'embedded'));
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
