import { describe, expect, it } from 'vitest';
import { progressTo } from '../../bench/lib/progress.ts';

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('progressTo', () => {
  it('rewrites one line on a terminal and takes it away', () => {
    const target = recorder(true);
    const progress = progressTo(target);
    progress.step(1, 9, 'msm: 1/5');
    progress.clear();
    expect(target.written).toEqual(['\r\u001b[K1/9 msm: 1/5', '\r\u001b[K']);
  });

  it('writes a line for each thing begun elsewhere', () => {
    const target = recorder(false);
    const progress = progressTo(target);
    for (const what of ['msm n=8', 'msm n=8: 1/5', 'msm n=8: 2/5', 'msm n=16', 'msm n=16: 1/5']) {
      progress.step(0, 9, what);
    }
    progress.clear();
    expect(target.written).toEqual(['0/9 msm n=8\n', '0/9 msm n=16\n']);
  });
});
