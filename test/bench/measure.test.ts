import { describe, expect, it } from 'vitest';
import { type Case, measure } from '../../bench/lib/measure.ts';
import { measureOperations, type Operation } from '../../bench/lib/operation.ts';
import { AbortedError } from '../../src/errors.ts';

interface CountedCase extends Case {
  runs: number;
}

/** A case that claims the times given, one a round. */
function claims(backend: string, times: readonly number[], fields: Partial<Case> = {}): CountedCase {
  const item: CountedCase = {
    op: 'product',
    curve: 'bn254',
    n: 8,
    backend,
    threads: 1,
    runs: 0,
    check: async () => true,
    run: async () => times[item.runs++ % times.length],
    ...fields,
  };
  return item;
}

const OPTIONS = { suite: 'test', rounds: 3 };

describe('measure', () => {
  it('gives medians, quartiles and the ratio of paired rounds', async () => {
    const [own, peer] = await measure(
      [claims('wasm', [10, 50, 20], { against: 'peer', form: 'fma' }), claims('peer', [40, 200, 80])],
      OPTIONS,
    );
    expect(own).toMatchObject({ medianMs: 20, p25Ms: 15, p75Ms: 35, ratio: 4, form: 'fma', checked: true });
    expect(peer).toMatchObject({ medianMs: 80, backend: 'peer' });
    expect(peer).not.toHaveProperty('ratio');
  });

  it.each([
    ['threads', { threads: 2 }],
    ['size', { n: 16 }],
    ['curve', { curve: 'bls12-381' }],
    ['operation', { op: 'sum' }],
  ])('compares nothing that differs in %s', async (_what, fields) => {
    const [own] = await measure(
      [claims('wasm', [10], { against: 'peer' }), claims('peer', [40], fields)],
      OPTIONS,
    );
    expect(own).not.toHaveProperty('ratio');
  });

  it('compares operations that the peer has under another name', async () => {
    const [own] = await measure(
      [
        claims('wasm', [10], { op: 'product, prepared', against: 'peer', againstOp: 'product' }),
        claims('peer', [40]),
      ],
      OPTIONS,
    );
    expect(own?.ratio).toBe(4);
  });

  it('lets cases take turns', async () => {
    const order: string[] = [];
    const noting = (name: string): Case => ({
      ...claims(name, [1]),
      run: async () => {
        order.push(name);
        return 1;
      },
    });
    await measure([noting('a'), noting('b')], { suite: 'test', rounds: 2 });
    expect(order.join('')).toBe('abab');
  });

  it('leads short calls in once their length is known, and leaves the lead-in out', async () => {
    const item = claims('wasm', [10, 1000, 20, 1000, 30]);
    const [row] = await measure([item], { ...OPTIONS, leadInMs: 250 });
    expect(item.runs).toBe(5);
    expect(row?.medianMs).toBe(20);
  });

  it('repeats short calls for a sample and gives their mean', async () => {
    const item = claims('wasm', [10, 20]);
    const [row] = await measure([item], { suite: 'test', rounds: 1, sampleMs: 20 });
    expect(item.runs).toBeGreaterThan(10);
    expect(row?.medianMs).toBeCloseTo(15, 0);
  });

  it('times nothing when a result is wrong', async () => {
    const right = claims('wasm', [1]);
    await expect(
      measure([right, claims('peer', [1], { check: async () => false })], OPTIONS),
    ).rejects.toThrow('peer product n=8: the result is wrong');
    expect(right.runs).toBe(0);
  });

  it('goes on for as long as its budget, but not for ever', async () => {
    const item = claims('wasm', [1]);
    await measure([item], { suite: 'test', rounds: 1, budgetMs: 60_000 });
    expect(item.runs).toBe(41);
  });

  it('stops after the call that runs when it is interrupted', async () => {
    const controller = new AbortController();
    const item = claims('wasm', [1]);
    const stopping = claims('peer', [1], {
      run: async () => {
        setImmediate(() => controller.abort());
        return 1;
      },
    });
    const options = { ...OPTIONS, signal: controller.signal };
    await expect(measure([item, stopping, item], options)).rejects.toBeInstanceOf(AbortedError);
    expect(item.runs).toBe(1);
  });
});

describe('measureOperations', () => {
  const operation = (
    name: string,
    log: string[],
    whileRunning: (n: number) => void = () => {},
  ): Operation => ({
    name,
    sizes: [1, 2],
    prepare: async () => {
      log.push(`${name} prepared`);
      return {
        cases: (n) => [
          claims('wasm', [1], {
            op: name,
            n,
            run: async () => {
              whileRunning(n);
              return 1;
            },
          }),
        ],
        release: () => {
          log.push(`${name} released`);
        },
      };
    },
  });

  it('makes inputs in turn and lets go of them', async () => {
    const log: string[] = [];
    const { rows, interrupted } = await measureOperations(
      [operation('a', log), operation('b', log)],
      OPTIONS,
    );
    expect(log).toEqual(['a prepared', 'a released', 'b prepared', 'b released']);
    expect(rows.map(({ op, n }) => `${op}${n}`)).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(interrupted).toBe(false);
  });

  it('keeps whole sizes when it is interrupted', async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const stop = (n: number): void => {
      if (n === 2) controller.abort();
    };
    const { rows, interrupted } = await measureOperations([operation('a', log, stop), operation('b', log)], {
      ...OPTIONS,
      signal: controller.signal,
    });
    expect(rows.map(({ n }) => n)).toEqual([1]);
    expect(interrupted).toBe(true);
    expect(log).toEqual(['a prepared', 'a released']);
  });

  it('does not hide errors', async () => {
    const failing = operation('a', [], () => {
      throw new Error('broken');
    });
    await expect(measureOperations([failing], OPTIONS)).rejects.toThrow('broken');
  });
});
