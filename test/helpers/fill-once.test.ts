import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fillOnce } from './fill-once.ts';

const root = mkdtempSync(join(tmpdir(), 'sheaf-fill-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FILES = 50;

/**
 * A process that fills the folder, slowly, with files that name it once its standard input ends, and prints what it then finds
 * in there.
 */
function filler(folder: string): {
  readonly begin: () => void;
  readonly ready: Promise<void>;
  found: Promise<string>;
} {
  const script = `
    import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { fillOnce } from ${JSON.stringify(new URL('fill-once.ts', import.meta.url).href)};
    const folder = ${JSON.stringify(folder)};
    process.stdout.write('ready;');
    for await (const _ of process.stdin);
    fillOnce(folder, (draft) => {
      for (let i = 0; i < ${FILES}; i++) {
        writeFileSync(draft + '/' + i, String(process.pid));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    });
    const files = readdirSync(folder);
    process.stdout.write(files.length + ' of ' + [...new Set(files.map((file) => readFileSync(folder + '/' + file, 'utf8')))]);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.startsWith('ready;')) resolve();
    });
  });
  const found = new Promise<string>((resolve) =>
    child.on('close', () => resolve(output.replace('ready;', ''))),
  );
  return { begin: () => child.stdin.end(), ready, found };
}

it('three processes that fill one folder at once all find it whole, and leave nothing else', async () => {
  const folder = join(root, 'race', 'folder-1');
  const fillers = [1, 2, 3].map(() => filler(folder));
  await Promise.all(fillers.map(({ ready }) => ready));
  for (const { begin } of fillers) begin();
  const found = await Promise.all(fillers.map(({ found }) => found));
  expect(new Set(found).size).toBe(1);
  expect(found[0]).toMatch(new RegExp(`^${FILES} of \\d+$`));
  expect(readdirSync(join(root, 'race'))).toEqual(['folder-1']);
});

it('what could not be filled is not there, and is filled the next time, once', () => {
  const folder = join(root, 'failure', 'folder-1');
  const fail = (draft: string): void => {
    writeFileSync(join(draft, 'half'), '');
    throw new Error('no room');
  };
  expect(() => fillOnce(folder, fail)).toThrow('no room');
  expect(readdirSync(join(root, 'failure'))).toEqual([]);
  fillOnce(folder, (draft) => writeFileSync(join(draft, 'whole'), 'yes'));
  fillOnce(folder, fail);
  expect(readFileSync(join(folder, 'whole'), 'utf8')).toBe('yes');
  expect(existsSync(join(folder, 'half'))).toBe(false);
});
