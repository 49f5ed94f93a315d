/**
 * A process that opens a journal file when told and holds it until its input ends. It writes `ready`, waits for a line with
 * the time to open the file at (milliseconds since 1970), and writes `open` or `refused`. Argument: journal file.
 */

import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { StoreError } from '../../../src/errors.ts';
import { openFileStore } from '../../../src/node/file-store.ts';

const [path = ''] = process.argv.slice(2);
const input = createInterface({ input: process.stdin });
const told = new Promise<string>((resolve) => {
  input.once('line', resolve);
});
const closed = new Promise<void>((resolve) => {
  input.once('close', resolve);
});
writeSync(1, 'ready\n');
const time = Number(await told);
// Busy at last, so that several processes begin within the same few microseconds.
await setTimeout(Math.max(0, time - Date.now() - 40));
while (Date.now() < time);
try {
  const store = await openFileStore(path);
  writeSync(1, 'open\n');
  await closed;
  await store.close();
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  writeSync(1, 'refused\n');
  input.close();
}
