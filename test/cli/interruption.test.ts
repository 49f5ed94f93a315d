import { spawn } from 'node:child_process';
import { copyFile, open, readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorkspace,
  inProcess,
  ndjson,
  outcomeOf,
  seen,
  start,
  trueMember,
  type Workspace,
} from './workspace.ts';

let workspace: Workspace;
let before: string[];
beforeAll(async () => {
  workspace = await createWorkspace();
  // Large enough that folding takes longer than a signal to arrive.
  expect((await inProcess(['srs', 'dev', '--size', '16', '-o', workspace.at('wide.srs')])).code).toBe(0);
});
afterAll(() => workspace.remove());
beforeEach(async () => {
  before = (await readdir(workspace.dir)).sort();
});

function aggregate(...more: string[]): string[] {
  return ['aggregate', workspace.proofs, '--srs', workspace.at('wide.srs'), '--capacity', '16', ...more];
}

describe('an interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s while folding exits with %i and leaves no file', async (signal, exitCode) => {
    const child = start(aggregate('-o', workspace.at('never.sheaf'), '--json'));
    const ended = outcomeOf(child);
    await seen(child.stderr, 'INSECURE');
    child.kill(signal);
    // A terminal sends it to all, and npm hands its own on.
    setTimeout(() => child.kill(signal), 20);
    const { code, stdout } = await ended;
    expect(code).toBe(exitCode);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'ABORTED', message: expect.stringContaining(signal), context: { signal } },
    });
    expect((await readdir(workspace.dir)).sort()).toEqual(before);
  });

  it('leaves an earlier composite as it was', async () => {
    const out = workspace.at('earlier.sheaf');
    expect((await inProcess(['aggregate', workspace.proofs, '--srs', workspace.srs, '-o', out])).code).toBe(
      0,
    );
    const earlier = await readFile(out);
    const child = start(aggregate('-o', out));
    const ended = outcomeOf(child);
    await seen(child.stderr, 'INSECURE');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/Interrupted by SIGINT.*\[ABORTED\]/);
    expect(await readFile(out)).toEqual(earlier);
  });

  it('ends the wait for standard input, and keeps what was acknowledged', async () => {
    const args = ['accumulate', '--journal', workspace.at('waiting'), '--srs', workspace.srs, '-'];
    const child = start(args);
    const ended = outcomeOf(child);
    const acknowledged = seen(child.stdout, 'slot 0');
    child.stdin.write(ndjson([trueMember(0, 0)]));
    await acknowledged;
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect((await readdir(workspace.dir)).sort()).toEqual([...before, 'waiting'].sort());
    expect((await inProcess(args)).stdout).toMatch(/waiting: 1 of 4 slots taken/);
  });

  it('ends aggregate, too, while it waits for standard input', async () => {
    const controller = new AbortController();
    const waiting = inProcess(['aggregate', '-', '--srs', workspace.srs, '-o', workspace.at('x.sheaf')], {
      signal: controller.signal,
      input: async function* () {
        controller.abort({ signal: 'SIGINT', exitCode: 130 });
        await new Promise(() => {});
        yield '';
      },
    });
    expect((await waiting).code).toBe(130);
  });

  // A device that is always full; elsewhere there is none.
  if (process.platform === 'linux') {
    it('by a full disk under standard output exits with 2', async () => {
      const full = await open('/dev/full', 'w');
      const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'keys'], {
        stdio: ['ignore', full.fd, 'pipe'],
      });
      let stderr = '';
      child.stderr?.on('data', (chunk) => {
        stderr += chunk;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      await full.close();
      expect(code).toBe(2);
      expect(stderr).toMatch(/standard output: no space left on the device.*\[UNWRITABLE\]/);
    });
  }

  it('by a reader that has gone ends the process quietly, and not with the exit code of a verdict', async () => {
    await copyFile(workspace.srs, workspace.at('piped.srs'));
    const child = start([
      'accumulate',
      '--journal',
      workspace.at('piped'),
      '--srs',
      workspace.at('piped.srs'),
      '-',
    ]);
    const ended = new Promise<number | null>((resolve) => {
      child.on('exit', resolve);
    });
    await seen(child.stdout, 'slots taken');
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    child.stdin.write(ndjson([trueMember(0, 0), trueMember(0, 1)]));
    expect(await ended).toBe(141);
  });
});
