/**
 * Writes the kernels that most users run into dist/, so that they start without generating them: each curve in the form for
 * engines with fused multiply-add, as base64 of gzip, and as a file for Node. Other forms are generated where they are needed.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { generateModule } from '../src/backend/wasm/generate-module.ts';
import { CURVES } from '../src/curve/curve.ts';

const FORM = 'fma';
const folder = fileURLToPath(new URL('../dist/backend/wasm/', import.meta.url));

mkdirSync(`${folder}embedded`, { recursive: true });
const entries = CURVES.map((curve) => {
  const file = `embedded/${curve.name}-${FORM}.js`;
  const module = generateModule(curve, FORM);
  writeFileSync(`${folder}embedded/${curve.name}-${FORM}.wasm`, module);
  const packed = gzipSync(module, { level: 9 });
  writeFileSync(`${folder}${file}`, `export const KERNEL = '${packed.toString('base64')}';\n`);
  process.stdout.write(`${file}: ${packed.length} bytes of gzip\n`);
  return `  '${curve.name}-${FORM}': () => import('./${file}'),`;
});
writeFileSync(
  `${folder}embedded-kernels.js`,
  `export const EMBEDDED_KERNELS = {\n${entries.join('\n')}\n};\n`,
);
