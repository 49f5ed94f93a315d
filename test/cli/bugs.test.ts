import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeError, fileError } from '../../src/cli/report-error.ts';
import { AbortedError, InternalError, OptionError, StoreError } from '../../src/errors.ts';
import { createWorkspace, inProcess } from './workspace.ts';

describe('the report of an error', () => {
  it('exits with 2 for input and usage, 70 for bugs, and with the signal for interruptions', () => {
    const exit = (error: unknown, reason?: unknown): number => describeError(error, reason).exitCode;
    expect(exit(new OptionError('x'))).toBe(2);
    expect(exit(new CommanderError(1, 'commander.x', 'x'))).toBe(2);
    expect(exit(Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' }))).toBe(2);
    expect(exit(new InternalError('x'))).toBe(70);
    expect(exit(new TypeError('x'))).toBe(70);
    expect(exit('x')).toBe(70);
    expect(exit(new AbortedError(), { signal: 'SIGINT', exitCode: 130 })).toBe(130);
    expect(exit(new DOMException('x', 'AbortError'), { signal: 'SIGTERM', exitCode: 143 })).toBe(143);
  });

  it('names the file and the trouble of an error of the file system', () => {
    const raw = Object.assign(new Error('EISDIR: read'), { code: 'EISDIR', syscall: 'read' });
    expect(fileError(raw, 'a/b')).toMatchObject({
      code: 'UNREADABLE',
      message: 'a/b: is a folder, expected a file.',
      context: { file: 'a/b', errno: 'EISDIR' },
    });
    const bug = new TypeError('x');
    expect(fileError(bug, 'a/b')).toBe(bug);
  });

  it('tells what lay beneath', () => {
    const report = describeError(new StoreError('Not stored.', {}, new Error('the disk is on fire')));
    expect(report).toMatchObject({ code: 'STORE', cause: 'the disk is on fire' });
  });

  it('reports a bug with its stack on stderr, as text and as JSON', async () => {
    const workspace = await createWorkspace();
    const journal = join(await mkdtemp(join(tmpdir(), 'sheaf-bug-')), 'j');
    const args = ['accumulate', '-', '--journal', journal, '--srs', workspace.srs];
    const input = (): never => {
      throw new TypeError('undefined is not a proof');
    };
    const text = await inProcess(args, { input });
    expect(text.code).toBe(70);
    expect(text.stderr).toMatch(/undefined is not a proof.*bug in Sheaf.*\[UNEXPECTED\]/);
    expect(text.stderr).toContain(process.version);
    expect(text.stderr).toMatch(/^ +at /m);
    const json = await inProcess([...args, '--json'], { input });
    expect(json.code).toBe(70);
    expect(JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'UNEXPECTED', message: expect.stringContaining('undefined is not a proof') },
    });
    await rm(join(journal, '..'), { recursive: true });
    await workspace.remove();
  });
});
