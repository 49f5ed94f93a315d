import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernels } from './kernels.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sheaf-pool-'));
const bytes = Buffer.from(kernels()).toString('base64');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly ms: number;
}

/** Runs Node in a process of its own until it ends by itself; after 20 s it is killed, and `signal` says so. */
function runNode(args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd: root, timeout: 20_000, killSignal: 'SIGKILL' });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output, ms: performance.now() - started }));
  });
}

/** Compiles the pool as it is published and returns the URL of its entry. */
function buildPool(): string {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.build.json'),
    { outDir: join(folder, 'dist') },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  );
  const entry = join(root, 'src/wasm/pool/index.ts');
  const program = ts.createProgram([entry], config?.options ?? {});
  const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return pathToFileURL(join(folder, 'dist/wasm/pool/index.js')).href;
}

const sourceEntry = pathToFileURL(join(root, 'src/wasm/pool/index.ts')).href;
let distEntry = '';
beforeAll(() => {
  distEntry = buildPool();
});

/** Runs `body`, with `pool` at hand, in a process of its own. */
function script(from: 'dist' | 'source', options: string, body: string, setUp = ''): Promise<Outcome> {
  const path = join(folder, `${from}-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(
    path,
    `${setUp};
    const { createPool } = await import(${JSON.stringify(from === 'dist' ? distEntry : sourceEntry)});
    const module = Buffer.from('${bytes}', 'base64');
    const pool = await createPool({ module, ${options} });
    ${body}`,
  );
  return runNode(from === 'dist' ? [path] : ['--import', 'tsx', path]);
}

const square = `
  const results = await pool.run('square', Array.from({ length: 100 }, (_, i) => [i]));
  if (results[99] !== 9801) throw new Error('wrong: ' + results);
  console.log('right with', pool.threads, pool.fallbackReason);
`;

describe.each(['dist', 'source'] as const)('in a process of its own, from %s', (from) => {
  it.each([
    ['threads: 3, mainThread: true', 3],
    ['threads: 3, mainThread: false', 3],
    ['threads: 1', 1],
  ])('a pool with %s works and lets the process end', async (options, threads) => {
    const { code, signal, output } = await script(from, options, square);
    expect({ code, signal, output }).toEqual({
      code: 0,
      signal: null,
      output: `right with ${threads} undefined\n`,
    });
  });

  it('works without SharedArrayBuffer', async () => {
    const setUp = 'delete globalThis.SharedArrayBuffer';
    const { code, output } = await script(from, 'threads: 3, mainThread: false', square, setUp);
    expect({ code, output }).toEqual({
      code: 0,
      output: 'right with 1 SharedArrayBuffer is not available\n',
    });
  });
});

it.each([1, 3])('the system gets back what a large job held (threads: %i)', async (threads) => {
  const { code, output } = await script(
    'dist',
    `threads: ${threads}`,
    `const size = 400 * 2 ** 20;
     const { rss } = process.memoryUsage;
     const before = rss();
     await pool.memory.withArena((arena) => void pool.memory.view(arena.alloc(size), size).fill(7));
     await pool.run('square', [[1], [2], [3], [4]]);
     if (rss() - before < 0.9 * size) throw new Error('The memory was not used.');
     for (let i = 0; i < 150 && rss() - before > 0.2 * size; i++) await new Promise((done) => setTimeout(done, 100));
     if (rss() - before > 0.2 * size) throw new Error('The memory is still held: ' + (rss() - before));
     console.log((await pool.run('square', [[5], [6]])).join());`,
  );
  expect({ code, output }).toEqual({ code: 0, output: '25,36\n' });
});

describe('the life of the process', () => {
  it('is not prolonged by a pool that was never used, nor by one in use before', async () => {
    const { code, signal, output } = await script(
      'dist',
      'threads: 4, mainThread: false',
      `await pool.run('square', [[1]]);
       await createPool({ module, threads: 2 });
       console.log('idle');`,
    );
    expect({ code, signal, output }).toEqual({ code: 0, signal: null, output: 'idle\n' });
  });

  it.each(['true', 'false'])(
    'lasts until the job is done (calling thread takes part: %s)',
    async (mainThread) => {
      const { code, output } = await script(
        'dist',
        `threads: 2, mainThread: ${mainThread}`,
        `pool.run('spin', new Array(20).fill([20_000_000])).then(() => console.log('done'));
       console.log('begun');`,
      );
      expect({ code, output }).toEqual({ code: 0, output: 'begun\ndone\n' });
    },
  );

  it('ends when asked to in mid-job', async () => {
    const { code, signal, ms } = await script(
      'dist',
      'threads: 2, mainThread: false',
      `pool.run('spin_for_ever', [[], []]); setTimeout(() => process.exit(9), 100);`,
    );
    expect({ code, signal }).toEqual({ code: 9, signal: null });
    expect(ms).toBeLessThan(15_000);
  });

  it('goes on after dispose until nothing is left', async () => {
    const { code, output } = await script(
      'dist',
      'threads: 3',
      `await pool.dispose(); console.log('disposed');`,
    );
    expect({ code, output }).toEqual({ code: 0, output: 'disposed\n' });
  });

  it('ends with the error of a job that nobody caught', async () => {
    const { code, output } = await script(
      'dist',
      'threads: 2, mainThread: false',
      `await pool.run('trap_at_13', [[13]]);`,
    );
    expect(code).toBe(1);
    expect(output).toMatch(/WorkerFailedError: .*unreachable/);
  });

  it('is not prolonged by a large memory that waits to be given back', async () => {
    const { code, signal, output } = await script(
      'dist',
      'threads: 2, memory: { idleMs: 60_000 }',
      `pool.memory.free(pool.memory.alloc(2 ** 29)); console.log('freed');`,
    );
    expect({ code, signal, output }).toEqual({ code: 0, signal: null, output: 'freed\n' });
  });

  it('works inside a worker of the caller', async () => {
    const { code, output } = await script(
      'dist',
      'threads: 1',
      `const { Worker, isMainThread } = await import('node:worker_threads');
       if (isMainThread) {
         new Worker(new URL(import.meta.url)).on('exit', (code) => console.log('ended with', code));
       } else {
         const inner = await createPool({ module, threads: 3, mainThread: false });
         console.log((await inner.run('square', [[5], [6]])).join());
       }`,
    );
    expect({ code, output }).toEqual({ code: 0, output: '25,36\nended with 0\n' });
  });
});
