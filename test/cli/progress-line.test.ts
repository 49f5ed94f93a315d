import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProgressLine, renderProgress } from '../../src/cli/progress-line.ts';
import { createWorkspace, inProcess, type Workspace } from './workspace.ts';

const task = { label: 'Folding', count: 200, unit: 'proofs' };

describe('the text of the progress line', () => {
  it('has share, rate and time left', () => {
    const text = renderProgress(task, 0.25, 5000);
    expect(text).toMatch(/^Folding {2}█{6}░{18} {2}25 % {2}10 proofs\/s {2}15\.0 s left$/);
  });

  it('promises nothing before it can know, and no time left at the end', () => {
    expect(renderProgress(task, 0.01, 5000)).toMatch(/ {2}1 %$/);
    expect(renderProgress(task, 1, 5000)).toMatch(/100 % {2}40 proofs\/s$/);
  });

  it('writes rates of any size without exponents', () => {
    const rate = (count: number): string => renderProgress({ ...task, count }, 1, 1000).split('%  ')[1] ?? '';
    expect([0.25, 9.9, 9.96, 99.7, 100_000].map(rate)).toEqual([
      '0.25 proofs/s',
      '9.9 proofs/s',
      '10 proofs/s',
      '100 proofs/s',
      '100000 proofs/s',
    ]);
  });

  it('never fills the line, so that the terminal does not wrap it', () => {
    for (const columns of [10, 40, 80]) {
      expect(renderProgress(task, 0.5, 1000, columns).length).toBeLessThan(columns);
    }
    expect(renderProgress(task, 0.5, 1000, 0).length).toBeGreaterThan(40);
  });
});

describe('the progress line', () => {
  it('is drawn at most every 100 ms, over itself, and erased', () => {
    let now = 0;
    let written = '';
    const line = new ProgressLine(
      {
        write: (text) => {
          written += text;
        },
      },
      () => now,
    );
    line.start();
    for (now = 0; now <= 250; now += 10) line.update(task, now / 1000);
    expect(written.split('Folding').length - 1).toBe(3);
    expect(written.split('\r\u001b[K').length - 1).toBe(3);
    written = '';
    line.clear();
    line.clear();
    expect(written).toBe('\r\u001b[K');
  });

  describe('of a command', () => {
    let workspace: Workspace;
    beforeAll(async () => {
      workspace = await createWorkspace();
    });
    afterAll(() => workspace.remove());

    const run = (...flags: string[]) =>
      inProcess(
        [
          'srs',
          'dev',
          '--size',
          '16',
          '-o',
          workspace.at('new.srs'),
          '--force',
          ...flags.filter((f) => f !== 'tty'),
        ],
        { isTTY: flags.includes('tty'), columns: 80 },
      );

    it('is drawn on a terminal and gone before the result', async () => {
      const { stdout, stderr } = await run('tty');
      expect(stderr).toMatch(/Powers {2}[█░]{24}/);
      expect(stderr.split('\r\u001b[K').at(-1)).toMatch(/^sheaf: warning: INSECURE/);
      expect(stdout).not.toContain('Powers');
    });

    it.each([['no terminal'], ['--json', 'tty'], ['--quiet', 'tty']])(
      'is not drawn with %s',
      async (...flags) => {
        const { code, stderr } = await run(...flags.filter((flag) => flag !== 'no terminal'));
        expect(code).toBe(0);
        expect(stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
      },
    );
  });
});
