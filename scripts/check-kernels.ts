/**
 * Prints the size of the kernels in dist/ (after `npm run build`) and fails when all together pass the limit: what the package may cost
 * those who load it, in the gzip bytes that scripts/embed-kernels.ts wrote.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Bytes of gzip for all curves together. */
const LIMIT = 400_000;
const folder = fileURLToPath(new URL('../dist/chunks/embedded/', import.meta.url));

const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
const sizes = files.map((file) => {
  const packed = /^export const KERNEL = '([A-Za-z0-9+/=]+)';/.exec(
    readFileSync(`${folder}${file}`, 'utf8'),
  )?.[1];
  if (packed === undefined) throw new Error(`Expected a kernel as base64 in ${file}.`);
  return { file, bytes: Buffer.from(packed, 'base64').length };
});
if (sizes.length === 0) throw new Error('Expected embedded kernels in dist/: run `npm run build`.');
for (const { file, bytes } of sizes) console.log(`${file}: ${bytes} bytes of gzip`);
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(`${total} of at most ${LIMIT} bytes`);
if (total > LIMIT) {
  throw new Error(
    `The kernels take ${total} bytes of gzip, ${total - LIMIT} more than they may. Call library functions where code repeats (FunctionBuilder.aim), or leave out what nobody calls.`,
  );
}
