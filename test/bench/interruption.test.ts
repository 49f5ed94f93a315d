import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../bench/lib/report.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-bench-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a suite and sends SIGINT, twice as under npm, as soon as its progress says `when`. */
async function interrupted(
  when: string,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, sent] = ['', '', false];
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
    if (!sent && stderr.includes(when)) {
      sent = true;
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 20);
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('a benchmark that is interrupted', () => {
  it('writes what is complete and says so', async () => {
    const out = join(folder, 'partial.json');
    const { code, stdout, stderr } = await interrupted('miller-loop n=1', 'cpu', '--quick', '--out', out);
    const report = JSON.parse(readFileSync(out, 'utf8')) as Report;
    expect(code).toBe(130);
    expect(report.interrupted).toBe(true);
    expect(report.rows.length).toBeGreaterThan(5);
    expect(report.rows.every(({ op, checked }) => op.startsWith('field-mul') && checked)).toBe(true);
    expect(stdout).toContain('field-mul chain');
    expect(stderr).toContain(`${report.rows.length} rows are complete`);
  });
});
