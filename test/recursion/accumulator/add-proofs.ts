/**
 * A process that adds the proofs of a seed to a journal file, until done or killed. It writes one line for each that was
 * acknowledged, then `done`. Arguments: journal file, seed.
 */

import { writeSync } from 'node:fs';
import { BN254 } from '../../../src/curve/curve.ts';
import { openFileStore } from '../../../src/node/file-store.ts';
import { createAccumulator } from '../../../src/recursion/accumulator/accumulator.ts';
import { backendOf } from '../../helpers/backends.ts';
import { journalBatch } from './journal-batch.ts';

const [path = '', seed = ''] = process.argv.slice(2);
const { srs, members } = await journalBatch(Number(seed));
const store = await openFileStore(path);
const accumulator = await createAccumulator({ srs, store, backend: backendOf(BN254), trusted: true });
writeSync(1, 'open\n');
for (const member of members.slice(accumulator.size)) {
  const { slot } = await accumulator.add(member);
  writeSync(1, `${slot}\n`);
}
writeSync(1, 'done\n');
await store.close();
