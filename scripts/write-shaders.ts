/** Writes the readable copies of the shaders: `npm run shaders`. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shaderFiles } from './shader-files.ts';

const root = path.join(import.meta.dirname, '..', 'shaders');
await rm(root, { recursive: true, force: true });
for (const [name, text] of shaderFiles()) {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}
