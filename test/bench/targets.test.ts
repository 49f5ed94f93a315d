import { describe, expect, it } from 'vitest';
import { checkTargets, formatVerdict, TARGETS, type Target } from '../../bench/targets.ts';
import { rowOf } from './rows.ts';

const LINE: Target = {
  name: 'G1, middle sizes',
  ops: ['msm-g1'],
  sizes: [2 ** 10, 2 ** 12],
  threads: 'all',
  form: 'best',
  must: 4,
  aim: 6,
};

const own = (n: number, ratio: number) => rowOf({ n, ratio, form: 'fma' });
const verdictOf = (rows: Parameters<typeof checkTargets>[0], target: Target = LINE) => {
  const [verdict] = checkTargets(rows, 'fma', 2, [target]);
  if (!verdict) throw new Error('no verdict');
  return verdict;
};

describe('checkTargets', () => {
  it('passes when the lowest ratio reaches what is required, exactly enough included', () => {
    expect(verdictOf([own(1024, 4), own(2048, 7)]).result).toBe('pass');
  });

  it('fails for one row below, however good the others are', () => {
    const verdict = verdictOf([own(1024, 9), own(4096, 3.99), own(2048, 8)]);
    expect(verdict.result).toBe('fail');
    expect(formatVerdict(verdict)).toBe(
      'FAIL  G1, middle sizes: 3.99× at msm-g1 n=4096 to 9.00× at msm-g1 n=1024 (must 4×, aim 6×)',
    );
  });

  it.each([
    ['other operations', { op: 'msm-g2' }],
    ['sizes below', { n: 512 }],
    ['sizes above', { n: 8192 }],
    ['other thread counts', { threads: 1 }],
    ['other forms', { form: 'simd' }],
    ['rows without a peer', { ratio: undefined }],
  ])('leaves out %s', (_what, fields) => {
    const { ratio, ...row } = { ...own(1024, 1), ...fields };
    const verdict = verdictOf([ratio === undefined ? row : { ...row, ratio }]);
    expect(verdict.result).toBe('not measured');
    expect(formatVerdict(verdict)).toContain('not measured');
  });

  it('tells lines of one thread and of integer SIMD from the others', () => {
    const rows = [
      rowOf({ ratio: 5, form: 'fma', threads: 1 }),
      rowOf({ ratio: 2, form: 'simd' }),
      rowOf({ ratio: 7, form: 'fma' }),
    ];
    expect(verdictOf(rows, { ...LINE, threads: 'one' }).rows.map(({ ratio }) => ratio)).toEqual([5]);
    expect(verdictOf(rows, { ...LINE, form: 'simd' }).rows.map(({ ratio }) => ratio)).toEqual([2]);
    expect(verdictOf(rows).rows.map(({ ratio }) => ratio)).toEqual([7]);
  });
});

describe('TARGETS', () => {
  it('asks for less than it aims at, on every line', () => {
    for (const { must, aim } of TARGETS) expect(must).toBeLessThan(aim);
  });

  it('judges every size of multi-scalar multiplication by one line', () => {
    for (let k = 10; k <= 18; k += 2) {
      const judged = TARGETS.filter(({ form }) => form === 'best').filter(
        (target) => checkTargets([own(2 ** k, 1)], 'fma', 2, [target])[0]?.result === 'fail',
      );
      expect(judged, `2^${k}`).toHaveLength(1);
    }
  });
});
